# SPDX-License-Identifier: Apache-2.0
"""Timed gate-level simulation with iverilog: rising and falling edges of every net."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .liberty import Library, to_expression
from .synth import Netlist, ToolError, program, run
from .timing import Timing

INPUT_DELAY_PS = 200  # inputs come from flops: about a clock-to-output delay after the edge (chosen)


@dataclass
class Activity:
    cycles: int
    rises: dict[str, int]  # net -> edges
    falls: dict[str, int]
    outputs: list[list[int]]  # a cycle: the output ports in the order of the stimulus


@dataclass
class Stimulus:
    """One entry a cycle: input port -> value; `outputs`: ports to read just before each next edge.

    `expected[c]` is what the outputs must be after edge c, None where it isn't defined yet.
    Cycles before `warm_up` aren't counted."""

    widths: dict[str, int]
    cycles: list[dict[str, int]]
    outputs: list[str]
    expected: list[list[int] | None]
    warm_up: int = 4
    zeros: tuple[float, float] | None = None  # share of zero codes among the operands


def netlist_verilog(netlist: Netlist, library: Library, timing: Timing) -> str:
    constant = {"0": "1'b0", "1": "1'b1", "x": "1'b0"}
    value = lambda net: constant.get(net, net)
    ports = [f"input [{len(nets) - 1}:0] p_{name}" for name, nets in netlist.inputs.items()]
    ports += [f"output [{len(nets) - 1}:0] p_{name}" for name, nets in netlist.outputs.items()]
    nets = {n for i in netlist.instances for n in i.pins.values() if n not in constant}
    nets |= {n for port in netlist.inputs.values() for n in port}
    lines = ["`timescale 1ps/1ps", f"module unit ({', '.join(ports)});"]
    lines += [f"wire {net};" for net in sorted(nets)]
    for name, bits in netlist.inputs.items():
        lines += [f"assign {net} = p_{name}[{i}];" for i, net in enumerate(bits)]
    for name, bits in netlist.outputs.items():
        lines += [f"assign p_{name}[{i}] = {value(net)};" for i, net in enumerate(bits)]
    for k, instance in enumerate(netlist.instances):
        cell = library.cells[instance.cell]
        pin_net = lambda pin: value(instance.pins.get(pin, "0"))
        if cell.next_state:
            stored = f"q{k}"
            edge = to_expression(cell.clocked_on, pin_net)
            data = to_expression(cell.next_state, lambda n: stored if n == cell.state else pin_net(n))
            lines += [f"reg {stored} = 0;", f"always @(posedge {edge}) {stored} <= {data};"]
        for output in cell.outputs:
            net = instance.pins.get(output.name)
            if net is None or net in constant:
                continue
            rise, fall = (round(1000 * d) for d in timing.delay[instance.name, output.name])
            if cell.next_state:
                function = to_expression(output.function, lambda n: stored if n == cell.state else f"~{stored}")
            else:
                function = to_expression(output.function, pin_net)
            lines.append(f"assign #({rise},{fall}) {net} = {function};")
    return "\n".join(lines) + "\nendmodule\n"


def testbench(stimulus: Stimulus, period_ps: int, vcd: str, words: str) -> str:
    total = sum(stimulus.widths.values())
    cycles = len(stimulus.cycles)
    inputs, low = [], 0
    for name, width in stimulus.widths.items():
        inputs.append(f".p_{name}(word[{low + width - 1}:{low}])")
        low += width
    outs = [f"wire [63:0] o_{name};" for name in stimulus.outputs]
    pins = ["".join(".p_clk(clk)"), *inputs, *(f".p_{name}(o_{name})" for name in stimulus.outputs)]
    shown = ", ".join(f"o_{name}" for name in stimulus.outputs)
    form = " ".join("%h" for _ in stimulus.outputs)
    return f"""`timescale 1ps/1ps
module tb;
  reg clk = 0;
  reg [{total - 1}:0] words [0:{cycles - 1}];
  reg [{total - 1}:0] word;
  {' '.join(outs)}
  unit dut ({', '.join(pins)});
  integer c;
  initial begin
    $readmemh("{words}", words);
    $dumpfile("{vcd}");
    $dumpvars(1, dut);
    word = words[0];
    #{period_ps // 2};
    // Edge c takes the operands of cycle c; the next ones come after it, as if from flops.
    for (c = 0; c < {cycles}; c = c + 1) begin
      clk = 1;
      #{INPUT_DELAY_PS} if (c + 1 < {cycles}) word = words[c + 1];
      #{period_ps // 2 - INPUT_DELAY_PS} clk = 0;
      #{period_ps - period_ps // 2 - 1} $display("{form}", {shown});
      #1;
    end
    $finish;
  end
endmodule
"""


def simulate(netlist: Netlist, library: Library, timing: Timing, stimulus: Stimulus, period_ns: float,
             work: Path) -> Activity:
    """Throws ToolError when a program fails or an output differs from what is expected."""
    period = round(1000 * period_ns)
    lines = []
    for cycle in stimulus.cycles:
        word, low = 0, 0
        for name, width in stimulus.widths.items():
            word |= (cycle[name] & ((1 << width) - 1)) << low
            low += width
        lines.append(f"{word:x}")
    (work / "words.hex").write_text("\n".join(lines) + "\n")
    (work / "unit.v").write_text(netlist_verilog(netlist, library, timing))
    (work / "tb.v").write_text(testbench(stimulus, period, "waves.vcd", "words.hex"))
    run([program("iverilog", "iverilog"), "-g2005", "-o", "sim.vvp", "tb.v", "unit.v"], work, "iverilog")
    printed = run([program("vvp", "iverilog"), "-n", "sim.vvp"], work, "vvp")
    rows = [line.split() for line in printed.splitlines() if not line.startswith(("VCD", "$finish", "tb.v"))]
    outputs = check_outputs(rows, stimulus, netlist)
    start = period // 2 + stimulus.warm_up * period
    activity = count_edges(work / "waves.vcd", start)
    (work / "waves.vcd").unlink()
    return Activity(len(stimulus.cycles) - stimulus.warm_up, *activity, outputs)


def check_outputs(rows: list[list[str]], stimulus: Stimulus, netlist: Netlist) -> list[list[int]]:
    if len(rows) != len(stimulus.cycles):
        raise ToolError(f"simulation printed {len(rows)} cycles, not {len(stimulus.cycles)}")
    values = []
    for c, (row, expected) in enumerate(zip(rows, stimulus.expected)):
        if expected is None:
            values.append([])
            continue
        got = []
        for name, text, want in zip(stimulus.outputs, row, expected):
            width = len(netlist.outputs[name])
            bits = text[-(-(-width // 4)):]
            if any(digit in bits.lower() for digit in "xz"):
                raise ToolError(f"cycle {c}: {name} is {text}, unknown")
            value = int(text.lower().replace("z", "0").replace("x", "0"), 16) & ((1 << width) - 1)
            if value != want & ((1 << width) - 1):
                raise ToolError(f"cycle {c}: {name} is {value:#x}, the model says {want & ((1 << width) - 1):#x}")
            got.append(value)
        values.append(got)
    return values


def count_edges(vcd: Path, start: int) -> tuple[dict[str, int], dict[str, int]]:
    """Edges of each net from time `start` on. A change from or to x doesn't count."""
    text = vcd.read_text()
    head, _, body = text.partition("$enddefinitions $end")
    names: dict[str, list[str]] = {}
    for line in head.splitlines():
        part = line.split()
        if part[:1] == ["$var"] and part[1] == "wire" and part[2] == "1":
            names.setdefault(part[3], []).append(part[4])
    at = body.find(f"\n#{start}\n")
    if at < 0:
        raise ToolError("the waveform has no edge where counting starts")
    lines = Counter(body[at:].split("\n"))
    # Lines repeat, so they are counted before they are taken apart; a glitch into x would hide edges.
    rises, falls = {}, {}
    for identifier, nets in names.items():
        if lines.get("x" + identifier):
            raise ToolError(f"net {nets[0]} becomes unknown during the run")
        for net in nets:
            rises[net] = lines.get("1" + identifier, 0)
            falls[net] = lines.get("0" + identifier, 0)
    return rises, falls
