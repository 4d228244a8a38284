# SPDX-License-Identifier: Apache-2.0
"""Nets that are more than their driver may drive: trees of buffers, and the path to an output in time."""

import shutil

import pytest

from razorsim_tools.characterise import buffers, command, flow, library, operands, synth, timing, units
from razorsim_tools.characterise.liberty import LibertyError
from razorsim_tools.characterise.synth import Instance, Netlist

needs_tools = pytest.mark.skipif(
    not (command.OSU018.exists() and shutil.which("yosys") and shutil.which("iverilog")),
    reason="needs yosys, iverilog and qflow-tech-osu018",
)

HEAD = """library (tiny) { time_unit : "1ns"; voltage_unit : "1V"; leakage_power_unit : "1nW";
  capacitive_load_unit (1, pf); nom_voltage : 1;
"""
BODY = """
  cell (DFF) { area : 9; ff (IQ, IQN) { next_state : "D"; clocked_on : "C"; }
    pin (D) { direction : input; capacitance : 1; } pin (C) { direction : input; capacitance : 1; clock : true; }
    pin (Q) { direction : output; function : "IQ"; max_capacitance : 4; } }
  cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }
    pin (Y) { direction : output; function : "!A"; max_capacitance : 5; } }
  cell (BUFBIG) { area : 3; pin (A) { direction : input; capacitance : 2; }
    pin (Y) { direction : output; function : "A"; max_capacitance : 50; } }
"""
BUFFER = """cell (BUF) { area : 2; pin (A) { direction : input; capacitance : 1; }
    pin (Y) { direction : output; function : "A"; max_capacitance : 5; } }
"""


def tiny(tmp_path, text):
    path = tmp_path / "tiny.lib"
    path.write_text(HEAD + text + "}")
    return library.load(path)


def fan_out(sinks: int) -> Netlist:
    """A flop that drives `sinks` inverters."""
    inverters = [Instance(f"i{k}", "INV", {"A": "n3", "Y": f"n{10 + k}"}) for k in range(sinks)]
    outputs = {"out": [f"n{10 + k}" for k in range(sinks)], "q": ["n3"]}
    return Netlist([Instance("f", "DFF", {"C": "n1", "D": "n2", "Q": "n3"}), *inverters],
                   {"clk": ["n1"], "d": ["n2"]}, outputs)


def overloaded(netlist: Netlist, cells) -> list[tuple[str, str]]:
    load = timing.loads(netlist, cells, 0.0)
    return [(i.name, o.name) for i in netlist.instances for o in cells.cells[i.cell].outputs
            if o.max_capacitance is not None and load.get(i.pins.get(o.name), 0.0) > o.max_capacitance]


def origin(net: str, netlist: Netlist) -> str:
    """The net that `net` repeats, up through its buffers."""
    above = {i.pins["Y"]: i.pins["A"] for i in netlist.instances if i.cell == "BUF"}
    while net in above:
        net = above[net]
    return net


@pytest.mark.parametrize("sinks,layers", ((4, 0), (5, 1), (20, 1), (21, 2), (640, 4)))
def test_no_driver_beyond_its_limit_and_every_sink_still_served(tmp_path, sinks, layers):
    cells = tiny(tmp_path, BODY + BUFFER)
    given = fan_out(sinks)
    made = buffers.buffered(given, cells)
    assert bool(overloaded(given, cells)) == (layers > 0)
    assert overloaded(made, cells) == []
    assert given.instances[1].pins["A"] == "n3"  # what was given stays as it was
    served = [i for i in made.instances if i.cell == "INV"]
    assert len(served) == sinks and all(origin(i.pins["A"], made) == "n3" for i in served)
    drawn, left, deep = 0, sinks, 0
    while left > 4:
        left = -(-left // 5)
        drawn, deep = drawn + left, deep + 1
    assert deep == layers
    assert len(made.instances) - len(given.instances) == drawn  # the smallest buffer, and no more than needed
    assert len({i.name for i in made.instances}) == len(made.instances)
    assert made.outputs == given.outputs


def test_wire_counts_as_load(tmp_path):
    cells = tiny(tmp_path, BODY + BUFFER)
    assert len(buffers.buffered(fan_out(4), cells).instances) == 5
    assert len(buffers.buffered(fan_out(4), cells, 0.01).instances) > 5


def test_a_limit_of_the_whole_library_and_none_at_all(tmp_path):
    bare = BODY.replace("max_capacitance : 4;", "")
    assert len(buffers.buffered(fan_out(30), tiny(tmp_path, bare + BUFFER)).instances) == 31
    limited = tiny(tmp_path, "default_max_capacitance : 6;" + bare + BUFFER)
    assert overloaded(buffers.buffered(fan_out(30), limited), limited) == []


def test_library_without_a_buffer_says_so_only_when_it_needs_one(tmp_path):
    cells = tiny(tmp_path, BODY.replace('function : "A"', 'function : "!A"'))
    buffers.buffered(fan_out(4), cells)
    with pytest.raises(LibertyError, match="tiny has no buffer for nets beyond max_capacitance"):
        buffers.buffered(fan_out(5), cells)


@needs_tools
def test_a_measured_unit_keeps_to_the_library_s_limits(tmp_path):
    cells = library.load(command.OSU018)
    unit = units.all_units()["razor_base8_g16"]
    job = flow.Job(cells, "", operands.reference_rows(), 10.0, 0.0, tmp_path)
    mapped = synth.synthesise(unit.module, unit.parameters, unit.files(), cells, 10.0, tmp_path)
    assert overloaded(mapped, cells)  # else this test shows nothing
    assert overloaded(flow.netlist_of(unit, job, tmp_path), cells) == []


@pytest.mark.skipif(not (command.OSU018.exists() and (shutil.which("sta") or shutil.which("opensta"))),
                    reason="needs OpenSTA and qflow-tech-osu018")
def test_slack_sees_the_path_to_an_output(tmp_path):
    cells = library.load(command.OSU018)

    def slack(inverters: int) -> float:
        chain = [Instance(f"i{k}", "INVX1", {"A": f"n{3 + k}", "Y": f"n{4 + k}"}) for k in range(inverters)]
        flop = Instance("f", "DFFPOSX1", {"CLK": "n1", "D": "n2", "Q": "n3"})
        return synth.setup_slack(Netlist([flop, *chain], {"clk": ["n1"], "d": ["n2"]}, {"q": [f"n{3 + inverters}"]}),
                                 cells, 10.0, tmp_path)

    assert 0 < slack(20) < slack(2) < 10
    assert slack(600) < 0
