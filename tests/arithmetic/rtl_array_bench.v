// SPDX-License-Identifier: Apache-2.0
// Small arrays of models/arithmetic/rtl on one clock: ragged on purpose.
module rtl_array_bench (
    input          clk,
    input  [2:0]   first,
    input  [127:0] a,        // 4 rows of 8 codes
    input  [15:0]  flag_a,
    input  [95:0]  w,        // 3 columns of 8 codes
    input  [8:0]   flag_w,
    output [479:0] acc,

    input          lean_begins,
    input          lean_ends,
    input          lean_first,
    input  [19:0]  lean_a,   // 5 rows of one code
    input  [19:0]  lean_flag_a,
    input  [3:0]   lean_w,
    input  [2:0]   lean_flag_w,
    output [2:0]   lean_row,
    output         lean_updated,
    output [39:0]  lean_acc
);
  sdr_array #(.ROWS(4), .COLS(3), .LANES(8)) array (
      .clk(clk), .first(first), .a(a), .flag_a(flag_a), .w(w), .flag_w(flag_w), .acc(acc));
  sdr_lean_column #(.ROWS(5), .GROUP(16)) column (
      .clk(clk), .begins(lean_begins), .ends(lean_ends), .first(lean_first), .a(lean_a),
      .flag_a(lean_flag_a), .w(lean_w), .flag_w(lean_flag_w), .row(lean_row),
      .updated(lean_updated), .acc(lean_acc));
endmodule
