// SPDX-License-Identifier: Apache-2.0
// Every arithmetic unit of models/arithmetic/rtl beside the others on one clock, all fed from the same
// operand buses, so that one Verilated model serves all tests.
module rtl_bench (
    input          clk,
    input          first,
    input          begins,
    input          ends,
    input  [3:0]   row,
    input  [3:0]   flag_a,
    input  [2:0]   flag_w,
    input  [10:0]  group_sum,
    input  [255:0] a,
    input  [127:0] w,
    input  [511:0] values,
    output [39:0]  sdr_dot16,
    output [39:0]  sdr_dot8,
    output [19:0]  sdr_dot16_narrow,
    output [39:0]  sdr_w4a8_dot16,
    output [39:0]  sdr_full16,
    output [10:0]  sdr_lean16,
    output [39:0]  sdr_column16,
    output [31:0]  int8_dot16,
    output [31:0]  int8_dot3,
    output [39:0]  int16x8_dot16,
    output [31:0]  int4_dot16,
    output [31:0]  int8_scalar,
    output [39:0]  int16x8_scalar,
    output [19:0]  int4_scalar,
    output [63:0]  razor16_codes,
    output [3:0]   razor16_flag,
    output [63:0]  razor8_codes,
    output [2:0]   razor8_flag,
    output [127:0] razor32_codes,
    output [3:0]   razor32_flag
);
  sdr_dot #(.LANES(16)) dot16 (.clk(clk), .first(first), .a(a[63:0]), .w(w[63:0]), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_dot16));
  sdr_dot #(.LANES(8)) dot8 (.clk(clk), .first(first), .a(a[31:0]), .w(w[31:0]), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_dot8));
  sdr_dot #(.LANES(16), .ACC(20)) dot_narrow (.clk(clk), .first(first), .a(a[63:0]), .w(w[63:0]), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_dot16_narrow));
  sdr_dot #(.LANES(16), .A(7), .DISTANCE(12)) dot16_w4a8 (.clk(clk), .first(first), .a(a[127:0]), .w(w[63:0]), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_w4a8_dot16));
  sdr_full #(.GROUP(16)) full16 (.clk(clk), .begins(begins), .ends(ends), .first(first), .a(a[3:0]), .w(w[3:0]), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_full16));
  sdr_lean #(.GROUP(16)) lean16 (.clk(clk), .begins(begins), .a(a[3:0]), .w(w[3:0]), .group_sum(sdr_lean16));
  sdr_column #(.ROWS(16)) column16 (.clk(clk), .first(first), .row(row), .group_sum(group_sum), .flag_a(flag_a), .flag_w(flag_w), .acc(sdr_column16));

  int_dot #(.LANES(16), .A(8), .B(8), .ACC(32)) i8dot (.clk(clk), .first(first), .a(a[127:0]), .w(w), .acc(int8_dot16));
  int_dot #(.LANES(3), .A(8), .B(8), .ACC(32)) i8dot3 (.clk(clk), .first(first), .a(a[23:0]), .w(w[23:0]), .acc(int8_dot3));
  int_dot #(.LANES(16), .A(16), .B(8), .ACC(40)) i16dot (.clk(clk), .first(first), .a(a), .w(w), .acc(int16x8_dot16));
  int_dot #(.LANES(16), .A(4), .B(4), .ACC(32)) i4dot (.clk(clk), .first(first), .a(a[63:0]), .w(w[63:0]), .acc(int4_dot16));
  int_pe #(.A(8), .B(8), .ACC(32)) i8pe (.clk(clk), .first(first), .a(a[7:0]), .w(w[7:0]), .acc(int8_scalar));
  int_pe #(.A(16), .B(8), .ACC(40)) i16pe (.clk(clk), .first(first), .a(a[15:0]), .w(w[7:0]), .acc(int16x8_scalar));
  int_pe #(.A(4), .B(4), .ACC(20)) i4pe (.clk(clk), .first(first), .a(a[3:0]), .w(w[3:0]), .acc(int4_scalar));

  razor_unit #(.GROUP(16), .BITS(16)) razor16 (.clk(clk), .values(values[255:0]), .codes(razor16_codes), .flag(razor16_flag));
  razor_unit #(.GROUP(16), .BITS(8)) razor8 (.clk(clk), .values(values[127:0]), .codes(razor8_codes), .flag(razor8_flag));
  razor_unit #(.GROUP(32), .BITS(16)) razor32 (.clk(clk), .values(values), .codes(razor32_codes), .flag(razor32_flag));
endmodule
