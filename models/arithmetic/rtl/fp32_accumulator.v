// SPDX-License-Identifier: Apache-2.0
// The back of every floating unit: a group's exact sum becomes an FP32 term, the term is accumulated.
// Stages: term register; accumulator. `ends` marks a sum that is complete, `first` one that starts a
// new output.
module fp32_accumulator #(
    parameter M = 13,
    parameter E = 10
) (
    input             clk,
    input             ends,
    input             first,
    input             sign,
    input     [M-1:0] magnitude,
    input     [E-1:0] exponent,
    output reg [31:0] acc
);
  reg  [31:0] term_q;
  reg         ends_q, first_q;
  wire [31:0] term, sum;
  to_fp32 #(.M(M), .E(E)) convert (.sign(sign), .magnitude(magnitude), .exponent(exponent), .result(term));
  // A new output takes its first term past the adder: to mask acc before it would cost time.
  fp32_add add (.a(acc), .b(term_q), .sum(sum));
  always @(posedge clk) begin
    ends_q <= ends;
    if (ends) begin
      term_q  <= term;
      first_q <= first;
    end
    if (ends_q) acc <= first_q ? term_q : sum;
  end
endmodule
