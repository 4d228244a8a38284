// SPDX-License-Identifier: Apache-2.0
// Which registers of a column take over the word above them while weights are shifted in. Words go
// down one row a cycle, the deepest first; a row moves only from the first word's arrival on, because
// below it words may still wait to go to work. `first` comes with a fold's first word.
module load_chain #(
    parameter ROWS = 4
) (
    input             clk,
    input             load,
    input             first,
    output [ROWS-1:0] enable
);
  reg [ROWS-1:0] started;
  wire [ROWS:0] reached = {started, 1'b1};
  wire [ROWS:0] moves = {{ROWS{~first}}, 1'b1};
  assign enable = {ROWS{load}} & reached[ROWS-1:0] & moves[ROWS-1:0];
  always @(posedge clk) started <= enable;
endmodule
