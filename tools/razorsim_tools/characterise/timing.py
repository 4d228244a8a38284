# SPDX-License-Identifier: Apache-2.0
"""Loads, slews and delays of a netlist: what timed simulation and energy need."""

from dataclasses import dataclass

from .liberty import Cell, Library
from .synth import Netlist, ToolError

EDGES = ("rise", "fall")


@dataclass
class Timing:
    load: dict[str, float]  # net -> pF
    slew: dict[str, float]  # net -> ns, mean of rise and fall
    delay: dict[tuple[str, str], tuple[float, float]]  # (instance, output pin) -> ns rise, fall


def loads(netlist: Netlist, library: Library, wire_pf: float) -> dict[str, float]:
    """Input pins and, where asked for, `wire_pf` of wire to each."""
    load: dict[str, float] = {}
    for instance in netlist.instances:
        cell = library.cells[instance.cell]
        for pin, net in instance.pins.items():
            if cell.pins[pin].direction == "input":
                load[net] = load.get(net, 0.0) + cell.pins[pin].capacitance + wire_pf
    return load


def order(netlist: Netlist, library: Library) -> list:
    """Instances, each after those that drive it; flops first. Throws ToolError on a loop."""
    driver = {}
    waiting: dict[str, int] = {}
    users: dict[str, list] = {}
    ready = []
    for instance in netlist.instances:
        cell = library.cells[instance.cell]
        for pin, net in instance.pins.items():
            if cell.pins[pin].direction == "output":
                driver[net] = instance
    for instance in netlist.instances:
        cell = library.cells[instance.cell]
        sources = set() if cell.next_state else {
            net for pin, net in instance.pins.items()
            if cell.pins[pin].direction == "input" and net in driver}
        waiting[instance.name] = len(sources)
        for net in sources:
            users.setdefault(net, []).append(instance)
        if not sources:
            ready.append(instance)
    done = []
    while ready:
        instance = ready.pop()
        done.append(instance)
        cell = library.cells[instance.cell]
        for pin, net in instance.pins.items():
            if cell.pins[pin].direction == "output":
                for user in users.pop(net, ()):
                    waiting[user.name] -= 1
                    if waiting[user.name] == 0:
                        ready.append(user)
    if len(done) != len(netlist.instances):
        raise ToolError("the netlist has a combinational loop")
    return done


def analyse(netlist: Netlist, library: Library, input_slew_ns: float, wire_pf: float = 0.0) -> Timing:
    """Slews go forward from inputs of `input_slew_ns`; delays are means over an output's arcs, since
    a simulation with one delay an output can't tell them apart."""
    load = loads(netlist, library, wire_pf)
    slew: dict[str, float] = {}
    delay = {}
    for instance in order(netlist, library):
        cell: Cell = library.cells[instance.cell]
        for output in cell.outputs:
            net = instance.pins.get(output.name)
            if net is None:
                continue
            sums = {"rise": [0.0, 0.0, 0], "fall": [0.0, 0.0, 0]}
            for arc in output.arcs:
                if arc.related not in instance.pins:
                    continue
                slew_in = slew.get(instance.pins[arc.related], input_slew_ns)
                for edge in arc.delay:
                    one = sums[edge]
                    one[0] += arc.delay[edge].at(load.get(net, 0.0), slew_in)
                    one[1] += arc.slew[edge].at(load.get(net, 0.0), slew_in)
                    one[2] += 1
            means = [(s[0] / s[2], s[1] / s[2]) if s[2] else (0.0, input_slew_ns) for s in sums.values()]
            delay[instance.name, output.name] = (max(means[0][0], 0.0), max(means[1][0], 0.0))
            slew[net] = max((means[0][1] + means[1][1]) / 2, 0.001)
    return Timing(load, slew, delay)
