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
  reg [N-1:0] any;
  reg [F-1:0] found, flag_q;
  reg [GROUP*(M+1)-1:0] rounded;
  integer i, j;
  reg [N+M-1:0] moved;
  reg [M-1:0] kept;
  reg guard;
  always @* begin
    any = {N{1'b0}};
    for (i = 0; i < GROUP; i = i + 1) begin
      magnitudes[i*N+:N] = (values_q[i*BITS+:N] ^ {N{values_q[i*BITS+N]}}) + values_q[i*BITS+N];
      any = any | magnitudes[i*N+:N];
    end
    found = {F{1'b0}};
    for (j = M; j < N; j = j + 1) if (any[j]) found = j - (M - 1);
  end
  always @* begin
    for (i = 0; i < GROUP; i = i + 1) begin
      // One bit below the kept ones is the guard; with flag 0 it is a zero shifted in.
      moved = {magnitudes_q[i*N+:N], 1'b0} >> flag_q;
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
    codes        <= rounded;
    flag         <= flag_q;
  end
endmodule
