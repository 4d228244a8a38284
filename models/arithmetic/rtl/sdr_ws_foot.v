// SPDX-License-Identifier: Apache-2.0
// Foot of a weight-stationary column: the accumulators of LINES outputs, of which one takes a partial
// sum a cycle. `first` starts a new output.
module sdr_ws_foot #(
    parameter LINES = 16,
    parameter ACC   = 40,
    parameter L     = $clog2(LINES)
) (
    input            clk,
    input            valid,
    input            first,
    input  [L-1:0]   line,
    input  [ACC-1:0] partial,
    output [ACC-1:0] acc  // of the line that was last added to
);
  reg [ACC-1:0] accumulators[0:LINES-1];
  reg [L-1:0] line_q;
  always @(posedge clk) begin
    line_q <= line;
    if (valid) accumulators[line] <= (accumulators[line] & {ACC{~first}}) + partial;
  end
  assign acc = accumulators[line_q];
endmodule
