// SPDX-License-Identifier: Apache-2.0
// +-magnitude * 2^exponent as FP32, to nearest even. Left out: results below 2^-126 become zero, results
// beyond FP32's largest are not defined.
module to_fp32 #(
    parameter M = 13,  // bits of the magnitude
    parameter E = 10   // bits of the signed exponent
) (
    input          sign,
    input  [M-1:0] magnitude,
    input  [E-1:0] exponent,
    output [31:0]  result
);
  localparam S = $clog2(M);
  localparam F = M > 24 ? M : 24;
  localparam X = E + 1 < 10 ? 10 : E + 1;
  // The leading one moves to the top, largest step first.
  wire [M-1:0] stage[0:S];
  wire [S-1:0] moved;
  assign stage[S] = magnitude;
  genvar s;
  generate
    for (s = S - 1; s >= 0; s = s - 1) begin : normalise
      localparam STEP = (1 << s) < M ? 1 << s : M - 1;
      assign moved[s] = ~|stage[s+1][M-1:M-STEP];
      assign stage[s] = moved[s] ? stage[s+1] << STEP : stage[s+1];
    end
  endgenerate
  wire [F-1:0] fraction;
  wire [24:0] rounded;
  generate
    if (M > 24) begin : rounds
      assign fraction = stage[0];
      wire half = fraction[F-25];
      wire rest;
      if (F > 25) assign rest = |fraction[F-26:0];
      else assign rest = 1'b0;
      assign rounded = {1'b0, fraction[F-1:F-24]} + {24'b0, half & (rest | fraction[F-24])};
    end else begin : exact
      assign fraction = {stage[0], {(24 - M) {1'b0}}};
      assign rounded = {1'b0, fraction};
    end
  endgenerate
  // Bias and the place of the leading one; a carry out of rounding leaves a fraction of zeros. Both exponents at
  // once, so that this carry, the last to come, only chooses.
  wire [X-1:0] extended = {{(X - E) {exponent[E-1]}}, exponent};
  wire [X-1:0] kept = extended + (127 + M - 1) - {{(X - S) {1'b0}}, moved};
  wire [X-1:0] carried = extended + {{(X - S) {1'b1}}, ~moved} + (127 + M + 1);
  wire kept_zero = kept[X-1] | ~|kept;
  wire carried_zero = carried[X-1] | ~|carried;
  wire zero = ~stage[0][M-1] | (rounded[24] ? carried_zero : kept_zero);
  wire [7:0] field = rounded[24] ? carried[7:0] : kept[7:0];
  assign result = zero ? 32'b0 : {sign, field, rounded[22:0]};
endmodule

// Sign and magnitude of a two's complement number; -2^M does not occur.
module magnitude_of #(
    parameter M = 13
) (
    input  [M:0]   value,
    output         sign,
    output [M-1:0] magnitude
);
  assign sign = value[M];
  assign magnitude = (value[M-1:0] ^ {M{sign}}) + {{(M - 1) {1'b0}}, sign};
endmodule
