# SPDX-License-Identifier: Apache-2.0
"""Energy of a run from Liberty tables and counted edges, in pJ a cycle."""

from dataclasses import dataclass

from .liberty import Library
from .simulate import Activity
from .synth import Netlist
from .timing import Timing


@dataclass
class Energy:
    """pJ a cycle; the first four are what switches where, `leakage` is for one period."""

    switching: float = 0.0  # charging pins, clock apart
    internal: float = 0.0  # inside combinational cells
    registers: float = 0.0  # inside flops: data and output, clock apart
    clock: float = 0.0  # clock pins and what the clock does inside flops
    leakage: float = 0.0

    @property
    def total(self) -> float:
        return self.switching + self.internal + self.registers + self.clock + self.leakage


def energy(netlist: Netlist, library: Library, timing: Timing, activity: Activity, period_ns: float,
           clock: str, input_slew_ns: float, wire_pf: float = 0.0) -> Energy:
    """Half C V^2 for each edge at each input pin, internal energy once an output edge and once an edge
    of an input that has some of its own, leakage over the period."""
    out = Energy()
    half_v2 = 0.5 * library.voltage**2
    for instance in netlist.instances:
        cell = library.cells[instance.cell]
        flop = bool(cell.next_state)
        out.leakage += cell.leakage * period_ns * 1e-6  # nW ns = 1e-18 J = 1e-6 pJ
        for name, net in instance.pins.items():
            pin = cell.pins[name]
            rises, falls = activity.rises.get(net, 0), activity.falls.get(net, 0)
            if not rises and not falls:
                continue
            slew = timing.slew.get(net, input_slew_ns)
            load = timing.load.get(net, 0.0) if pin.direction == "output" else 0.0
            inside = 0.0
            if pin.power["rise"]:
                inside = rises * pin.energy("rise", load, slew) + falls * pin.energy("fall", load, slew)
            wire = 0.0  # half C V^2 at this pin and its share of the wire
            if pin.direction == "input":
                wire = (rises + falls) * half_v2 * (pin.capacitance + wire_pf)
            if net == clock:
                out.clock += wire + inside
            elif flop:
                out.registers += inside
                out.switching += wire
            else:
                out.internal += inside
                out.switching += wire
    for part in ("switching", "internal", "registers", "clock"):
        setattr(out, part, getattr(out, part) / activity.cycles)
    return out

