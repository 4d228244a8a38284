// SPDX-License-Identifier: Apache-2.0
// SDR dot unit of a weight-stationary array: holds one group of LANES weights and adds its shifted
// group sum to the partial sum that passes. partial <= partial_in + ((sum of the group) << flags).
// The next group is shifted in beside the one at work (`load`) and takes its place with `take`, which
// comes with the first activations it is for.
// Stages: operand registers; tree and flag adder, sum register; shifter, partial sum.
module sdr_ws_dot #(
    parameter LANES    = 16,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40
) (
    input                        clk,
    input                        load,
    input      [LANES*4+FW-1:0]  from_above,
    output reg [LANES*4+FW-1:0]  shifted_in,
    input                        take,
    input      [LANES*4-1:0]     a,
    input      [FA-1:0]          flag_a,
    input      [ACC-1:0]         partial_in,
    output reg [ACC-1:0]         partial
);
  localparam S = 7 + $clog2(LANES);
  localparam D = $clog2(DISTANCE + 1);
  reg [LANES*4+FW-1:0] held;
  reg [LANES*4-1:0] a_q;
  reg [FA-1:0] flag_a_q;
  reg [S-1:0] sum_q;
  reg [D-1:0] distance_q;
  wire [S-1:0] sum;
  wire [ACC-1:0] shifted;
  sign_magnitude_sum #(.LANES(LANES), .W(S)) tree (
      .a(a_q), .b(held[LANES*4-1:0]), .addend({S{1'b0}}), .sum(sum));
  shift_left #(.IN(S), .MAX(DISTANCE), .OUT(ACC)) shifter (
      .value(sum_q), .amount(distance_q), .shifted(shifted));
  always @(posedge clk) begin
    if (load) shifted_in <= from_above;
    if (take) held <= shifted_in;
    a_q        <= a;
    flag_a_q   <= flag_a;
    sum_q      <= sum;
    distance_q <= flag_a_q + held[LANES*4+:FW];
    partial    <= partial_in + shifted;
  end
endmodule
