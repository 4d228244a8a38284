# SPDX-License-Identifier: Apache-2.0
"""From a parsed Liberty file to a Library: units, templates, cells, pins, tables."""

import re
from pathlib import Path

from .liberty import (COMMENT, SCALE, UNIT, Arc, Cell, Group, Library, LibertyError, Pin, Table, numbers,
                      parse)

def unit(text: str, base: float) -> float:
    """'1ns' in units of `base` seconds, volts, ..."""
    match = UNIT.match(text)
    if not match:
        raise LibertyError(f"unit '{text}'")
    prefix = match[2][:-1] if len(match[2]) > 1 else ""
    return float(match[1] or 1) * SCALE.get(prefix, 1.0) / base


class Reader:
    def __init__(self, root: Group, path: Path):
        self.root, self.path = root, path
        self.time = unit(root.get("time_unit", "1ns"), 1e-9)
        volt = unit(root.get("voltage_unit", "1V"), 1.0)
        amount, name = root.get("capacitive_load_unit", "1,pf").replace(" ", "").split(",")
        self.load = float(amount) * (1e-3 if name.lower() == "ff" else 1.0)
        self.energy = self.load * volt * volt  # pF V^2 = pJ: how Liberty's internal power is counted
        self.leakage = unit(root.get("leakage_power_unit", "1nW"), 1e-9)
        self.templates = {g.args: g for g in root.groups if g.name.endswith("_template")}

    def library(self) -> Library:
        cells = {}
        for group in self.root.all("cell"):
            cell = self.cell(group)
            cells[cell.name] = cell
        return Library(self.root.args, self.path, self.voltage(), cells)

    def voltage(self) -> float:
        if "nom_voltage" not in self.root.attributes:
            raise LibertyError("no nom_voltage")
        return self.root.number("nom_voltage")

    def cell(self, group: Group) -> Cell:
        pins = {}
        for pin in group.all("pin"):
            for name in pin.args.replace('"', "").split(","):
                pins[name.strip()] = self.pin(name.strip(), pin)
        cell = Cell(group.args, group.number("area"), self.cell_leakage(group), pins)
        latches = group.all("latch") + group.all("statetable") + group.all("ff_bank")
        flops = group.all("ff")
        if flops:
            names = [n.strip().strip('"') for n in flops[0].args.replace('"', "").split(",")]
            cell.state, cell.state_inverse = names[0], names[1] if len(names) > 1 else ""
            cell.next_state = flops[0].get("next_state")
            cell.clocked_on = flops[0].get("clocked_on")
            cell.asynchronous = [flops[0].get(k) for k in ("clear", "preset") if flops[0].get(k)]
        cell.usable = not (latches or len(flops) > 1 or group.all("test_cell")
                           or group.get("dont_use") == "true" or group.get("clock_gating_integrated_cell")
                           or any(p.function == "" for p in cell.outputs) or not cell.outputs)
        return cell

    def cell_leakage(self, group: Group) -> float:
        if "cell_leakage_power" in group.attributes:
            return group.number("cell_leakage_power") * self.leakage
        states = [g.number("value") for g in group.all("leakage_power")]
        return sum(states) / len(states) * self.leakage if states else 0.0

    def pin(self, name: str, group: Group) -> Pin:
        capacitance = group.number("capacitance")
        if "rise_capacitance" in group.attributes and "fall_capacitance" in group.attributes:
            capacitance = (group.number("rise_capacitance") + group.number("fall_capacitance")) / 2
        function = group.get("function")
        if group.get("three_state"):
            function = ""
        pin = Pin(name, group.get("direction"), capacitance * self.load, function,
                  group.get("clock") == "true")
        limit = group.get("max_capacitance") or self.root.get("default_max_capacitance")
        if limit and pin.direction == "output":
            pin.max_capacitance = float(limit) * self.load
        for timing in group.all("timing"):
            arc = self.arc(timing)
            if arc:
                pin.arcs.append(arc)
        for power in group.all("internal_power"):
            for edge in ("rise", "fall"):
                for table in power.all(f"{edge}_power") + power.all("power"):
                    pin.power[edge].append(self.table(table, self.energy))
        return pin

    def arc(self, group: Group) -> Arc | None:
        kind = group.get("timing_type", "combinational")
        if kind.split("_")[0] in ("setup", "hold", "recovery", "removal", "min", "non") or kind in (
                "clear", "preset", "three_state_enable", "three_state_disable"):
            return None
        delay, slew = {}, {}
        for edge in ("rise", "fall"):
            for table in group.all(f"cell_{edge}"):
                delay[edge] = self.table(table, self.time)
            for table in group.all(f"{edge}_transition"):
                slew[edge] = self.table(table, self.time)
        return Arc(group.get("related_pin"), delay, slew) if delay else None

    def table(self, group: Group, scale: float) -> Table:
        template = self.templates.get(group.args)
        axes = {}
        for i in (1, 2, 3):
            kind = template.get(f"variable_{i}") if template else ""
            points = group.get(f"index_{i}") or (template.get(f"index_{i}") if template else "")
            if kind and points:
                axes[kind] = (i, numbers(points))
        values = [v * scale for v in numbers(group.get("values"))]
        load = next((v for k, v in axes.items() if "capacitance" in k), None)
        slew = next((v for k, v in axes.items() if "transition" in k), None)
        loads = [x * self.load for x in load[1]] if load else None
        slews = [x * self.time for x in slew[1]] if slew else None
        columns = len(slews) if slews else 1
        if len(values) != (len(loads) if loads else 1) * columns:
            if len(values) == 1:
                return Table(None, None, [values])
            raise LibertyError(f"a table of {len(values)} values in '{group.args}' doesn't fit its axes")
        if load and slew and slew[0] < load[0]:  # values are listed slew by slew
            rows = [[values[s * len(loads) + c] for s in range(columns)] for c in range(len(loads))]
        else:
            rows = [values[i:i + columns] for i in range(0, len(values), columns)]
        return Table(loads, slews, rows)


CELL = re.compile(r"\bcell\s*\(\s*\"?([\w.]+)\"?\s*\)\s*\{")


def filtered(text: str, keep: set[str]) -> str:
    """The library's text with only the cells `keep`: what the mapper may choose from."""
    text = COMMENT.sub(" ", text)
    out, at = [], 0
    for match in CELL.finditer(text):
        if match.start() < at:
            continue
        depth, end = 1, match.end()
        while depth:
            brace = BRACE.search(text, end)
            if not brace:
                raise LibertyError(f"cell {match[1]} isn't closed")
            depth += 1 if brace[0] == "{" else -1
            end = brace.end()
        out.append(text[at:match.start()] if match[1] not in keep else text[at:end])
        at = end
    return "".join(out) + text[at:]


BRACE = re.compile(r"[{}]")


def load(path: Path) -> Library:
    """Throws LibertyError, which names the file; OSError when it can't be read."""
    try:
        return read(path)
    except LibertyError as error:
        raise LibertyError(f"{path}: {error}") from error


def read(path: Path) -> Library:
    try:
        text = Path(path).read_text()
    except UnicodeDecodeError as error:
        raise LibertyError("isn't text: a Liberty file must be unpacked") from error
    if not re.search(r"\blibrary\s*\(", text):
        raise LibertyError("isn't a Liberty file")
    root = parse(text)
    if root.name != "library":
        raise LibertyError("doesn't begin with a library group")
    return Reader(root, Path(path)).library()
