// SPDX-License-Identifier: Apache-2.0
// Lean SDR element: one multiplier and the group sum; shifter and wide accumulator sit at the column
// (sdr_column.v). `begins` marks the first product of a group. Stages: operand registers; group sum.
module sdr_lean #(
    parameter GROUP = 16,
    parameter A     = 3,
    parameter B     = 3,
    parameter S     = A + B + 1 + $clog2(GROUP)
) (
    input              clk,
    input              begins,
    input      [A:0]   a,
    input      [B:0]   w,
    output reg [S-1:0] group_sum
);
  reg [A:0] a_q;
  reg [B:0] w_q;
  reg begins_q;
  wire [S-1:0] sum;
  sign_magnitude_sum #(.LANES(1), .A(A), .B(B), .W(S)) multiplier (
      .a(a_q), .b(w_q), .addend(group_sum & {S{~begins_q}}), .sum(sum));
  always @(posedge clk) begin
    a_q       <= a;
    w_q       <= w;
    begins_q  <= begins;
    group_sum <= sum;
  end
endmodule
