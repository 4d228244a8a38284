// SPDX-License-Identifier: Apache-2.0
// Integer dot unit: LANES signed products a cycle, one tree, one accumulator.
// Stages: operand registers; tree, sum register; accumulator. `first` starts a new output.
module int_dot #(
    parameter LANES = 16,
    parameter A     = 8,
    parameter B     = 8,
    parameter ACC   = 32
) (
    input                    clk,
    input                    first,
    input      [LANES*A-1:0] a,
    input      [LANES*B-1:0] w,
    output reg [ACC-1:0]     acc
);
  localparam S = A + B + $clog2(LANES);
  reg [LANES*A-1:0] a_q;
  reg [LANES*B-1:0] w_q;
  reg               first_q, first_qq;
  reg  [S-1:0]      sum_q;
  wire [S-1:0]      sum;
  baugh_wooley_sum #(.LANES(LANES), .A(A), .B(B), .W(S)) tree (
      .a(a_q), .b(w_q), .addend({S{1'b0}}), .sum(sum));
  always @(posedge clk) begin
    a_q      <= a;
    w_q      <= w;
    first_q  <= first;
    sum_q    <= sum;
    first_qq <= first_q;
    acc      <= (acc & {ACC{~first_qq}}) + {{(ACC - S) {sum_q[S-1]}}, sum_q};
  end
endmodule
