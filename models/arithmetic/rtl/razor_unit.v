// SPDX-License-Identifier: Apache-2.0
// Razor unit: one group of GROUP signed base integers a cycle into codes {sign, magnitude} and a flag.
// OR tree over magnitudes, leading one, common shift, round half away from zero with the floor rule
// (a magnitude that would round past its bits is not rounded up). -2^(BITS-1) is not a legal input.
// Stages: operand registers; magnitudes and flag; codes.
module razor_unit #(
    parameter GROUP = 16,
    parameter BITS  = 16,  // of a base integer
    parameter M     = 3,   // magnitude bits of a code
    parameter F     = $clog2(BITS - M)
) (
    input                            clk,
    input      [GROUP*BITS-1:0]      values,
    output reg [GROUP*(M+1)-1:0]     codes,
    output reg [F-1:0]               flag
);
  localparam N = BITS - 1;  // magnitude bits of a base integer
  reg [GROUP*BITS-1:0] values_q;
  reg [GROUP*N-1:0] magnitudes, magnitudes_q;
  reg [GROUP-1:0] signs_q;
  // The flag steers every element's shifter. Its register is kept twice, the second copy inverted so
  // that synthesis can't merge them: at 32 elements one register can't drive them all in a cycle.
  reg [F-1:0] found, flag_q, flag_inverted_q;
  reg [GROUP*(M+1)-1:0] rounded;
  integer i, j;
  reg [N+M-1:0] moved;
  reg [M-1:0] kept;
  reg guard;
  always @* begin
    for (i = 0; i < GROUP; i = i + 1)
      magnitudes[i*N+:N] = (values_q[i*BITS+:N] ^ {N{values_q[i*BITS+N]}}) + values_q[i*BITS+N];
  end
  // A reduction a bit, so that synthesis builds a tree and not a chain over the group.
  wire [N-1:0] any;
  genvar b, e;
  generate
    for (b = 0; b < N; b = b + 1) begin : or_trees
      wire [GROUP-1:0] column;
      for (e = 0; e < GROUP; e = e + 1) begin : elements
        assign column[e] = magnitudes[e*N+b];
      end
      assign any[b] = |column;
    end
  endgenerate
  // Leading one: the only j with any[j] and nothing above.
  always @* begin
    found = {F{1'b0}};
    for (j = M; j < N; j = j + 1)
      found = found | ({F{any[j] & ~(|(any >> (j + 1)))}} & (j - (M - 1)));
  end
  always @* begin
    for (i = 0; i < GROUP; i = i + 1) begin
      // One bit below the kept ones is the guard; with flag 0 it is a zero shifted in.
      moved = {magnitudes_q[i*N+:N], 1'b0} >> (i % 2 ? ~flag_inverted_q : flag_q);
      guard = moved[0];
      kept = moved[M:1];
      kept = kept + (guard & ~(&kept));
      rounded[i*(M+1)+:M+1] = {signs_q[i] & (|kept), kept};
    end
  end
  always @(posedge clk) begin
    values_q     <= values;
    magnitudes_q <= magnitudes;
    for (i = 0; i < GROUP; i = i + 1) signs_q[i] <= values_q[i*BITS+N];
    flag_q       <= found;
    flag_inverted_q <= ~found;
    codes        <= rounded;
    flag         <= flag_q;
  end
endmodule
