// SPDX-License-Identifier: Apache-2.0
// SDR dot unit: one group of LANES products a cycle, one tree, one flag adder, one barrel shifter, one
// accumulator. acc += (sum of the group) << (flag_a + flag_w).
// Stages: operand registers; tree and flag adder, sum register; shifter and accumulator.
module sdr_dot #(
    parameter LANES    = 16,
    parameter A        = 3,   // magnitude bits of an activation code
    parameter B        = 3,   // magnitude bits of a weight code
    parameter FA       = 4,   // bits of the activation's flag
    parameter FW       = 3,   // bits of the weight's flag
    parameter DISTANCE = 16,  // largest sum of two flags
    parameter ACC      = 40
) (
    input                        clk,
    input                        first,
    input      [LANES*(A+1)-1:0] a,
    input      [LANES*(B+1)-1:0] w,
    input      [FA-1:0]          flag_a,
    input      [FW-1:0]          flag_w,
    output reg [ACC-1:0]         acc
);
  localparam S = A + B + 1 + $clog2(LANES);
  localparam D = $clog2(DISTANCE + 1);
  reg [LANES*(A+1)-1:0] a_q;
  reg [LANES*(B+1)-1:0] w_q;
  reg [FA-1:0] flag_a_q;
  reg [FW-1:0] flag_w_q;
  reg [S-1:0] sum_q;
  reg [D-1:0] distance_q;
  reg first_q, first_qq;
  wire [S-1:0] sum;
  wire [ACC-1:0] shifted;
  sign_magnitude_sum #(.LANES(LANES), .A(A), .B(B), .W(S)) tree (
      .a(a_q), .b(w_q), .addend({S{1'b0}}), .sum(sum));
  shift_left #(.IN(S), .MAX(DISTANCE), .OUT(ACC)) shifter (
      .value(sum_q), .amount(distance_q), .shifted(shifted));
  always @(posedge clk) begin
    a_q        <= a;
    w_q        <= w;
    flag_a_q   <= flag_a;
    flag_w_q   <= flag_w;
    first_q    <= first;
    sum_q      <= sum;
    distance_q <= flag_a_q + flag_w_q;
    first_qq   <= first_q;
    acc        <= (acc & {ACC{~first_qq}}) + shifted;
  end
endmodule
