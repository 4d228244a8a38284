// SPDX-License-Identifier: Apache-2.0
// Signed sum of LANES products of sign-magnitude codes {sign, magnitude}.
//
// A product of sign s and magnitude p is p for s = 0 and ~p + 1 = (p ^ -1) + 1 - 2^P for s = 1, so a lane
// is {~s, p ^ s} + s - 2^P: nothing is sign-extended and the constant of all lanes is added once.
// The sign of a zero product is masked: else the other operand's sign would still toggle the tree.
module sign_magnitude_sum #(
    parameter LANES = 16,
    parameter A     = 3,                          // magnitude bits of a
    parameter B     = 3,                          // magnitude bits of b
    parameter W     = A + B + 1 + $clog2(LANES)   // bits of the sum
) (
    input  [LANES*(A+1)-1:0] a,
    input  [LANES*(B+1)-1:0] b,
    input  [W-1:0]           addend,
    output [W-1:0]           sum
);
  localparam P = A + B;
  localparam [W-1:0] CORRECTION = -(LANES << P);
  wire [W-1:0] partial[0:LANES];
  assign partial[0] = addend + CORRECTION;
  genvar lane, row;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire [A-1:0] ma = a[lane*(A+1)+:A];
      wire [B-1:0] mb = b[lane*(B+1)+:B];
      wire sign = (a[lane*(A+1)+A] ^ b[lane*(B+1)+B]) & (|ma) & (|mb);
      wire [P-1:0] rows[0:B];
      assign rows[0] = {P{1'b0}};
      for (row = 0; row < B; row = row + 1) begin : products
        assign rows[row+1] = rows[row] + ({{B{1'b0}}, ma & {A{mb[row]}}} << row);
      end
      wire [P:0] folded = {~sign, rows[B] ^ {P{sign}}};
      assign partial[lane+1] = partial[lane] + {{(W - P - 1) {1'b0}}, folded} + {{(W - 1) {1'b0}}, sign};
    end
  endgenerate
  assign sum = partial[LANES];
endmodule
