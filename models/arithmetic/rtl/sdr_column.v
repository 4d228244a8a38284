// SPDX-License-Identifier: Apache-2.0
// Foot of a column of lean elements: one shift unit and the wide accumulators of ROWS outputs, of which
// one is updated a cycle. ROWS rows end a group every `group` cycles, so one unit serves ROWS <= group.
// Stages: group sum and flags; accumulator `row`.
module sdr_column #(
    parameter ROWS     = 16,
    parameter S        = 11,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40,
    parameter R        = $clog2(ROWS)
) (
    input            clk,
    input            first,
    input  [R-1:0]   row,
    input  [S-1:0]   group_sum,
    input  [FA-1:0]  flag_a,
    input  [FW-1:0]  flag_w,
    output [ACC-1:0] acc
);
  localparam D = $clog2(DISTANCE + 1);
  reg [S-1:0] sum_q;
  reg [D-1:0] distance_q;
  reg [R-1:0] row_q, row_qq;
  reg first_q;
  reg [ACC-1:0] accumulators[0:ROWS-1];
  wire [ACC-1:0] shifted;
  shift_left #(.IN(S), .MAX(DISTANCE), .OUT(ACC)) shifter (
      .value(sum_q), .amount(distance_q), .shifted(shifted));
  always @(posedge clk) begin
    sum_q      <= group_sum;
    distance_q <= flag_a + flag_w;
    row_q      <= row;
    row_qq     <= row_q;
    first_q    <= first;
    accumulators[row_q] <= (accumulators[row_q] & {ACC{~first_q}}) + shifted;
  end
  assign acc = accumulators[row_qq];
endmodule
