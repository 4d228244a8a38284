# SPDX-License-Identifier: Apache-2.0
"""Arithmetic and razor units of a technology table: a published 45 nm anchor, an INT8 MAC, times the ratio
of each unit to it measured on gates (configs/technology/characterised). How a unit's total divides into
multiplier, tree, shifter and accumulator is derive.py's, since synthesis dissolves the borders between them."""

import functools
import json
import re
from pathlib import Path

from . import derive
from .sources import ALADDIN, HOROWITZ, NODE_NM, ROOT, bounds, estimate

NAND2_UM2 = 0.798  # NAND2_X1 of Nangate's 45 nm Open Cell Library
ANCHOR = ("int8", 16)  # the unit that ratios are to: name and lanes
MEASURED_JSON = ROOT / "configs/technology/characterised/osu018.json"
SECOND_JSON = ROOT / "configs/technology/characterised/sky130hd.json"  # the same units on another library
FIT_JSON = ROOT / "configs/technology/characterised/osu018_fit.json"
RULE = f"derived by the rule of docs/energy.md from {HOROWITZ}; registers: {ALADDIN}"
MEASURED = ("anchor times measured ratio: an INT8 MAC of a dot-16 unit at 45 nm by the rule of docs/energy.md from "
            f"{HOROWITZ}, times the ratio of %s to int8_dot16 measured on osu018 gates; area: measured gate "
            "equivalents times Nangate's NAND2_X1. Split into parts as the rule divides them")


@functools.cache
def measured(path: Path = MEASURED_JSON) -> dict[str, dict]:
    """Rows of a characterised table by name."""
    return {row["name"]: row for row in json.loads(path.read_text())["units"]}


@functools.cache
def area_spread() -> tuple[float, float]:
    """Bounds of all areas: gate equivalents of the anchor's unit on the other library and by the rule, over
    those that areas are made from."""
    rule = next(ANCHOR[1] * derive.per_mac(r)[1] for r in derive.units() if (r["name"], r["lanes"]) == ANCHOR)
    shares = [x / measured()["int8_dot16"]["area_nand2"] for x in (measured(SECOND_JSON)["int8_dot16"]["area_nand2"], rule)]
    return min(1.0, *shares), max(1.0, *shares)


def logic_cost(cost: tuple[float, float]) -> dict:
    pj, nand2 = cost
    return {
        "energy_pj": estimate(pj, derive.ENERGY_LOW, derive.ENERGY_HIGH),
        "area_um2": estimate(nand2 * NAND2_UM2, *area_spread()),
    }


def measured_name(row: dict) -> str:
    """The characterised unit that a row of the technology table is."""
    if row["name"] == "sdr_w4a8":
        return f"sdr4a8_base16_dot{row['lanes']}"
    if row["name"].startswith("sdr_"):
        base = 8 if row["accumulator_bits"] == 32 else 16
        return f"sdr4_base{base}_dot{row['lanes']}" if row["structure"] == "dot" else f"sdr4_base{base}_{row['structure']}"
    return f"{row['name']}_dot{row['lanes']}" if row["lanes"] > 1 else f"{row['name']}_pe"


def scaled(cost: tuple[float, float], factors: tuple[float, float]) -> tuple[float, float]:
    return cost[0] * factors[0], cost[1] * factors[1]


PARTS = ("multiply", "add", "shift", "accumulate")


def anchor_pj() -> float:
    return next(derive.per_mac(r)[0] for r in derive.units() if (r["name"], r["lanes"]) == ANCHOR)


def factors(row: dict, gates: dict[str, dict]) -> tuple[dict[str, tuple[float, float]], bool]:
    """For each part of `row`: (energy, area) factor that brings the rule's total to the measured one,
    and whether the unit itself was measured (else its nearest measured relative's factors serve)."""
    reference = gates["int8_dot16"]["energy_pj_per_mac"]
    name = measured_name(row)
    found = gates.get(name)
    if found is None:
        relatives = [r for r in derive.units() if r["name"] == row["name"] and r["lanes"] > 1
                     and r["accumulator_bits"] == row["accumulator_bits"] and measured_name(r) in gates]
        if not relatives:
            return dict.fromkeys(PARTS, (1.0, 1.0)), False
        nearest = min(relatives, key=lambda r: abs(r["lanes"] - row["lanes"]))
        return factors(nearest, gates)[0], False
    if row["structure"] == "lean":
        column = gates[name.replace("lean", "column")]
        element = derive.total(row["multiply"], row["add"])
        foot = derive.total(row["shift"], row["accumulate"])
        foot_area = row["shift"][1] + 16 * row["accumulate"][1]
        inner = (anchor_pj() * found["energy_pj_per_mac"] / reference / element[0], found["area_nand2"] / element[1])
        outer = (anchor_pj() * column["energy_pj_per_event"] / reference / foot[0], column["area_nand2"] / foot_area)
        return {"multiply": inner, "add": inner, "shift": outer, "accumulate": outer}, True
    uses = derive.uses(row)
    rule_pj = row["multiply"][0] + row["add"][0] + (row["shift"][0] + row["accumulate"][0]) / uses
    rule_nand2 = row["lanes"] * (row["multiply"][1] + row["add"][1]) + row["shift"][1] + row["accumulate"][1]
    both = (anchor_pj() * found["energy_pj_per_mac"] / reference / rule_pj, found["area_nand2"] / rule_nand2)
    return dict.fromkeys(PARTS, (both[0] * dense(found), both[1])), True


MOSTLY_ZERO = 0.5  # a stream with more zero operands than this prices a unit too low to be a constant (chosen)


FITTED = ("constant", "toggle_activation", "toggle_weight", "zero_activation", "zero_weight", "any_activation", "floor")
WORST_LAYER, WORST_TOTAL = 0.10, 0.05  # what a fit may be off by and still be used


@functools.cache
def fits() -> dict[str, dict]:
    """Fits of energy to operand statistics by unit, each with the library and model it was made with."""
    document = json.loads(FIT_JSON.read_text())
    return {fit["unit"]: fit | {k: document[k] for k in ("library", "model")} for fit in document["fits"]}


def fit_of(name: str) -> dict | None:
    """The fit of a characterised unit; a dot-16 unit's serves the other dot units of its arithmetic."""
    return fits().get(re.sub(r"_dot\d+$", "_dot16", name))


def mostly_zero(found: dict) -> bool:
    return found.get("zero_activations", 0) > MOSTLY_ZERO


def dense(found: dict) -> float:
    """What a unit's energy on the reference stream is multiplied with to be that on dense operands: of a format
    that makes the reference mostly zero, Gaussian operands are the stream that the table's value is for."""
    fit = fit_of(found["name"]) if mostly_zero(found) else None
    return fit["gaussian_control"] if fit else 1.0


def data_model(row: dict, gates: dict[str, dict]) -> dict:
    """How energy follows the operands, relative to the table's value. Empty, so one constant a product, where
    nothing was fitted or the fit is too far off."""
    name = measured_name(row)
    fit = fit_of(name)
    if fit is None or fit["largest_error"] > WORST_LAYER or abs(fit["total_error"]) > WORST_TOTAL:
        return {}
    used = sum(not layer["tested"] for layer in fit["layers"])
    source = (f"{fit['unit']} on {fit['library']}: fitted to gate-level runs of {used} linear operations of "
              f"{fit['model']}, tested on {len(fit['layers']) - used} others")
    scale = dense(gates.get(name) or gates[fit["unit"]])
    return {"data": {key: round(fit[key] / scale, 6) for key in FITTED}
            | {"largest_error": fit["largest_error"], "source": source}}


# A ratio that only the rule gives is off by what the rule is off the measured dot units by.
RULE_ONLY = {"energy": bounds(0.8, 1.0, 1.25), "area": bounds(0.9, 1.0, 1.18)}
EXACT = {"energy": bounds(1.0, 1.0, 1.0), "area": bounds(1.0, 1.0, 1.0)}


def energy_key(what: str) -> str:
    return "energy_pj_per_event" if what == "energy" else "area_nand2"


@functools.cache
def deviations(what: str) -> dict[str, float]:
    """How far each unit's ratio to the anchor differs between the two libraries, at least 1; of the units that
    both made in time."""
    ours, others = measured(), measured(SECOND_JSON)
    key = energy_key(what)
    found = {}
    for name, row in ours.items():
        other = others.get(name)
        if other is None or (other["setup_slack_ns"] or 0) < 0:
            continue
        ratio = (row[key] / ours["int8_dot16"][key]) / (other[key] / others["int8_dot16"][key])
        found[name] = max(ratio, 1 / ratio)
    return found


def ratio_spread(row: dict, is_measured: bool) -> dict:
    """Bounds of a unit's ratio to the anchor: what it differs by between libraries, taken both ways; of a lean
    element the wider of its own and its column's. The widest of all where the other library didn't make it."""
    if (row["name"], row["lanes"]) == ANCHOR:
        return EXACT
    if not is_measured:
        return RULE_ONLY
    names = [measured_name(row)]
    if row["structure"] == "lean":
        names.append(names[0].replace("lean", "column"))
    spread = {}
    for what in ("energy", "area"):
        known = deviations(what)
        widest = max(known.get(name, max(known.values())) for name in names)
        spread[what] = bounds(1 / widest, 1.0, widest)
    return spread


def unit_row(row: dict, gates: dict[str, dict]) -> dict:
    by_part, is_measured = factors(row, gates)
    name = measured_name(row)
    source = MEASURED % name if is_measured else RULE + "; scaled as its nearest measured relative"
    if is_measured and mostly_zero(gates[name]):
        source += "; energy on Gaussian operands, since the reference's are mostly zero in this format"
    return ({k: v for k, v in row.items() if k not in PARTS} | {"node_nm": NODE_NM}
            | {k: logic_cost(scaled(row[k], by_part[k])) for k in PARTS}
            | {"ratio": ratio_spread(row, is_measured)} | data_model(row, gates)
            | {"derived": not is_measured, "source": source})


def razor_row(group: int, gates: dict[str, dict]) -> dict:
    found = gates.get(f"razor_base16_g{group}")
    if found is None:
        nearest = 16 if group < 24 else 32
        rule, near = derive.razor(group), derive.razor(nearest)
        found = gates[f"razor_base16_g{nearest}"]
        share = (rule[0] / near[0], rule[1] / near[1])
        source = RULE + f"; scaled as the measured unit for {nearest} elements"
        is_derived = True
    else:
        share, is_derived, source = (1.0, 1.0), False, MEASURED % f"razor_base16_g{group}"
    ratio = found["energy_pj_per_event"] / gates["int8_dot16"]["energy_pj_per_mac"]
    cost = logic_cost((anchor_pj() * ratio * share[0], found["area_nand2"] * share[1]))
    return {"group": group, "node_nm": NODE_NM, **cost, "derived": is_derived, "source": source}
