// SPDX-License-Identifier: Apache-2.0
// Weight-stationary array of lean SDR elements, ROWS x COLS. GROUP rows make a block, with one shift
// unit a column, whose partial sum goes straight to the next block's: so row r works r % BLOCK +
// r / BLOCK cycles behind row 0, and the caller delays it by that, the words of column c by c cycles.
// A block's activation flag enters with the code of its last row. Rows beyond the last whole block do
// not work. Fewer rows than a group has elements are one block: each fold is a part of a group, which
// is shifted by the whole group's flags; they come again with each part.
module sdr_ws_lean_array #(
    parameter ROWS     = 32,
    parameter COLS     = 4,
    parameter GROUP    = 16,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40,
    parameter BLOCK    = ROWS < GROUP ? ROWS : GROUP,
    parameter BLOCKS   = ROWS / BLOCK
) (
    input                          clk,
    input  [COLS-1:0]              load,
    input  [COLS-1:0]              first,  // word of a fold
    input  [COLS*(FW+4)-1:0]       words,  // flag and code
    input  [ROWS-1:0]              take,
    input  [ROWS*4-1:0]            a,
    input  [BLOCKS*FA-1:0]         flag_a,
    output [BLOCKS*COLS*ACC-1:0]   partial  // the last block's are the columns' sums
);
  localparam S = 7 + $clog2(GROUP);
  genvar r, c, b;
  generate
    for (c = 0; c < COLS; c = c + 1) begin : chains
      wire [ROWS-1:0] enable;
      load_chain #(.ROWS(ROWS)) chain (
          .clk(clk), .load(load[c]), .first(first[c]), .enable(enable));
    end
    for (r = 0; r < BLOCKS * BLOCK; r = r + 1) begin : rows
      for (c = 0; c < COLS; c = c + 1) begin : cols
        wire [4:0] from_left;
        wire [FW+3:0] from_above, shifted_in, held;
        wire [S-1:0] sum_in, group_sum;
        reg [4:0] to_right;
        if (c == 0) assign from_left = {take[r], a[r*4+:4]};
        else assign from_left = rows[r].cols[c-1].to_right;
        if (r == 0) assign from_above = words[c*(FW+4)+:FW+4];
        else assign from_above = rows[r-1].cols[c].shifted_in;
        if (r % BLOCK == 0) assign sum_in = {S{1'b0}};
        else assign sum_in = rows[r-1].cols[c].group_sum;
        always @(posedge clk) to_right <= from_left;
        sdr_ws_lean #(.S(S), .FW(FW)) element (
            .clk(clk), .load(chains[c].enable[r]), .from_above(from_above),
            .shifted_in(shifted_in), .take(from_left[4]), .a(from_left[3:0]), .sum_in(sum_in),
            .group_sum(group_sum), .held(held));
      end
    end
    for (b = 0; b < BLOCKS; b = b + 1) begin : feet
      for (c = 0; c < COLS; c = c + 1) begin : cols
        wire [FA-1:0] from_left;
        wire [ACC-1:0] partial_in;
        reg [FA-1:0] to_right;
        if (c == 0) assign from_left = flag_a[b*FA+:FA];
        else assign from_left = feet[b].cols[c-1].to_right;
        if (b == 0) assign partial_in = {ACC{1'b0}};
        else assign partial_in = partial[((b-1)*COLS+c)*ACC+:ACC];
        always @(posedge clk) to_right <= from_left;
        sdr_ws_shift #(.S(S), .FA(FA), .FW(FW), .DISTANCE(DISTANCE), .ACC(ACC)) foot (
            .clk(clk),
            .group_sum(rows[b*BLOCK+BLOCK-1].cols[c].group_sum),
            .flag_a(from_left),
            .flag_w(rows[b*BLOCK+BLOCK-1].cols[c].held[4+:FW]),
            .partial_in(partial_in),
            .partial(partial[(b*COLS+c)*ACC+:ACC]));
      end
    end
  endgenerate
endmodule
