// SPDX-License-Identifier: Apache-2.0
// value << amount for 0 <= amount <= MAX, signed. Stages from the smallest step up, each only as wide
// as its result needs, at most OUT bits.
module shift_left #(
    parameter IN  = 11,
    parameter MAX = 16,
    parameter OUT = 40,
    parameter S   = $clog2(MAX + 1)
) (
    input  [IN-1:0]  value,
    input  [S-1:0]   amount,
    output [OUT-1:0] shifted
);
  localparam FULL = IN + MAX < OUT ? IN + MAX : OUT;
  wire [FULL-1:0] stage[0:S];
  assign stage[0] = {{(FULL - IN) {value[IN-1]}}, value};
  genvar s;
  generate
    for (s = 0; s < S; s = s + 1) begin : stages
      // Bits above the width reached so far are copies of the sign, so one multiplexer makes them all.
      localparam REACHED = IN + (2 << s) - 1;
      localparam WIDTH = REACHED < FULL ? REACHED : FULL;
      wire [WIDTH-1:0] moved = amount[s] ? stage[s][WIDTH-1:0] << (1 << s) : stage[s][WIDTH-1:0];
      if (WIDTH < FULL) assign stage[s+1] = {{(FULL - WIDTH) {moved[WIDTH-1]}}, moved};
      else assign stage[s+1] = moved;
    end
    if (FULL < OUT) assign shifted = {{(OUT - FULL) {stage[S][FULL-1]}}, stage[S]};
    else assign shifted = stage[S];
  endgenerate
endmodule
