// SPDX-License-Identifier: Apache-2.0
// MXFP4 and NVFP4 dot unit: LANES products of E2M1 codes a cycle, a block of BEATS * LANES elements
// summed exactly, times both scales, then FP32 from block to block.
// Stages: operand registers; decoders and tree, sum register; [SIGNIFICANDS: product with the
// scales' significands, its register;] term register; accumulator. `begins` and `ends` mark a block's first and
// last beat, `first` (of the block) a new output. Left out: the path of integer operands.
module fp4_dot #(
    parameter LANES        = 16,
    parameter BEATS        = 2,
    parameter SIGNIFICANDS = 0  // 0: E8M0 scales (MXFP4), 1: E4M3 scales (NVFP4)
) (
    input                clk,
    input                begins,
    input                ends,
    input                first,
    input  [LANES*4-1:0] a,
    input  [LANES*4-1:0] w,
    input  [7:0]         scale_a,
    input  [7:0]         scale_w,
    output [31:0]        acc
);
  localparam S = 9 + $clog2(LANES * BEATS);
  reg [LANES*4-1:0] a_q, w_q;
  reg [7:0] scale_a_q, scale_w_q;
  reg begins_q, ends_q, ends_qq, first_q, first_qq;
  reg [S-1:0] sum_q;
  wire [S-1:0] sum;

  // Twice an element's value: 0 1 2 3 4 6 8 12.
  wire [LANES*5-1:0] a_fixed, w_fixed;
  genvar i;
  generate
    for (i = 0; i < LANES; i = i + 1) begin : decoders
      e2m1_fixed left (.code(a_q[4*i+:4]), .fixed(a_fixed[5*i+:5]));
      e2m1_fixed right (.code(w_q[4*i+:4]), .fixed(w_fixed[5*i+:5]));
    end
  endgenerate
  wire [S-1:0] before;
  generate
    if (BEATS > 1) assign before = sum_q & {S{~begins_q}};
    else assign before = {S{1'b0}};
  endgenerate
  sign_magnitude_sum #(.LANES(LANES), .A(4), .B(4), .W(S)) tree (
      .a(a_fixed), .b(w_fixed), .addend(before), .sum(sum));
  always @(posedge clk) begin
    a_q       <= a;
    w_q       <= w;
    scale_a_q <= scale_a;
    scale_w_q <= scale_w;
    begins_q  <= begins;
    ends_q    <= ends;
    first_q   <= first;
    sum_q     <= sum;
    ends_qq   <= ends_q;
    first_qq  <= first_q;
  end

  wire sign;
  wire [S-2:0] magnitude;
  magnitude_of #(.M(S - 1)) absolute (.value(sum_q), .sign(sign), .magnitude(magnitude));
  generate
    if (SIGNIFICANDS == 0) begin : powers
      reg [9:0] exponent_q;
      // Both biases, and both elements count double.
      always @(posedge clk) exponent_q <= {2'b0, scale_a_q} + {2'b0, scale_w_q} - 10'd256;
      fp32_accumulator #(.M(S - 1), .E(10)) back (
          .clk(clk), .ends(ends_qq), .first(first_qq), .sign(sign), .magnitude(magnitude),
          .exponent(exponent_q), .acc(acc));
    end else begin : significands
      reg [7:0] factor_q;
      reg [5:0] exponent_q, exponent_qq;
      reg [S+6:0] scaled_q;
      reg sign_q, ends_qqq, first_qqq;
      wire [3:0] left = {|scale_a_q[6:3], scale_a_q[2:0]};
      wire [3:0] right = {|scale_w_q[6:3], scale_w_q[2:0]};
      wire [7:0] factor;
      wire [S+6:0] scaled;
      unsigned_product #(.A(4), .B(4)) factors (.a(left), .b(right), .product(factor));
      unsigned_product #(.A(S - 1), .B(8)) scale (.a(magnitude), .b(factor_q), .product(scaled));
      always @(posedge clk) begin
        factor_q   <= factor;
        // A field of 0 counts as 1; -10 each to the lowest bit, -1 each for doubled elements.
        exponent_q <= {2'b0, scale_a_q[6:3]} + {5'b0, ~|scale_a_q[6:3]} + {2'b0, scale_w_q[6:3]}
            + {5'b0, ~|scale_w_q[6:3]} - 6'd22;
        // A register between multiplication and normalisation stops glitches there.
        scaled_q    <= scaled;
        sign_q      <= sign;
        exponent_qq <= exponent_q;
        ends_qqq    <= ends_qq;
        first_qqq   <= first_qq;
      end
      fp32_accumulator #(.M(S + 7), .E(6)) back (
          .clk(clk), .ends(ends_qqq), .first(first_qqq), .sign(sign_q), .magnitude(scaled_q),
          .exponent(exponent_qq), .acc(acc));
    end
  endgenerate
endmodule

// Sign and four magnitude bits of twice an E2M1 number.
module e2m1_fixed (
    input  [3:0] code,
    output [4:0] fixed
);
  wire e1 = code[2], e0 = code[1], m = code[0];
  assign fixed = {code[3], e1 & e0, e1 & (~e0 | m), (~e1 & e0) | (e1 & ~e0 & m), ~e1 & m};
endmodule
