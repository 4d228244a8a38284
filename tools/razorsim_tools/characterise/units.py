# SPDX-License-Identifier: Apache-2.0
"""The arithmetic units: RTL module, parameters, and the stream that exercises and checks each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..reference import razor
from . import floating, operands
from .operands import Rows, pack, sign_magnitude
from .simulate import Stimulus

RTL = Path(__file__).resolve().parents[3] / "models/arithmetic/rtl"
CYCLES = 320  # of a dot unit; scalar units and razor units take what comes nearest in time
SCALAR_CYCLES = 1024
FLAG_W, FLAG_W_BITS = 4, 3  # largest flag of a base-8 weight


@dataclass(frozen=True)
class Program:
    """The C++ unit's side: razorsim's names, bits of the base integers, cycles walked."""

    unit: str
    scheme: str
    bits: tuple[int, int]
    cycles: int = CYCLES
    group: int = 1  # accumulators change at its end only


@dataclass(frozen=True)
class Unit:
    """`events` is what a cycle is divided by: products of a dot unit or element, groups otherwise."""

    name: str
    module: str
    parameters: dict[str, int]
    sources: tuple[str, ...]
    stimulus: Callable[[Rows], Stimulus]
    event: str = "mac"
    events: int = 1
    facts: dict = field(default_factory=dict)
    program: Program | None = None  # how razorsim multiplies the same stream

    def files(self) -> list[Path]:
        return [RTL / name for name in self.sources]


def pairs(rows: Rows, lanes: int, cycles: int):
    """(row, first element) of each cycle: whole rows, K ascending, as many as fill `cycles`."""
    count = max(1, min(len(rows.activations), cycles * lanes // rows.activations.shape[1]))
    for row in range(count):
        for start in range(0, rows.activations.shape[1] - lanes + 1, lanes):
            yield row, start


def delayed(values: list[list[int]], latency: int) -> list[list[int] | None]:
    """What a pipeline shows: undefined for `latency` cycles, then the values."""
    return [None] * latency + values[:len(values) - latency]


def zero_shares(a, w) -> tuple[float, float]:
    """Share of zero codes of activations and weights."""
    return float((a == 0).mean()), float((w == 0).mean())


def integer_stimulus(bits_a: int, bits_w: int, lanes: int, latency: int):
    def make(rows: Rows) -> Stimulus:
        a, w = operands.integers(rows, bits_a, bits_w)
        cycles, sums, acc = [], [], 0
        for row, k in pairs(rows, lanes, CYCLES if lanes > 1 else SCALAR_CYCLES):
            part = slice(k, k + lanes)
            acc = (0 if k == 0 else acc) + int(a[row, part] @ w[row, part])
            cycles.append({"first": int(k == 0), "a": pack(a[row, part], bits_a), "w": pack(w[row, part], bits_w)})
            sums.append([acc])
        widths = {"first": 1, "a": lanes * bits_a, "w": lanes * bits_w}
        return Stimulus(widths, cycles, ["acc"], delayed(sums, latency), zeros=zero_shares(a, w))

    return make


def sdr_dot_stimulus(base: int, lanes: int, magnitude: int, flag_bits: int):
    def make(rows: Rows) -> Stimulus:
        a, w = operands.razored(rows, base, lanes, magnitude)
        cycles, sums, acc = [], [], 0
        for row, k in pairs(rows, lanes, CYCLES):
            part, g = slice(k, k + lanes), k // lanes
            term = int(a.mantissas[row, part] @ w.mantissas[row, part]) << int(a.flags[row, g] + w.flags[row, g])
            acc = (0 if k == 0 else acc) + term
            cycles.append({"first": int(k == 0), "a": sign_magnitude(a.mantissas[row, part], magnitude),
                           "w": sign_magnitude(w.mantissas[row, part], 3),
                           "flag_a": int(a.flags[row, g]), "flag_w": int(w.flags[row, g])})
            sums.append([acc])
        widths = {"first": 1, "a": lanes * (magnitude + 1), "w": lanes * 4, "flag_a": flag_bits, "flag_w": FLAG_W_BITS}
        return Stimulus(widths, cycles, ["acc"], delayed(sums, 2), zeros=zero_shares(a.mantissas, w.mantissas))

    return make


def scalar_walk(rows: Rows, base: int, group: int):
    """(k, group index, place in the group, product, shift, row) of the products of a scalar element."""
    a, w = operands.razored(rows, base, group)
    for row, k in pairs(rows, 1, SCALAR_CYCLES):
        g = k // group
        yield (row, k, int(a.mantissas[row, k]), int(w.mantissas[row, k]), int(a.flags[row, g]), int(w.flags[row, g]))


def lean_stimulus(base: int, group: int):
    def make(rows: Rows) -> Stimulus:
        cycles, sums, total = [], [], 0
        for _, k, a, w, _, _ in scalar_walk(rows, base, group):
            total = (0 if k % group == 0 else total) + a * w
            cycles.append({"begins": int(k % group == 0), "a": sign_magnitude([a], 3), "w": sign_magnitude([w], 3)})
            sums.append([total])
        return Stimulus({"begins": 1, "a": 4, "w": 4}, cycles, ["group_sum"], delayed(sums, 1))

    return make


def full_stimulus(base: int, group: int, flag_bits: int):
    def make(rows: Rows) -> Stimulus:
        cycles, sums, total, acc = [], [], 0, 0
        for _, k, a, w, fa, fw in scalar_walk(rows, base, group):
            total = (0 if k % group == 0 else total) + a * w
            ends = (k + 1) % group == 0
            if ends:
                acc = (0 if k < group else acc) + (total << (fa + fw))
            cycles.append({"begins": int(k % group == 0), "ends": int(ends), "first": int(k < group),
                           "a": sign_magnitude([a], 3), "w": sign_magnitude([w], 3), "flag_a": fa, "flag_w": fw})
            sums.append([acc])
        # Before the first group has ended the accumulator holds nothing yet.
        expected = [None if c < group + 1 else e for c, e in enumerate(delayed(sums, 2))]
        widths = {"begins": 1, "ends": 1, "first": 1, "a": 4, "w": 4, "flag_a": flag_bits, "flag_w": FLAG_W_BITS}
        return Stimulus(widths, cycles, ["acc"], expected, warm_up=group + 4)

    return make


def column_stimulus(base: int, group: int, flag_bits: int, rows_served: int):
    def make(rows: Rows) -> Stimulus:
        a, w = operands.razored(rows, base, group)
        cycles, seen, acc = [], [], [0] * rows_served
        bits = 7 + (group - 1).bit_length()
        for g in range(min(a.flags.shape[1], CYCLES // rows_served)):
            for row in range(rows_served):
                pick = row % len(a.mantissas)
                part = slice(g * group, (g + 1) * group)
                total = int(a.mantissas[pick, part] @ w.mantissas[pick, part])
                acc[row] = (0 if g == 0 else acc[row]) + (total << int(a.flags[pick, g] + w.flags[pick, g]))
                cycles.append({"first": int(g == 0), "row": row, "group_sum": pack([total], bits),
                               "flag_a": int(a.flags[pick, g]), "flag_w": int(w.flags[pick, g])})
                seen.append([acc[row]])
        widths = {"first": 1, "row": (rows_served - 1).bit_length(), "group_sum": bits,
                  "flag_a": flag_bits, "flag_w": FLAG_W_BITS}
        return Stimulus(widths, cycles, ["acc"], delayed(seen, 1), warm_up=rows_served + 4)

    return make


def razor_stimulus(base: int, group: int):
    def make(rows: Rows) -> Stimulus:
        values, _ = operands.integers(rows, base, 8)
        result = razor.razor(values, base, group)
        cycles, seen = [], []
        for row, k in pairs(rows, group, CYCLES):
            part = slice(k, k + group)
            cycles.append({"values": pack(values[row, part], base)})
            seen.append([int(result.flags[row, k // group]),
                         sign_magnitude(result.mantissas[row, part][:16], 3)])
        return Stimulus({"values": group * base}, cycles, ["flag", "codes"], delayed(seen, 2))

    return make


SDR_SOURCES = ("sign_magnitude_sum.v", "shift_left.v")
INT_SOURCES = ("baugh_wooley.v",)


def accumulator(base: int) -> int:
    return 32 if base == 8 else 40


def flag_bits(base: int, magnitude: int = 3) -> tuple[int, int]:
    """(bits of an activation's flag, largest sum of two flags)."""
    largest = razor.largest_flag(base, magnitude)
    return largest.bit_length(), largest + FLAG_W


def sdr_scheme(base: int, group: int, magnitude: int = 3) -> str:
    return f"W4A{magnitude + 1}:g{group}" + (":base8" if base == 8 else "")


def sdr_dot(base: int, lanes: int, magnitude: int = 3) -> Unit:
    bits, distance = flag_bits(base, magnitude)
    name = f"sdr4_base{base}_dot{lanes}" if magnitude == 3 else f"sdr4a8_base{base}_dot{lanes}"
    parameters = {"LANES": lanes, "A": magnitude, "FA": bits, "DISTANCE": distance, "ACC": accumulator(base)}
    return Unit(name, "sdr_dot", parameters, (*SDR_SOURCES, "sdr_dot.v"),
                sdr_dot_stimulus(base, lanes, magnitude, bits), events=lanes,
                facts={"lanes": lanes, "group": lanes, "accumulator_bits": accumulator(base)},
                program=Program("sdr_dot", sdr_scheme(base, lanes, magnitude), (base, 8)))


def integer_dot(name: str, bits_a: int, bits_w: int, lanes: int, acc: int) -> Unit:
    facts = {"lanes": lanes, "group": 1, "accumulator_bits": acc}
    scheme = {"int8": "int8", "int16x8": "int16x8", "int4": "int4"}[name]
    program = Program(name, scheme, (bits_a, bits_w), CYCLES if lanes > 1 else SCALAR_CYCLES)
    if lanes == 1:
        return Unit(f"{name}_pe", "int_pe", {"A": bits_a, "B": bits_w, "ACC": acc}, (*INT_SOURCES, "int_pe.v"),
                    integer_stimulus(bits_a, bits_w, 1, 1), facts=facts, program=program)
    return Unit(f"{name}_dot{lanes}", "int_dot", {"LANES": lanes, "A": bits_a, "B": bits_w, "ACC": acc},
                (*INT_SOURCES, "int_dot.v"), integer_stimulus(bits_a, bits_w, lanes, 2), events=lanes, facts=facts,
                program=program)


def sdr_scalar(base: int, group: int = 16) -> list[Unit]:
    bits, distance = flag_bits(base)
    acc = accumulator(base)
    facts = {"lanes": 1, "group": group, "accumulator_bits": acc}
    shift = {"FA": bits, "DISTANCE": distance, "ACC": acc}
    return [
        Unit(f"sdr4_base{base}_lean", "sdr_lean", {"GROUP": group}, ("sign_magnitude_sum.v", "sdr_lean.v"),
             lean_stimulus(base, group), facts=facts),
        Unit(f"sdr4_base{base}_column", "sdr_column", {"ROWS": 16, "S": 7 + (group - 1).bit_length()} | shift,
             ("shift_left.v", "sdr_column.v"), column_stimulus(base, group, bits, 16), "group", facts=facts),
        Unit(f"sdr4_base{base}_full", "sdr_full", {"GROUP": group} | shift, (*SDR_SOURCES, "sdr_full.v"),
             full_stimulus(base, group, bits), facts=facts,
             program=Program("sdr_full", sdr_scheme(base, group), (base, 8), SCALAR_CYCLES, group)),
    ]


FP32_SOURCES = ("fp32_accumulator.v", "to_fp32.v", "fp32_add.v")


def fp4_dot(name: str, lanes: int, group: int) -> Unit:
    parameters = {"LANES": lanes, "BEATS": group // lanes, "SIGNIFICANDS": int(name == "nvfp4")}
    sources = ("sign_magnitude_sum.v", "baugh_wooley.v", "unsigned_product.v", *FP32_SOURCES, "fp4_dot.v")
    return Unit(f"{name}_dot{lanes}", "fp4_dot", parameters, sources,
                floating.block_stimulus(name, lanes, group, 4 if name == "nvfp4" else 3), events=lanes,
                facts={"lanes": lanes, "group": group, "accumulator_bits": 32})


def int4_group_dot(lanes: int, group: int) -> Unit:
    sources = ("baugh_wooley.v", "unsigned_product.v", *FP32_SOURCES, "int4_group_dot.v")
    return Unit(f"int4_group_dot{lanes}", "int4_group_dot", {"LANES": lanes, "BEATS": group // lanes}, sources,
                floating.block_stimulus("int4_group", lanes, group, 4), events=lanes,
                facts={"lanes": lanes, "group": group, "accumulator_bits": 32})


def fp16_dot(lanes: int) -> Unit:
    return Unit(f"fp16_dot{lanes}", "fp16_dot", {"LANES": lanes}, ("unsigned_product.v", *FP32_SOURCES, "fp16_dot.v"),
                floating.fp16_stimulus(lanes, 4), events=lanes,
                facts={"lanes": lanes, "group": 1, "accumulator_bits": 32})


def razor_unit(base: int, group: int) -> Unit:
    return Unit(f"razor_base{base}_g{group}", "razor_unit", {"GROUP": group, "BITS": base}, ("razor_unit.v",),
                razor_stimulus(base, group), "group", facts={"group": group})


def all_units() -> dict[str, Unit]:
    units = [integer_dot("int8", 8, 8, 16, 32), sdr_dot(8, 16), sdr_dot(16, 16),
             integer_dot("int16x8", 16, 8, 16, 40), integer_dot("int4", 4, 4, 16, 32)]
    for lanes in (8, 32):
        units += [sdr_dot(8, lanes), sdr_dot(16, lanes), integer_dot("int8", 8, 8, lanes, 32)]
    units.append(sdr_dot(16, 16, 7))
    units += [integer_dot("int8", 8, 8, 1, 32), integer_dot("int16x8", 16, 8, 1, 40), integer_dot("int4", 4, 4, 1, 32)]
    units += sdr_scalar(8) + sdr_scalar(16)
    units += [fp4_dot("mxfp4", 16, 32), fp4_dot("nvfp4", 16, 16), int4_group_dot(16, 64), fp16_dot(16)]
    units += [razor_unit(16, 16), razor_unit(16, 32), razor_unit(8, 16)]
    return {unit.name: unit for unit in units}


HEADLINE = ("int8_dot16", "sdr4_base8_dot16", "sdr4_base16_dot16", "int16x8_dot16", "int4_dot16")
