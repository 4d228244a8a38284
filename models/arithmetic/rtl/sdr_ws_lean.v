// SPDX-License-Identifier: Apache-2.0
// Lean SDR element of a weight-stationary array: one held weight, one multiplier, and the group sum
// that moves down the rows of a group. Shifter and partial sum are at the group's foot.
// Stages: operand registers; group sum.
module sdr_ws_lean #(
    parameter S  = 11,
    parameter FW = 3
) (
    input               clk,
    input               load,
    input      [FW+3:0] from_above,
    output reg [FW+3:0] shifted_in,
    input               take,
    input      [3:0]    a,
    input      [S-1:0]  sum_in,
    output reg [S-1:0]  group_sum,
    output reg [FW+3:0] held  // flag and code; only the last row of a group uses the flag
);
  reg [3:0] a_q;
  wire [S-1:0] sum;
  sign_magnitude_sum #(.LANES(1), .W(S)) multiplier (
      .a(a_q), .b(held[3:0]), .addend(sum_in), .sum(sum));
  always @(posedge clk) begin
    if (load) shifted_in <= from_above;
    if (take) held <= shifted_in;
    a_q       <= a;
    group_sum <= sum;
  end
endmodule
