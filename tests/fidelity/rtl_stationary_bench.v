// SPDX-License-Identifier: Apache-2.0
// Small arrays of models/arithmetic/rtl for each dataflow, ragged on purpose. Ports are packed so that
// all are wide; the test names the fields' places.
module rtl_stationary_bench (
    input          clk,
    input  [319:0] os_in,
    output [479:0] os_acc,       // 4 x 3
    input  [319:0] ws_in,
    output [479:0] ws_partial,   // 4 x 3
    input  [319:0] lean_in,
    output [239:0] lean_partial, // 2 x 3
    input  [95:0]  ws_foot_in,
    output [119:0] ws_acc,
    input  [95:0]  lean_foot_in,
    output [119:0] lean_acc
);
  sdr_array #(.ROWS(4), .COLS(3), .LANES(8)) os (
      .clk(clk), .first(os_in[2:0]), .a(os_in[32+:128]), .flag_a(os_in[160+:16]),
      .w(os_in[192+:96]), .flag_w(os_in[288+:9]), .acc(os_acc));
  sdr_ws_array #(.ROWS(4), .COLS(3), .LANES(8)) ws (
      .clk(clk), .load(ws_in[2:0]), .first(ws_in[8+:3]), .take(ws_in[16+:4]),
      .a(ws_in[32+:128]), .flag_a(ws_in[160+:16]), .words(ws_in[192+:105]),
      .partial(ws_partial));
  sdr_ws_lean_array #(.BLOCKS(2), .COLS(3), .GROUP(8)) lean (
      .clk(clk), .load(lean_in[2:0]), .first(lean_in[8+:3]), .take(lean_in[16+:16]),
      .a(lean_in[32+:64]), .flag_a(lean_in[160+:8]), .words(lean_in[192+:21]),
      .partial(lean_partial));
  genvar c;
  generate
    for (c = 0; c < 3; c = c + 1) begin : feet
      sdr_ws_foot ws_foot (
          .clk(clk), .valid(ws_foot_in[c*8]), .first(ws_foot_in[c*8+1]),
          .line(ws_foot_in[c*8+4+:4]), .partial(ws_partial[(9+c)*40+:40]), .acc(ws_acc[c*40+:40]));
      sdr_ws_foot lean_foot (
          .clk(clk), .valid(lean_foot_in[c*8]), .first(lean_foot_in[c*8+1]),
          .line(lean_foot_in[c*8+4+:4]), .partial(lean_partial[(3+c)*40+:40]),
          .acc(lean_acc[c*40+:40]));
    end
  endgenerate
endmodule
