// SPDX-License-Identifier: Apache-2.0
// Foot of a group's rows in a weight-stationary column of lean elements: one shift unit, which adds
// the group sum to the partial sum on its way to the next group's foot.
// Stages: group sum and flags; partial sum.
module sdr_ws_shift #(
    parameter S        = 11,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40
) (
    input                clk,
    input      [S-1:0]   group_sum,
    input      [FA-1:0]  flag_a,  // with the codes of the group's last row
    input      [FW-1:0]  flag_w,  // held beside them
    input      [ACC-1:0] partial_in,
    output reg [ACC-1:0] partial
);
  localparam D = $clog2(DISTANCE + 1);
  reg [FA-1:0] flag_a_q;
  reg [D-1:0] distance, distance_q;
  reg [S-1:0] sum_q;
  wire [ACC-1:0] shifted;
  shift_left #(.IN(S), .MAX(DISTANCE), .OUT(ACC)) shifter (
      .value(sum_q), .amount(distance_q), .shifted(shifted));
  always @(posedge clk) begin
    flag_a_q   <= flag_a;
    distance   <= flag_a_q + flag_w;
    sum_q      <= group_sum;
    distance_q <= distance;
    partial    <= partial_in + shifted;
  end
endmodule
