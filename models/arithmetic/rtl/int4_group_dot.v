// SPDX-License-Identifier: Apache-2.0
// INT4 dot unit for an FP16 scale a group: LANES products a cycle, a group of BEATS * LANES elements
// summed exactly, times both scales' significands, then FP32 from group to group.
// Stages: operand registers; tree, sum register; product with the scales, its register; term
// register; accumulator. Scales are positive. Left out: the path of integer operands.
module int4_group_dot #(
    parameter LANES = 16,
    parameter BEATS = 4
) (
    input                clk,
    input                begins,
    input                ends,
    input                first,
    input  [LANES*4-1:0] a,
    input  [LANES*4-1:0] w,
    input  [14:0]        scale_a,
    input  [14:0]        scale_w,
    output [31:0]        acc
);
  localparam S = 7 + $clog2(LANES * BEATS);  // codes -7..7
  reg [LANES*4-1:0] a_q, w_q;
  reg [14:0] scale_a_q, scale_w_q;
  reg begins_q, ends_q, ends_qq, ends_qqq, first_q, first_qq, first_qqq;
  reg [S-1:0] sum_q;
  reg [21:0] factor_q;
  reg [6:0] exponent_q, exponent_qq;
  reg [S+20:0] scaled_q;
  reg sign_q;
  wire sign;
  wire [S-2:0] magnitude;
  wire [S-1:0] sum;
  wire [21:0] factor;
  wire [S+20:0] scaled;
  baugh_wooley_sum #(.LANES(LANES), .A(4), .B(4), .W(S)) tree (
      .a(a_q), .b(w_q), .addend(sum_q & {S{~begins_q}}), .sum(sum));
  unsigned_product #(.A(11), .B(11)) factors (
      .a({|scale_a_q[14:10], scale_a_q[9:0]}), .b({|scale_w_q[14:10], scale_w_q[9:0]}), .product(factor));
  magnitude_of #(.M(S - 1)) absolute (.value(sum_q), .sign(sign), .magnitude(magnitude));
  unsigned_product #(.A(22), .B(S - 1)) scale (.a(factor_q), .b(magnitude), .product(scaled));
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
    if (ends_q) begin
      factor_q   <= factor;
      // A field of 0 counts as 1; -25 each to the lowest bit.
      exponent_q <= {2'b0, scale_a_q[14:10]} + {6'b0, ~|scale_a_q[14:10]} + {2'b0, scale_w_q[14:10]}
          + {6'b0, ~|scale_w_q[14:10]} - 7'd50;
    end
    ends_qqq  <= ends_qq;
    if (ends_qq) begin
      scaled_q    <= scaled;
      sign_q      <= sign;
      exponent_qq <= exponent_q;
      first_qqq   <= first_qq;
    end
  end
  fp32_accumulator #(.M(S + 21), .E(7)) back (
      .clk(clk), .ends(ends_qqq), .first(first_qqq), .sign(sign_q), .magnitude(scaled_q),
      .exponent(exponent_qq), .acc(acc));
endmodule
