// SPDX-License-Identifier: Apache-2.0
// a + b in FP32, to nearest even. Left out, as in to_fp32: subnormals (flushed to zero), infinities.
module fp32_add (
    input  [31:0] a,
    input  [31:0] b,
    output [31:0] sum
);
  wire swap = a[30:0] < b[30:0];
  wire [31:0] more = swap ? b : a;
  wire [31:0] less = swap ? a : b;
  wire [23:0] more_significand = {|more[30:23], more[22:0] & {23{|more[30:23]}}};
  wire [23:0] less_significand = {|less[30:23], less[22:0] & {23{|less[30:23]}}};
  // Both differences at once, so that the comparison above costs no time.
  wire [7:0] ahead = a[30:23] - b[30:23];
  wire [7:0] behind = b[30:23] - a[30:23];
  wire [7:0] distance = swap ? behind : ahead;

  // Aligned with two bits below the last and a third for all that is shifted out.
  wire [26:0] aligned[0:5];
  assign aligned[0] = {less_significand, 3'b0};
  genvar s;
  generate
    for (s = 0; s < 5; s = s + 1) begin : align
      wire lost = |aligned[s][(1<<s)-1:0];
      wire [26:0] moved = (aligned[s] >> (1 << s)) | {26'b0, lost};
      assign aligned[s+1] = distance[s] ? moved : aligned[s];
    end
  endgenerate
  wire far = |distance[7:5];
  wire [26:0] addend = far ? {26'b0, |less_significand} : aligned[5];

  wire subtract = more[31] ^ less[31];
  wire [27:0] total = {1'b0, more_significand, 3'b0} + ({1'b0, addend} ^ {28{subtract}}) + {27'b0, subtract};

  // A carry goes one to the right, cancelled bits to the left.
  wire [27:0] stage[0:5];
  wire [4:0] moved;
  assign stage[5] = total;
  generate
    for (s = 4; s >= 0; s = s - 1) begin : normalise
      assign moved[s] = ~|stage[s+1][27:28-(1<<s)];
      assign stage[s] = moved[s] ? stage[s+1] << (1 << s) : stage[s+1];
    end
  endgenerate
  // stage[0] has its leading one at bit 27: 24 bits of significand, a half, and three bits of rest.
  wire [27:0] normal = stage[0];
  wire up = normal[3] & (|normal[2:0] | normal[4]);
  wire [24:0] rounded = {1'b0, normal[27:4]} + {24'b0, up};
  // Both exponents at once, so that the carry of rounding, the last to come, only chooses.
  wire [9:0] kept = {2'b0, more[30:23]} + 10'd1 - {5'b0, moved};
  wire [9:0] carried = {2'b0, more[30:23]} + {5'h1f, ~moved} + 10'd3;
  wire kept_zero = kept[9] | ~|kept;
  wire carried_zero = carried[9] | ~|carried;
  wire zero = ~normal[27] | (rounded[24] ? carried_zero : kept_zero);
  wire [7:0] field = rounded[24] ? carried[7:0] : kept[7:0];
  assign sum = zero ? 32'b0 : {more[31], field, rounded[22:0]};
endmodule
