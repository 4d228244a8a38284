// SPDX-License-Identifier: Apache-2.0
// Sum of LANES signed products as partial-product rows after Baugh and Wooley: every row is unsigned,
// so nothing is sign-extended, and the constants of all lanes are added once. Written out because
// synthesis of a plain `*` yields half as much area again and far more glitches.
//
//   a * b = sum of rows + 2^(A-1) + 2^(B-1) - 2^(A+B-1), rows with one sign bit complemented
//
// All rows are added in one chain of one width, which synthesis turns into a single carry-save tree.
module baugh_wooley_sum #(
    parameter LANES = 16,
    parameter A     = 8,
    parameter B     = 8,
    parameter W     = A + B + $clog2(LANES)
) (
    input  [LANES*A-1:0] a,
    input  [LANES*B-1:0] b,
    input  [W-1:0]       addend,
    output [W-1:0]       sum
);
  localparam [W-1:0] CORRECTION = LANES * ((1 << (A - 1)) + (1 << (B - 1)) - (1 << (A + B - 1)));
  wire [W-1:0] partial[0:LANES*B];
  assign partial[0] = addend + CORRECTION;
  genvar lane, row, bit;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      for (row = 0; row < B; row = row + 1) begin : rows
        wire [A-1:0] products;
        for (bit = 0; bit < A; bit = bit + 1) begin : bits
          // Exactly one of the two is a sign bit: the product carries a negative weight.
          assign products[bit] = (a[lane*A+bit] & b[lane*B+row]) ^ ((bit == A - 1) != (row == B - 1));
        end
        wire [W-1:0] shifted = {{(W - A) {1'b0}}, products} << row;
        assign partial[lane*B+row+1] = partial[lane*B+row] + shifted;
      end
    end
  endgenerate
  assign sum = partial[LANES*B];
endmodule
