// SPDX-License-Identifier: Apache-2.0
// Output-stationary array of ROWS x COLS SDR dot units. A row's activations enter at the left edge and
// move one element right a cycle, a column's weights at the top and one down; `first` (start of a new
// output) travels with the weights. The caller delays row r by r and column c by c cycles, so that
// element (r, c) meets both operands of beat t in cycle t + r + c.
//
// The registers that pass operands on hold what the operand registers inside the units hold; synthesis
// merges the two.
module sdr_array #(
    parameter ROWS     = 4,
    parameter COLS     = 4,
    parameter LANES    = 16,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40
) (
    input                         clk,
    input  [COLS-1:0]             first,
    input  [ROWS*LANES*4-1:0]     a,
    input  [ROWS*FA-1:0]          flag_a,
    input  [COLS*LANES*4-1:0]     w,
    input  [COLS*FW-1:0]          flag_w,
    output [ROWS*COLS*ACC-1:0]    acc
);
  localparam AW = LANES * 4 + FA;      // an activation beat with its flag
  localparam WW = LANES * 4 + FW + 1;  // a weight beat with its flag and `first`
  genvar r, c;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : rows
      for (c = 0; c < COLS; c = c + 1) begin : cols
        wire [AW-1:0] from_left;
        wire [WW-1:0] from_above;
        reg [AW-1:0] to_right;
        reg [WW-1:0] to_below;
        if (c == 0) assign from_left = {flag_a[r*FA+:FA], a[r*LANES*4+:LANES*4]};
        else assign from_left = rows[r].cols[c-1].to_right;
        if (r == 0) assign from_above = {first[c], flag_w[c*FW+:FW], w[c*LANES*4+:LANES*4]};
        else assign from_above = rows[r-1].cols[c].to_below;
        always @(posedge clk) begin
          to_right <= from_left;
          to_below <= from_above;
        end
        sdr_dot #(.LANES(LANES), .FA(FA), .FW(FW), .DISTANCE(DISTANCE), .ACC(ACC)) element (
            .clk(clk),
            .first(from_above[WW-1]),
            .a(from_left[LANES*4-1:0]),
            .w(from_above[LANES*4-1:0]),
            .flag_a(from_left[AW-1-:FA]),
            .flag_w(from_above[WW-2-:FW]),
            .acc(acc[(r*COLS+c)*ACC+:ACC]));
      end
    end
  endgenerate
endmodule
