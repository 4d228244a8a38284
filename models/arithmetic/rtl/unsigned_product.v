// SPDX-License-Identifier: Apache-2.0
// a * b of unsigned numbers as rows in one chain, which synthesis turns into a carry-save tree.
module unsigned_product #(
    parameter A = 11,
    parameter B = 11
) (
    input  [A-1:0]   a,
    input  [B-1:0]   b,
    output [A+B-1:0] product
);
  wire [A+B-1:0] rows[0:B];
  assign rows[0] = {(A + B) {1'b0}};
  genvar row;
  generate
    for (row = 0; row < B; row = row + 1) begin : products
      assign rows[row+1] = rows[row] + ({{B{1'b0}}, a & {A{b[row]}}} << row);
    end
  endgenerate
  assign product = rows[B];
endmodule
