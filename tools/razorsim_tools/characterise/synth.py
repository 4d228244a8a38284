# SPDX-License-Identifier: Apache-2.0
"""RTL to a netlist of library cells with yosys, and setup slack with OpenSTA."""

import functools
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .liberty import Library
from .library import filtered

# Timing-driven mapping without restructuring the adders that were mapped before it.
ABC_SCRIPT = "+strash;ifraig;dch;map,-B,0.9,-D,{ps};topo;buffer,-c;upsize,-D,{ps};dnsize,-D,{ps}"


class ToolError(RuntimeError):
    """A program is missing or failed; says which and why."""


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        raise ToolError(f"{name} isn't installed (Debian package {package})")
    return found


def run(command: list[str], cwd: Path, what: str) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        tail = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise ToolError(f"{what}: " + " | ".join(tail))
    return done.stdout


@dataclass
class Instance:
    name: str
    cell: str
    pins: dict[str, str]  # pin -> net, or "0", "1", "x"


@dataclass
class Netlist:
    """Nets are named n<number>; `inputs` and `outputs` map a port to its nets, lowest bit first."""

    instances: list[Instance]
    inputs: dict[str, list[str]]
    outputs: dict[str, list[str]]


FULL_ADDER_MAP = """(* techmap_celltype = "$fa" *)
module characterise_full_adder (A, B, C, X, Y);
  parameter WIDTH = 1;
  input [WIDTH-1:0] A, B, C;
  output [WIDTH-1:0] X, Y;
  parameter _TECHMAP_CONSTMSK_A_ = 0;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTMSK_C_ = 0;
  genvar i;
  generate for (i = 0; i < WIDTH; i = i + 1) begin : bits
    if (_TECHMAP_CONSTMSK_A_[i] || _TECHMAP_CONSTMSK_B_[i] || _TECHMAP_CONSTMSK_C_[i]) begin
      assign Y[i] = A[i] ^ B[i] ^ C[i];
      assign X[i] = (A[i] & B[i]) | (B[i] & C[i]) | (A[i] & C[i]);
    end else begin
      %(cell)s full_adder (.%(A)s(A[i]), .%(B)s(B[i]), .%(C)s(C[i]), .%(CO)s(X[i]), .%(S)s(Y[i]));
    end
  end endgenerate
endmodule
"""

FLOP_MAP = """(* techmap_celltype = "$_DFF_P_" *)
module characterise_flop (input D, input C, output Q);
  %(cell)s flop (%(pins)s);
endmodule
"""


def techmaps(library: Library) -> tuple[str, bool]:
    text = ""
    adder = library.full_adder()
    if adder:
        text += FULL_ADDER_MAP % ({"cell": adder[0].name} | adder[1])
    cell, pins = library.flop()
    ports = {"D": "D", "CLK": "C", "Q": "Q", "0": "1'b0", "1": "1'b1"}
    wires = ", ".join(f".{pin}({ports[role]})" for pin, role in pins.items() if role)
    return text + FLOP_MAP % {"cell": cell.name, "pins": wires}, bool(adder)


def synthesise(top: str, parameters: dict[str, int], sources: list[Path], library: Library,
               period_ns: float, work: Path) -> Netlist:
    """Maps `top`; leaves netlist.json in `work` and takes one it finds there that was made from the same
    sources by the same commands. Throws ToolError."""
    combinational = {c.name for c in library.cells.values() if c.usable and not c.next_state}
    lib = work / "mapping.lib"
    lib.write_text(filtered(library.path.read_text(), combinational))
    maps, has_adder = techmaps(library)
    (work / "maps.v").write_text(maps)
    chparam = "".join(f" -set {k} {v}" for k, v in sorted(parameters.items()))
    # A fifth of the period is left to the flops and to the fixed adders around abc's logic.
    abc = ABC_SCRIPT.format(ps=int(period_ns * 800))
    lines = [
        "read_verilog " + " ".join(str(s) for s in sources),
        f"chparam{chparam} {top}" if chparam else "",
        f"hierarchy -top {top}",
        "synth -flatten -run begin:fine",
        "maccmap", "opt",
        "techmap -map maps.v t:$fa" if has_adder else "",
        "synth -run fine:check",
        "dfflegalize -cell $_DFF_P_ x", "techmap -map maps.v t:$_DFF_P_",
        f"abc -liberty {lib.name} -script {abc}",
        "opt_clean -purge",
        f"rename {top} unit" if top != "unit" else "",
        "write_json netlist.json",
    ]
    (work / "synth.ys").write_text("\n".join(line for line in lines if line) + "\n")
    made_from = digest([work / name for name in ("synth.ys", "maps.v", lib.name)] + sources)
    made, key = work / "netlist.json", work / "netlist.key"
    if not (made.exists() and key.exists() and key.read_text() == made_from):
        key.unlink(missing_ok=True)
        run([program("yosys", "yosys"), "-q", "synth.ys"], work, f"yosys on {top}")
        key.write_text(made_from)
    return read_netlist(made, library)


def digest(files: list[Path]) -> str:
    """Names all that a netlist is made from."""
    h = hashlib.sha256(versions().get("yosys", "").encode())
    for path in files:
        h.update(b"\0" + path.read_bytes())
    return h.hexdigest()


def read_netlist(path: Path, library: Library) -> Netlist:
    module = json.loads(path.read_text())["modules"]["unit"]
    net = lambda bit: bit if isinstance(bit, str) else f"n{bit}"
    ports = {"input": {}, "output": {}}
    for name, port in module["ports"].items():
        ports[port["direction"]][name] = [net(b) for b in port["bits"]]
    instances = []
    for name, cell in module["cells"].items():
        if cell["type"] not in library.cells:
            raise ToolError(f"synthesis left a {cell['type']} that isn't in {library.name}")
        pins = {pin: net(bits[0]) for pin, bits in cell["connections"].items() if bits}
        instances.append(Instance(name, cell["type"], pins))
    return Netlist(instances, ports["input"], ports["output"])


def structural_verilog(netlist: Netlist) -> str:
    """The netlist with every port a scalar named like its net: all that OpenSTA's reader takes."""
    inputs = [n for nets in netlist.inputs.values() for n in nets]
    outputs = sorted({n for nets in netlist.outputs.values() for n in nets if n[0] == "n"} - set(inputs))
    constant = {"0": "1'b0", "1": "1'b1", "x": "1'b0"}
    lines = [f"module unit ({', '.join(inputs + outputs)});"]
    lines += [f"input {n};" for n in inputs] + [f"output {n};" for n in outputs]
    ports = set(inputs) | set(outputs)
    nets = {n for i in netlist.instances for n in i.pins.values() if n not in constant}
    lines += [f"wire {n};" for n in sorted(nets - ports)]
    for k, i in enumerate(netlist.instances):
        pins = ", ".join(f".{pin}({constant.get(n, n)})" for pin, n in i.pins.items())
        lines.append(f"{i.cell} i{k} ({pins});")
    return "\n".join(lines) + "\nendmodule\n"


STA = """read_liberty {lib}
read_verilog netlist.v
link_design unit
create_clock -name clk -period {period} [get_ports {clk}]
set_output_delay 0 -clock clk [all_outputs]
puts "slack [worst_slack -max]"
exit
"""


def setup_slack(netlist: Netlist, library: Library, period_ns: float, work: Path) -> float | None:
    """Worst setup slack in ns of what begins at a flop and ends at a flop or an output; None without
    OpenSTA. Throws ToolError."""
    sta = shutil.which("sta") or shutil.which("opensta")
    if not sta:
        return None
    (work / "netlist.v").write_text(structural_verilog(netlist))
    (work / "sta.tcl").write_text(
        STA.format(lib=library.path, period=period_ns, clk=netlist.inputs["clk"][0]))
    text = run([sta, "-exit", "sta.tcl"], work, "OpenSTA")
    match = re.search(r"^slack (-?[\d.e+-]+)", text, re.M)
    if not match:
        raise ToolError("OpenSTA: no slack in its output: " + " | ".join(text.strip().splitlines()[-3:]))
    return float(match[1])


@functools.cache
def versions() -> dict[str, str]:
    """Versions of the tools, as they name themselves."""
    out = {}
    for name, package, flag, pattern in (
            ("yosys", "yosys", "-V", r"Yosys (\S+)"), ("iverilog", "iverilog", "-V", r"version (\S+)"),
            ("sta", "opensta", "-version", r"([\d.]+)")):
        found = shutil.which(name)
        if found:
            done = subprocess.run([found, flag], capture_output=True, text=True)
            match = re.search(pattern, done.stdout + done.stderr)
            out[name] = match[1] if match else "?"
    return out
