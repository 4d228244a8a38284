# SPDX-License-Identifier: Apache-2.0
"""A Liberty reader: what synthesis, timing and energy need of a cell library, in ns, pF, pJ and nW."""

import bisect
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageProblem

COMMENT = re.compile(r"/\*.*?\*/", re.S)
STATEMENT = re.compile(
    r"""\s*(?:
        (?P<close>\})
      | (?P<name>[\w\[\]:.]+)\s*\((?P<args>[^()]*)\)\s*(?P<open>\{)?;?
      | (?P<key>\w+)\s*:\s*(?P<value>"[^"]*"|[^;\n{}]*)\s*;?
      | ;
    )""",
    re.X,
)
UNIT = re.compile(r"\s*([\d.eE+-]*)\s*([a-zA-Z]+)")
SCALE = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}


class LibertyError(UsageProblem):
    """The library can't be used; says why."""


@dataclass
class Group:
    name: str
    args: str
    attributes: dict = field(default_factory=dict)
    groups: list = field(default_factory=list)

    def all(self, name: str) -> list["Group"]:
        return [g for g in self.groups if g.name == name]

    def get(self, key: str, default: str = "") -> str:
        return self.attributes.get(key, default)

    def number(self, key: str, default: float = 0.0) -> float:
        return float(self.attributes.get(key, default))


def parse(text: str) -> Group:
    """The tree of groups. Complex attributes become attributes, joined by commas."""
    text = COMMENT.sub(" ", text).replace("\\\n", " ").replace("\\\r\n", " ")
    root = Group("", "")
    stack = [root]
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = STATEMENT.match(text, at)
        if not match:
            line = text.count("\n", 0, at) + 1
            raise LibertyError(f"line {line}: can't read '{text[at:at + 40].strip()}'")
        at = match.end()
        if match["close"]:
            if len(stack) == 1:
                raise LibertyError("a '}' too many")
            stack.pop()
        elif match["open"]:
            group = Group(match["name"], match["args"].strip().strip('"'))
            stack[-1].groups.append(group)
            stack.append(group)
        elif match["name"]:
            stack[-1].attributes[match["name"]] = match["args"].replace('"', "")
        elif match["key"]:
            stack[-1].attributes[match["key"]] = match["value"].strip().strip('"').strip()
    if len(stack) != 1 or not root.groups:
        raise LibertyError("a group isn't closed, or there is none")
    return root.groups[0]


def numbers(text: str) -> list[float]:
    return [float(x) for x in text.replace(",", " ").split()]


@dataclass
class Table:
    """A look-up table over (load in pF, input slew in ns); an axis the table hasn't is None."""

    loads: list[float] | None
    slews: list[float] | None
    rows: list[list[float]]  # [load][slew]

    def at(self, load: float, slew: float) -> float:
        """Bilinear; the edge's slope carried on outside, which Liberty's users expect."""
        i, u = position(self.loads, load)
        j, v = position(self.slews, slew)
        low = blend(self.rows[i], j, v)
        return low if u == 0 else low + u * (blend(self.rows[i + 1], j, v) - low)


def position(axis, x: float) -> tuple[int, float]:
    if axis is None or len(axis) == 1:
        return 0, 0.0
    i = min(max(bisect.bisect_right(axis, x) - 1, 0), len(axis) - 2)
    return i, (x - axis[i]) / (axis[i + 1] - axis[i])


def blend(row: list[float], j: int, v: float) -> float:
    return row[j] if v == 0 else row[j] + v * (row[j + 1] - row[j])


@dataclass
class Arc:
    """Delay and slew of one output after one related pin, rise and fall."""

    related: str
    delay: dict[str, Table]
    slew: dict[str, Table]


@dataclass
class Pin:
    name: str
    direction: str
    capacitance: float = 0.0  # pF
    function: str = ""
    clock: bool = False
    max_capacitance: float | None = None  # pF an output may drive, None when the library doesn't say
    arcs: list[Arc] = field(default_factory=list)
    power: dict[str, list[Table]] = field(default_factory=lambda: {"rise": [], "fall": []})

    def energy(self, edge: str, load: float, slew: float) -> float:
        """Internal energy of one transition, pJ: the mean over related pins and conditions."""
        tables = self.power[edge]
        return sum(t.at(load, slew) for t in tables) / len(tables) if tables else 0.0


@dataclass
class Cell:
    name: str
    area: float
    leakage: float  # nW
    pins: dict[str, Pin]
    next_state: str = ""
    clocked_on: str = ""
    state: str = ""  # the name that output functions use for the stored bit
    state_inverse: str = ""
    asynchronous: list[str] = field(default_factory=list)  # functions that clear or preset
    usable: bool = True

    @property
    def outputs(self) -> list[Pin]:
        return [p for p in self.pins.values() if p.direction == "output"]


@dataclass
class Library:
    name: str
    path: Path
    voltage: float
    cells: dict[str, Cell]
    thresholds: str = ""

    def nand2(self) -> Cell:
        """The smallest two-input NAND, whose area is one gate equivalent."""
        found = [c for c in self.cells.values() if c.usable and is_nand2(c)]
        if not found:
            raise LibertyError(f"{self.name} has no two-input NAND to count gates in")
        return min(found, key=lambda c: (c.area, c.name))

    def flop(self) -> tuple[Cell, dict[str, str]]:
        """The smallest rising-edge flop without enable, and pin -> 'D', 'CLK', 'Q' or a tied value."""
        found = []
        for cell in self.cells.values():
            pins = flop_pins(cell) if cell.usable and cell.next_state else None
            if pins:
                found.append((cell.area, len(pins), cell.name, cell, pins))
        if not found:
            raise LibertyError(f"{self.name} has no rising-edge flop")
        return min(found)[3:]

    def buffer(self) -> tuple[Cell, str, str]:
        """The smallest buffer, its input and its output pin."""
        found = [c for c in self.cells.values() if c.usable and is_buffer(c)]
        if not found:
            raise LibertyError(f"{self.name} has no buffer for nets beyond max_capacitance")
        cell = min(found, key=lambda c: (c.area, c.name))
        return cell, logic_inputs(cell)[0], cell.outputs[0].name

    def full_adder(self) -> tuple[Cell, dict[str, str]] | None:
        """The smallest full adder and what its pins are (A B C in, S and CO out), or None."""
        found = []
        for cell in self.cells.values():
            pins = full_adder_pins(cell) if cell.usable else None
            if pins:
                found.append((cell.area, cell.name, cell, pins))
        return min(found)[2:] if found else None


# --- Boolean functions ------------------------------------------------------------------------

TOKEN = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])?|[01]|[()!'*&+|^]")


def to_expression(function: str, name=lambda pin: pin, not_="~", and_="&", or_="|", xor="^") -> str:
    """A Liberty function in the operators of Verilog or Python; `name` renames pins.

    Liberty: ! and ' are not, * & and juxtaposition are and, + | are or. AND binds closer than XOR,
    and XOR closer than OR, as in both target languages.
    """
    out: list[str] = []
    tokens = TOKEN.findall(function)
    for i, token in enumerate(tokens):
        if token == "'":  # negates the operand before it: a name, or a group up to its bracket
            depth, start = 0, len(out) - 1
            while start >= 0:
                depth += out[start] == ")"
                depth -= out[start] == "("
                if depth == 0:
                    break
                start -= 1
            out[start:] = ["(", not_, *out[start:], ")"]
            continue
        is_operand = token in "01" or token[0].isalpha() or token[0] == "_"
        if (is_operand or token in "(!") and i and (out[-1] == ")" or out[-1] not in ("(", not_, and_, or_, xor)):
            out.append(and_)
        if token in ("*", "&"):
            out.append(and_)
        elif token in ("+", "|"):
            out.append(or_)
        elif token == "^":
            out.append(xor)
        elif token == "!":
            out.append(not_)
        elif is_operand and token not in "01":
            out.append(name(token))
        else:
            out.append(token)
    return " ".join(out)


def truth_table(function: str, inputs: list[str]) -> tuple[int, ...] | None:
    code = to_expression(function, lambda pin: f"v['{pin}']")
    rows = []
    for word in range(1 << len(inputs)):
        values = {pin: word >> i & 1 for i, pin in enumerate(inputs)}
        try:
            rows.append(eval(code, {"__builtins__": {}}, {"v": values}) & 1)  # names come from TOKEN only
        except KeyError:
            return None
    return tuple(rows)


def logic_inputs(cell: Cell) -> list[str]:
    return [p.name for p in cell.pins.values() if p.direction == "input"]


def is_nand2(cell: Cell) -> bool:
    inputs = logic_inputs(cell)
    return (len(inputs) == 2 and len(cell.outputs) == 1 and not cell.next_state
            and truth_table(cell.outputs[0].function, inputs) == (1, 1, 1, 0))


def is_buffer(cell: Cell) -> bool:
    inputs = logic_inputs(cell)
    return (len(inputs) == 1 and len(cell.outputs) == 1 and not cell.next_state
            and truth_table(cell.outputs[0].function, inputs) == (0, 1))


def flop_pins(cell: Cell) -> dict[str, str] | None:
    if cell.next_state not in cell.pins or cell.clocked_on not in cell.pins:
        return None  # inverted clock, enable or scan multiplexer
    pins = {cell.next_state: "D", cell.clocked_on: "CLK"}
    for output in cell.outputs:
        pins[output.name] = "Q" if output.function == cell.state else ""
    if "Q" not in pins.values():
        return None
    for function in cell.asynchronous:
        inputs = [p for p in logic_inputs(cell) if p in TOKEN.findall(function)]
        table = truth_table(function, inputs)
        if len(inputs) != 1 or table is None or table.count(0) != 1:
            return None
        pins[inputs[0]] = str(table.index(0))
    return pins if len(pins) == len([p for p in cell.pins.values() if p.direction in ("input", "output")]) else None


def full_adder_pins(cell: Cell) -> dict[str, str] | None:
    inputs = logic_inputs(cell)
    if len(inputs) != 3 or len(cell.outputs) != 2 or cell.next_state:
        return None
    pins = dict(zip("ABC", inputs))
    for output in cell.outputs:
        table = truth_table(output.function, inputs)
        if table == (0, 1, 1, 0, 1, 0, 0, 1):
            pins["S"] = output.name
        elif table == (0, 0, 0, 1, 0, 1, 1, 1):
            pins["CO"] = output.name
    return pins if len(pins) == 5 else None
