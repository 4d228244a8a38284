// SPDX-License-Identifier: Apache-2.0
// One column of an output-stationary array of lean elements: ROWS elements, each with its group sum
// only, over one foot (sdr_column.v) with the shift unit and the ROWS wide accumulators.
//
// Weights move down one element a cycle, with `begins`, `ends` and `first` of their group; activations
// come from the left, row r by r cycles later. So row r ends a group r cycles after row 0, and with
// ROWS <= GROUP no two rows end one in the same cycle: their sums share one bus to the foot.
module sdr_lean_column #(
    parameter ROWS     = 4,
    parameter GROUP    = 16,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40,
    parameter R        = $clog2(ROWS)
) (
    input               clk,
    input               begins,
    input               ends,
    input               first,   // of the group: the first of an output
    input  [ROWS*4-1:0] a,
    input  [ROWS*FA-1:0] flag_a, // of the group, valid while its last product enters
    input  [3:0]        w,
    input  [FW-1:0]     flag_w,  // likewise
    output [R-1:0]      row,     // whose accumulator `acc` shows
    output              updated, // `acc` was added to at the last edge
    output [ACC-1:0]    acc
);
  localparam S = 7 + $clog2(GROUP);
  localparam WW = 4 + FW + 3;
  localparam BUS = 1 + R + 1 + FA + FW + S;  // valid, row, first, flags, group sum
  wire [WW-1:0] from_above[0:ROWS];
  wire [BUS-1:0] bus[0:ROWS];
  assign from_above[0] = {first, ends, begins, flag_w, w};
  assign bus[0] = {BUS{1'b0}};
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : rows
      reg [WW-1:0] to_below;
      // What the element's group sum is of: one register behind its operands, as the sum is.
      reg ended, ended_q, first_q, first_qq;
      reg [FA-1:0] flag_a_q, flag_a_qq;
      reg [FW-1:0] flag_w_q, flag_w_qq;
      wire [S-1:0] group_sum;
      sdr_lean #(.GROUP(GROUP), .S(S)) element (
          .clk(clk), .begins(from_above[r][4+FW]), .a(a[r*4+:4]), .w(from_above[r][3:0]),
          .group_sum(group_sum));
      always @(posedge clk) begin
        to_below  <= from_above[r];
        ended     <= from_above[r][5+FW];
        first_q   <= from_above[r][6+FW];
        flag_a_q  <= flag_a[r*FA+:FA];
        flag_w_q  <= from_above[r][4+:FW];
        ended_q   <= ended;
        first_qq  <= first_q;
        flag_a_qq <= flag_a_q;
        flag_w_qq <= flag_w_q;
      end
      localparam [R-1:0] INDEX = r;
      assign from_above[r+1] = to_below;
      assign bus[r+1] = bus[r] |
          ({1'b1, INDEX, first_qq, flag_a_qq, flag_w_qq, group_sum} & {BUS{ended_q}});
    end
  endgenerate
  wire valid, bus_first;
  wire [R-1:0] bus_row;
  wire [FA-1:0] bus_flag_a;
  wire [FW-1:0] bus_flag_w;
  wire [S-1:0] bus_sum;
  assign {valid, bus_row, bus_first, bus_flag_a, bus_flag_w, bus_sum} = bus[ROWS];
  reg valid_q, valid_qq;
  reg [R-1:0] row_q, row_qq;
  always @(posedge clk) begin
    valid_q  <= valid;
    valid_qq <= valid_q;
    row_q    <= bus_row;
    row_qq   <= row_q;
  end
  // Without a row at its end the bus is zero, and adding nothing to row 0 leaves it as it is.
  sdr_column #(.ROWS(ROWS), .S(S), .FA(FA), .FW(FW), .DISTANCE(DISTANCE), .ACC(ACC), .R(R)) foot (
      .clk(clk), .first(bus_first), .row(bus_row), .group_sum(bus_sum), .flag_a(bus_flag_a),
      .flag_w(bus_flag_w), .acc(acc));
  assign row = row_qq;
  assign updated = valid_qq;
endmodule
