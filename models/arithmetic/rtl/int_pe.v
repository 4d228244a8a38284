// SPDX-License-Identifier: Apache-2.0
// Scalar integer element: one signed multiply-accumulate a cycle, the product's rows and the
// accumulator in one carry-save tree. Stages: operand registers; accumulator.
module int_pe #(
    parameter A   = 8,
    parameter B   = 8,
    parameter ACC = 32
) (
    input                clk,
    input                first,
    input      [A-1:0]   a,
    input      [B-1:0]   w,
    output reg [ACC-1:0] acc
);
  reg [A-1:0] a_q;
  reg [B-1:0] w_q;
  reg first_q;
  wire [ACC-1:0] sum;
  baugh_wooley_sum #(.LANES(1), .A(A), .B(B), .W(ACC)) multiplier (
      .a(a_q), .b(w_q), .addend(acc & {ACC{~first_q}}), .sum(sum));
  always @(posedge clk) begin
    a_q     <= a;
    w_q     <= w;
    first_q <= first;
    acc     <= sum;
  end
endmodule
