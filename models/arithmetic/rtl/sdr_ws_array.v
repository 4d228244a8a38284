// SPDX-License-Identifier: Apache-2.0
// Weight-stationary array of ROWS x COLS SDR dot units: K along the rows, a group an element. Input
// stationary is the same array with the operands exchanged. A row's activations enter at the left
// edge and move one element right a cycle; partial sums move down and leave at each column's foot.
// The caller delays row r by r cycles, and the words of column c by c cycles, so that a fold's first
// activations meet the words that were shifted in for them.
module sdr_ws_array #(
    parameter ROWS     = 4,
    parameter COLS     = 4,
    parameter LANES    = 16,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40
) (
    input                               clk,
    input  [COLS-1:0]                   load,
    input  [COLS-1:0]                   first,  // word of a fold
    input  [COLS*(LANES*4+FW)-1:0]      words,  // flag and codes
    input  [ROWS-1:0]                   take,
    input  [ROWS*LANES*4-1:0]           a,
    input  [ROWS*FA-1:0]                flag_a,
    output [ROWS*COLS*ACC-1:0]          partial  // the last row's are the columns' sums
);
  localparam AW = LANES * 4 + FA + 1;  // activations with their flag and `take`
  localparam WW = LANES * 4 + FW;
  genvar r, c;
  generate
    for (c = 0; c < COLS; c = c + 1) begin : chains
      wire [ROWS-1:0] enable;
      load_chain #(.ROWS(ROWS)) chain (
          .clk(clk), .load(load[c]), .first(first[c]), .enable(enable));
    end
    for (r = 0; r < ROWS; r = r + 1) begin : rows
      for (c = 0; c < COLS; c = c + 1) begin : cols
        wire [AW-1:0] from_left;
        wire [WW-1:0] from_above, shifted_in;
        wire [ACC-1:0] partial_in;
        reg [AW-1:0] to_right;
        if (c == 0) assign from_left = {take[r], flag_a[r*FA+:FA], a[r*LANES*4+:LANES*4]};
        else assign from_left = rows[r].cols[c-1].to_right;
        if (r == 0) begin : top
          assign from_above = words[c*WW+:WW];
          assign partial_in = {ACC{1'b0}};
        end else begin : below
          assign from_above = rows[r-1].cols[c].shifted_in;
          assign partial_in = partial[((r-1)*COLS+c)*ACC+:ACC];
        end
        always @(posedge clk) to_right <= from_left;
        sdr_ws_dot #(.LANES(LANES), .FA(FA), .FW(FW), .DISTANCE(DISTANCE), .ACC(ACC)) element (
            .clk(clk),
            .load(chains[c].enable[r]),
            .from_above(from_above),
            .shifted_in(shifted_in),
            .take(from_left[AW-1]),
            .a(from_left[LANES*4-1:0]),
            .flag_a(from_left[LANES*4+:FA]),
            .partial_in(partial_in),
            .partial(partial[(r*COLS+c)*ACC+:ACC]));
      end
    end
  endgenerate
endmodule
