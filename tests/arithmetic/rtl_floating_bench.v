// SPDX-License-Identifier: Apache-2.0
// The units with FP32 accumulators side by side on one clock and the same operand buses.
module rtl_floating_bench (
    input          clk,
    input          begins,
    input          ends,
    input          first,
    input  [255:0] a,
    input  [255:0] w,
    input  [14:0]  scale_a,
    input  [14:0]  scale_w,
    output [31:0]  mxfp4,
    output [31:0]  nvfp4,
    output [31:0]  int4_group,
    output [31:0]  fp16
);
  fp4_dot #(.LANES(16), .BEATS(2), .SIGNIFICANDS(0)) mx (
      .clk(clk), .begins(begins), .ends(ends), .first(first), .a(a[63:0]), .w(w[63:0]),
      .scale_a(scale_a[7:0]), .scale_w(scale_w[7:0]), .acc(mxfp4));
  fp4_dot #(.LANES(16), .BEATS(1), .SIGNIFICANDS(1)) nv (
      .clk(clk), .begins(begins), .ends(ends), .first(first), .a(a[63:0]), .w(w[63:0]),
      .scale_a(scale_a[7:0]), .scale_w(scale_w[7:0]), .acc(nvfp4));
  int4_group_dot #(.LANES(16), .BEATS(4)) grouped (
      .clk(clk), .begins(begins), .ends(ends), .first(first), .a(a[63:0]), .w(w[63:0]),
      .scale_a(scale_a), .scale_w(scale_w), .acc(int4_group));
  fp16_dot #(.LANES(16)) half (.clk(clk), .first(first), .a(a), .w(w), .acc(fp16));
endmodule
