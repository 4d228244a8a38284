// SPDX-License-Identifier: Apache-2.0
// Small arrays of models/arithmetic/rtl for each dataflow, ragged on purpose; lean elements with more
// rows than a group has elements, with a ragged block left over, with fewer and with one. Ports are
// packed so that all are wide; the test names the fields' places.
module rtl_stationary_bench (
    input          clk,
    input  [319:0] os_in,
    output [479:0] os_acc,       // 4 x 3
    input  [319:0] ws_in,
    output [479:0] ws_partial,   // 4 x 3
    input  [95:0]  ws_foot_in,
    output [119:0] ws_acc,
    input  [319:0] lean16_in,
    output [239:0] lean16_partial,  // 2 x 3
    input  [95:0]  lean16_foot_in,
    output [119:0] lean16_acc,
    input  [319:0] lean13_in,
    output [119:0] lean13_partial,
    input  [95:0]  lean13_foot_in,
    output [119:0] lean13_acc,
    input  [319:0] lean5_in,
    output [119:0] lean5_partial,
    input  [95:0]  lean5_foot_in,
    output [119:0] lean5_acc,
    input  [319:0] lean1_in,
    output [119:0] lean1_partial,
    input  [95:0]  lean1_foot_in,
    output [119:0] lean1_acc
);
  sdr_array #(.ROWS(4), .COLS(3), .LANES(8)) os (
      .clk(clk), .first(os_in[2:0]), .a(os_in[32+:128]), .flag_a(os_in[160+:16]),
      .w(os_in[192+:96]), .flag_w(os_in[288+:9]), .acc(os_acc));
  sdr_ws_array #(.ROWS(4), .COLS(3), .LANES(8)) ws (
      .clk(clk), .load(ws_in[2:0]), .first(ws_in[8+:3]), .take(ws_in[16+:4]),
      .a(ws_in[32+:128]), .flag_a(ws_in[160+:16]), .words(ws_in[192+:105]),
      .partial(ws_partial));
  feet ws_feet (.clk(clk), .in(ws_foot_in), .partial(ws_partial[360+:120]), .acc(ws_acc));
  sdr_ws_lean_array #(.ROWS(16), .COLS(3), .GROUP(8)) lean16 (
      .clk(clk), .load(lean16_in[2:0]), .first(lean16_in[8+:3]), .take(lean16_in[16+:16]),
      .a(lean16_in[32+:64]), .flag_a(lean16_in[160+:8]), .words(lean16_in[192+:21]),
      .partial(lean16_partial));
  feet lean16_feet (.clk(clk), .in(lean16_foot_in), .partial(lean16_partial[120+:120]),
      .acc(lean16_acc));
  sdr_ws_lean_array #(.ROWS(13), .COLS(3), .GROUP(8)) lean13 (
      .clk(clk), .load(lean13_in[2:0]), .first(lean13_in[8+:3]), .take(lean13_in[16+:13]),
      .a(lean13_in[32+:52]), .flag_a(lean13_in[160+:4]), .words(lean13_in[192+:21]),
      .partial(lean13_partial));
  feet lean13_feet (.clk(clk), .in(lean13_foot_in), .partial(lean13_partial[0+:120]),
      .acc(lean13_acc));
  sdr_ws_lean_array #(.ROWS(5), .COLS(3), .GROUP(8)) lean5 (
      .clk(clk), .load(lean5_in[2:0]), .first(lean5_in[8+:3]), .take(lean5_in[16+:5]),
      .a(lean5_in[32+:20]), .flag_a(lean5_in[160+:4]), .words(lean5_in[192+:21]),
      .partial(lean5_partial));
  feet lean5_feet (.clk(clk), .in(lean5_foot_in), .partial(lean5_partial[0+:120]),
      .acc(lean5_acc));
  sdr_ws_lean_array #(.ROWS(1), .COLS(3), .GROUP(8)) lean1 (
      .clk(clk), .load(lean1_in[2:0]), .first(lean1_in[8+:3]), .take(lean1_in[16+:1]),
      .a(lean1_in[32+:4]), .flag_a(lean1_in[160+:4]), .words(lean1_in[192+:21]),
      .partial(lean1_partial));
  feet lean1_feet (.clk(clk), .in(lean1_foot_in), .partial(lean1_partial[0+:120]),
      .acc(lean1_acc));
endmodule

// The accumulators at the feet of three columns.
module feet (
    input          clk,
    input  [95:0]  in,
    input  [119:0] partial,
    output [119:0] acc
);
  genvar c;
  generate
    for (c = 0; c < 3; c = c + 1) begin : columns
      sdr_ws_foot foot (
          .clk(clk), .valid(in[c*8]), .first(in[c*8+1]), .line(in[c*8+4+:4]),
          .partial(partial[c*40+:40]), .acc(acc[c*40+:40]));
    end
  endgenerate
endmodule
