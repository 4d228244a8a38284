// SPDX-License-Identifier: Apache-2.0
// Full SDR element: multiplier, group sum, flag adder, shifter and wide accumulator in every element.
// `begins` marks the first product of a group and carries the group's flags, `first` the first group
// of an output. Stages: operand registers; group sum; accumulator, at the end of a group only.
module sdr_full #(
    parameter GROUP    = 16,
    parameter A        = 3,
    parameter B        = 3,
    parameter FA       = 4,
    parameter FW       = 3,
    parameter DISTANCE = 16,
    parameter ACC      = 40
) (
    input                clk,
    input                begins,
    input                ends,
    input                first,
    input      [A:0]     a,
    input      [B:0]     w,
    input      [FA-1:0]  flag_a,
    input      [FW-1:0]  flag_w,
    output reg [ACC-1:0] acc
);
  localparam S = A + B + 1 + $clog2(GROUP);
  localparam D = $clog2(DISTANCE + 1);
  reg [A:0] a_q;
  reg [B:0] w_q;
  reg begins_q, ends_q, ends_qq, first_q, first_qq;
  reg [FA-1:0] flag_a_q;
  reg [FW-1:0] flag_w_q;
  reg [S-1:0] sum_q;
  reg [D-1:0] distance_q;
  wire [S-1:0] sum;
  // The shifter's input is held at zero but for the one cycle whose result is taken.
  wire [ACC-1:0] shifted;
  sign_magnitude_sum #(.LANES(1), .A(A), .B(B), .W(S)) multiplier (
      .a(a_q), .b(w_q), .addend(sum_q & {S{~begins_q}}), .sum(sum));
  shift_left #(.IN(S), .MAX(DISTANCE), .OUT(ACC)) shifter (
      .value(sum_q & {S{ends_qq}}), .amount(distance_q), .shifted(shifted));
  always @(posedge clk) begin
    a_q      <= a;
    w_q      <= w;
    begins_q <= begins;
    ends_q   <= ends;
    ends_qq  <= ends_q;
    first_q  <= first;
    sum_q    <= sum;
    if (begins) begin
      flag_a_q <= flag_a;
      flag_w_q <= flag_w;
    end
    if (ends_q) begin
      distance_q <= flag_a_q + flag_w_q;
      first_qq   <= first_q;
    end
    if (ends_qq) acc <= (acc & {ACC{~first_qq}}) + shifted;
  end
endmodule
