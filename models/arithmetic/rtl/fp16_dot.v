// SPDX-License-Identifier: Apache-2.0
// FP16 dot unit: LANES products of 11-bit significands a cycle, aligned to the largest exponent with
// GUARD bits below and the rest cut off, one tree, one rounding to FP32, an FP32 accumulator.
// Stages: operand registers; multipliers and largest exponent, product registers; alignment and
// tree, sum register; term register; accumulator.
module fp16_dot #(
    parameter LANES = 16,
    parameter GUARD = 1
) (
    input                 clk,
    input                 first,
    input  [LANES*16-1:0] a,
    input  [LANES*16-1:0] w,
    output [31:0]         acc
);
  localparam P = 22 + GUARD;
  localparam S = P + 1 + $clog2(LANES);
  localparam [S-1:0] CORRECTION = -(LANES << P);
  reg [LANES*16-1:0] a_q, w_q;
  reg [LANES*22-1:0] product_q;
  reg [LANES*6-1:0] exponent_q;
  reg [LANES-1:0] sign_q;
  reg [5:0] largest_q, largest_qq;
  reg [S-1:0] sum_q;
  reg first_q, first_qq, first_qqq;
  wire [LANES*22-1:0] products;
  wire [LANES*6-1:0] exponents;
  wire [LANES-1:0] signs;
  wire [S-1:0] partial[0:LANES];
  assign partial[0] = CORRECTION;
  genvar i;
  generate
    for (i = 0; i < LANES; i = i + 1) begin : lanes
      wire [15:0] x = a_q[16*i+:16];
      wire [15:0] y = w_q[16*i+:16];
      wire [10:0] left = {|x[14:10], x[9:0]};
      wire [10:0] right = {|y[14:10], y[9:0]};
      unsigned_product #(.A(11), .B(11)) multiply (.a(left), .b(right), .product(products[22*i+:22]));
      wire [5:0] exponent = {1'b0, x[14:10]} + {5'b0, ~|x[14:10]} + {1'b0, y[14:10]} + {5'b0, ~|y[14:10]};
      wire some = (|left) & (|right);
      assign exponents[6*i+:6] = exponent & {6{some}};
      assign signs[i] = (x[15] ^ y[15]) & some;

      wire [5:0] distance = largest_q - exponent_q[6*i+:6];
      wire [P-1:0] moved = {product_q[22*i+:22], {GUARD{1'b0}}} >> distance[4:0];
      wire [P-1:0] aligned = moved & {P{~distance[5]}};
      wire [P:0] folded = {~sign_q[i], aligned ^ {P{sign_q[i]}}};
      assign partial[i+1] = partial[i] + {{(S - P - 1) {1'b0}}, folded} + {{(S - 1) {1'b0}}, sign_q[i]};
    end
  endgenerate
  wire [5:0] largest;
  largest_of #(.COUNT(LANES)) maximum (.values(exponents), .largest(largest));
  always @(posedge clk) begin
    a_q        <= a;
    w_q        <= w;
    first_q    <= first;
    product_q  <= products;
    exponent_q <= exponents;
    sign_q     <= signs;
    largest_q  <= largest;
    first_qq   <= first_q;
    sum_q      <= partial[LANES];
    largest_qq <= largest_q;
    first_qqq  <= first_qq;
  end
  wire sign;
  wire [S-2:0] magnitude;
  magnitude_of #(.M(S - 1)) absolute (.value(sum_q), .sign(sign), .magnitude(magnitude));
  fp32_accumulator #(.M(S - 1), .E(8)) back (
      .clk(clk), .ends(1'b1), .first(first_qqq), .sign(sign), .magnitude(magnitude),
      .exponent({2'b0, largest_qq} - (8'd50 + GUARD)), .acc(acc));
endmodule

// Largest of COUNT numbers of 6 bits, COUNT a power of two.
module largest_of #(
    parameter COUNT = 16
) (
    input  [COUNT*6-1:0] values,
    output [5:0]         largest
);
  generate
    if (COUNT == 1) assign largest = values;
    else begin : halves
      wire [5:0] low, high;
      largest_of #(.COUNT(COUNT / 2)) lower (.values(values[COUNT*3-1:0]), .largest(low));
      largest_of #(.COUNT(COUNT / 2)) upper (.values(values[COUNT*6-1:COUNT*3]), .largest(high));
      assign largest = low > high ? low : high;
    end
  endgenerate
endmodule
