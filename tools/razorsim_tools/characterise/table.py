# SPDX-License-Identifier: Apache-2.0
"""Writes configs/technology/45nm.json: each value with node, spread and source.

    razorsim-tools technology --out FILE [--node-nm 22]

Arithmetic is a published 45 nm anchor, an INT8 MAC, times the ratio of each unit to it measured on
gates (configs/technology/characterised). How a unit's total divides into multiplier, tree, shifter and
accumulator is derive.py's, since synthesis dissolves the borders between them.
"""

import csv
import json
from pathlib import Path

from . import derive
from .scaling import area_factor, energy_factor

ROOT = Path(__file__).resolve().parents[3]
SRAM_CSV = ROOT / "configs/technology/sram/cacti7.csv"
NODE_NM = 45
NAND2_UM2 = 0.798  # NAND2_X1 of Nangate's 45 nm Open Cell Library

MEASURED_JSON = ROOT / "configs/technology/characterised/osu018.json"
FIT_JSON = ROOT / "configs/technology/characterised/osu018_fit.json"

HOROWITZ = "M. Horowitz, Computing's Energy Problem, ISSCC 2014, 45 nm, 0.9 V"
ALADDIN = "Aladdin (Shao et al., ISCA 2014), 40 nm tables"
RULE = f"derived by the rule of docs/energy.md from {HOROWITZ}; registers: {ALADDIN}"
MEASURED = ("anchor times measured ratio: an INT8 MAC of a dot-16 unit at 45 nm by the rule of docs/energy.md from "
            f"{HOROWITZ}, times the ratio of %s to int8_dot16 measured on osu018 gates; area: measured gate "
            "equivalents times Nangate's NAND2_X1. Split into parts as the rule divides them")


def estimate(nominal: float, low: float = 1.0, high: float = 1.0) -> dict:
    """`low` and `high` are factors of `nominal`."""
    return bounds(nominal * low, nominal, nominal * high)


def bounds(low: float, nominal: float, high: float) -> dict:
    return {"low": round(low, 6), "nominal": round(nominal, 6), "high": round(high, 6)}


def logic_cost(cost: tuple[float, float]) -> dict:
    pj, nand2 = cost
    return {
        "energy_pj": estimate(pj, derive.ENERGY_LOW, derive.ENERGY_HIGH),
        "area_um2": estimate(nand2 * NAND2_UM2, derive.AREA_LOW, derive.AREA_HIGH),
    }


def measured() -> dict[str, dict]:
    """Rows of the characterised table by name."""
    return {row["name"]: row for row in json.loads(MEASURED_JSON.read_text())["units"]}


def measured_name(row: dict) -> str:
    """The characterised unit that a row of the technology table is."""
    if row["structure"] == "dot" and row["name"] == "sdr_dot":
        return f"sdr4_base{8 if row['accumulator_bits'] == 32 else 16}_dot{row['lanes']}"
    if row["name"] == "sdr_w4a8":
        return f"sdr4a8_base16_dot{row['lanes']}"
    if row["name"] in ("sdr_lean", "sdr_full"):
        return f"sdr4_base16_{row['name'][4:]}"
    return f"{row['name']}_dot{row['lanes']}" if row["lanes"] > 1 else f"{row['name']}_pe"


def scaled(cost: tuple[float, float], factors: tuple[float, float]) -> tuple[float, float]:
    return cost[0] * factors[0], cost[1] * factors[1]


PARTS = ("multiply", "add", "shift", "accumulate")
# What a measured event contains of each part: energy a MAC and area a unit.
ANCHOR = ("int8", 16)


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
    if found.get("zero_activations", 0) > MOSTLY_ZERO:
        both = (1.0, both[1])
    return dict.fromkeys(PARTS, both), True


MOSTLY_ZERO = 0.5  # a stream with more zero operands than this prices a unit too low to be a constant (chosen)


FITTED = ("constant", "toggle_activation", "toggle_weight", "zero_activation", "zero_weight", "floor", "largest_error")


def data_model(row: dict) -> dict:
    """How energy follows the operands: the dot-16 unit's fit serves all dot units of its arithmetic.
    Empty, so one constant a product, where nothing was fitted; int4's energy isn't measured at all."""
    if row["structure"] != "dot" or row["name"] == "int4":
        return {}
    document = json.loads(FIT_JSON.read_text())
    fits = {fit["unit"]: fit for fit in document["fits"]}
    fit = fits.get(measured_name(row | {"lanes": 16}))
    if fit is None:
        return {}
    used = sum(not layer["tested"] for layer in fit["layers"])
    source = (f"{fit['unit']} on {document['library']}: fitted to gate-level runs of {used} linear operations of "
              f"{document['model']}, tested on {len(fit['layers']) - used} others")
    return {"data": {key: fit[key] for key in FITTED} | {"source": source}}


# Ratios to the anchor between libraries: SDR dot-16 over INT8 dot-16 is 0.390 (base 8) and 0.412 (base 16) in
# energy on osu018, 0.365 and 0.387 on sky130hd; 0.334 and 0.357 against 0.325 and 0.346 in area. So 7 and 4 %,
# taken both ways. A ratio that only the rule gives is off by what the rule is off the measured dot units by.
LIBRARIES = {"energy": bounds(0.93, 1.0, 1.07), "area": bounds(0.96, 1.0, 1.04)}
RULE_ONLY = {"energy": bounds(0.8, 1.0, 1.25), "area": bounds(0.9, 1.0, 1.18)}
EXACT = {"energy": bounds(1.0, 1.0, 1.0), "area": bounds(1.0, 1.0, 1.0)}


def ratio_spread(row: dict, is_measured: bool) -> dict:
    if (row["name"], row["lanes"]) == ANCHOR:
        return EXACT
    return LIBRARIES if is_measured else RULE_ONLY


def unit_row(row: dict, gates: dict[str, dict]) -> dict:
    by_part, is_measured = factors(row, gates)
    name = measured_name(row)
    zeros = gates.get(name, {}).get("zero_activations", 0) > MOSTLY_ZERO
    source = MEASURED % name if is_measured and not zeros else RULE + (
        "; its area is measured, its energy is not: the reference operands are mostly zero in this format"
        if zeros else "; scaled as its nearest measured relative")
    return ({k: v for k, v in row.items() if k not in PARTS} | {"node_nm": NODE_NM}
            | {k: logic_cost(scaled(row[k], by_part[k])) for k in PARTS}
            | {"ratio": ratio_spread(row, is_measured and not zeros)} | data_model(row)
            | {"derived": not is_measured or zeros, "source": source})


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


def vector_unit() -> dict:
    add, mul, small = 0.9, 3.7, 0.1
    newton_divide = lambda steps: steps * (2 * mul + add) + mul
    newton_root = lambda steps: steps * (3 * mul + add) + mul
    polynomial = lambda degree: (degree + 2) * (mul + add)
    lane = 4360 + 8970
    return {
        "node_nm": NODE_NM,
        "add_pj": estimate(add, 0.8, 1.25),
        "multiply_pj": estimate(mul, 0.8, 1.25),
        "compare_pj": bounds(small, small, add),
        "divide_pj": bounds(newton_divide(1), newton_divide(2), 26.3),
        "square_root_pj": bounds(newton_root(1), newton_root(2), newton_root(3)),
        "exponential_pj": bounds(polynomial(2), polynomial(6), polynomial(8)),
        "convert_pj": bounds(0.4, add, add * 1.25),
        "lane_area_um2": bounds(lane, lane * (45 / 40) ** 2, lane * (45 / 40) ** 2 * 1.5),
        "source": f"FP32 addition 0.9 and multiplication 3.7 pJ: {HOROWITZ}, spread chosen. Comparison: its "
                  "32-bit integer adder, at most an FP32 addition. Conversion: an FP32 addition (align and "
                  "normalise), at least FP16's 0.4. Division and root: Newton steps of those, two (one; three), "
                  "a division at most 26.3 (PMC8934428, table 3); exponential: polynomial of degree 6 (2; 8) "
                  f"with range reduction. Lane: adder 4360 and multiplier 8970 um2 of {ALADDIN}, scaled by (45/40)^2",
    }


def sram(cell: str, node_nm: int = NODE_NM) -> dict:
    points = []
    with open(SRAM_CSV, newline="") as f:
        for row in csv.DictReader(f):
            if round(float(row["node_um"]) * 1000) != node_nm or row["cell_type"] != cell or float(row["size_KiB"]) < 2:
                continue
            height, width = (float(x) for x in row["height_x_width_mm"].split(" x "))
            points.append({
                "size_kib": float(row["size_KiB"]), "port_bits": int(row["port_bits"]), "node_nm": node_nm,
                "read_pj": round(float(row["read_nJ"]) * 1000, 6),
                "write_pj": round(float(row["write_nJ"]) * 1000, 6),
                "leakage_mw": float(row["leakage_mW"]), "access_ns": float(row["access_ns"]),
                "area_um2": round(height * width * 1e6, 1),
            })
    return {
        "cell_type": cell,
        # Horowitz's SRAM against these points at 64 bits: 8 KiB 10 / 3.16, 32 KiB 20 / 7.23, 1 MiB 100 / 41.8.
        "spread": bounds(0.8, 1.0, 2.75),
        "points": points,
        "source": "our runs of CACTI 7 (HewlettPackard/cacti): ram, one read-write port, 350 K, no ECC, "
                  "conservative wires; configs/technology/sram/cacti7.csv. Spread: high is the geometric mean of "
                  f"the SRAM figures of {HOROWITZ} over ours at 8 KiB, 32 KiB and 1 MiB; low chosen",
    }


# Kim et al., IEEE TCAS-II 65(12), 2018: a controller's LPDDR4 transceiver in 65 nm.
TRANSCEIVER_READ_PJ, TRANSCEIVER_WRITE_PJ = 1.83, 5.68


def terminated_pj(volts: float, driver_ohm: float, termination_ohm: float, gbit_s: float, pf: float,
                  strobe_pairs_per_byte: int) -> float:
    """A data bit on a line terminated to one rail: half the bits draw current; strobes always do."""
    ohms = driver_ohm + termination_ohm
    current_pj = volts**2 / ohms / gbit_s * 1000
    swing = volts * termination_ohm / ohms
    return current_pj * (0.5 + strobe_pairs_per_byte / 8) + 0.25 * volts * swing * pf


def interfaces() -> list[dict]:
    circuits = ("low: that alone; nominal and high add a controller's transceiver, 1.83 pJ/bit reading and 5.68 "
                "writing (Kim et al., TCAS-II 65(12), 2018, LPDDR4, 65 nm)")
    ddr4 = terminated_pj(1.2, 34, 48, 3.2, 3.0, 1)
    lpddr5 = terminated_pj(0.5, 40, 40, 6.4, 2.0, 2)
    ddr5 = terminated_pj(1.1, 34, 48, 4.8, 3.0, 1)
    lpddr4x = terminated_pj(0.6, 40, 40, 4.266, 2.0, 1)
    gddr6 = terminated_pj(1.35, 40, 60, 14.0, 1.5, 1)
    hbm = lambda volts, pf: 0.25 * volts**2 * pf
    hbm_bounds = bounds(hbm(1.2, 1.8), hbm(1.2, 2.5), hbm(1.2, 4.0))
    with_transceiver = lambda pj: bounds(pj, pj + TRANSCEIVER_READ_PJ, pj + TRANSCEIVER_WRITE_PJ)
    return [
        {"name": "DDR4", "io_pj_per_bit": with_transceiver(ddr4),
         "source": "closed form: 1.2 V, pseudo open drain, 34 ohm driver against 48 ohm, 3.2 Gbit/s, one strobe "
                   "pair a byte (JESD79-4), 3 pF of pins and trace (chosen); " + circuits},
        {"name": "DDR5", "io_pj_per_bit": with_transceiver(ddr5),
         "source": "closed form: 1.1 V, pseudo open drain, 34 ohm driver against 48 ohm, 4.8 Gbit/s, one strobe "
                   "pair a byte (JESD79-5), 3 pF (chosen); " + circuits},
        {"name": "LPDDR4X", "io_pj_per_bit": with_transceiver(lpddr4x),
         "source": "closed form: 0.6 V, 40 ohm driver against 40 ohm to ground, 4.266 Gbit/s, one strobe pair a "
                   "byte (JESD209-4-1), 2 pF (chosen); " + circuits},
        {"name": "LPDDR5", "io_pj_per_bit": with_transceiver(lpddr5),
         "source": "closed form: 0.5 V, 40 ohm driver against 40 ohm to ground, 6.4 Gbit/s, two strobe pairs a "
                   "byte (JESD209-5), 2 pF (chosen); " + circuits},
        {"name": "GDDR6", "io_pj_per_bit": with_transceiver(gddr6),
         "source": "closed form: 1.35 V, pseudo open drain, 40 ohm driver against 60 ohm, 14 Gbit/s, one clock "
                   "pair a byte (JESD250), 1.5 pF (chosen); " + circuits},
        {"name": "HBM2", "io_pj_per_bit": hbm_bounds,
         "source": "closed form: 1.2 V, unterminated, a quarter of C V^2 a bit; 1.8, 2.5 and 4 pF of pins and "
                   "interposer (chosen)"},
        {"name": "HBM2E", "io_pj_per_bit": hbm_bounds, "source": "as HBM2: the same pins and supply (JESD235D)"},
        {"name": "HBM3", "io_pj_per_bit": bounds(hbm(0.4, 1.8), hbm(0.4, 2.5), hbm(1.1, 4.0)),
         "source": "closed form: drivers at 0.4 V, unterminated, a quarter of C V^2 a bit, 1.8 and 2.5 pF; high: "
                   "the whole swing of 1.1 V (JESD238), 4 pF (chosen)"},
    ]


def table() -> dict:
    gates = measured()
    return {
        "name": "45nm",
        "source": f"Arithmetic: {HOROWITZ}, times ratios measured on gates. Buffers: CACTI 7. DRAM core energy comes from the DRAM model",
        "node_nm": NODE_NM,
        "voltage_v": 0.9,
        "nand2_um2": NAND2_UM2,
        # nW/um2: Aladdin's adder 2.4 uW on 278 um2 and multiplier 77.9 uW on 6350 um2, both 40 nm;
        # Nangate's 45 nm NAND2_X1 17.39 nW on 0.798 um2 at 1.1 V, 25 C.
        "logic_leakage_nw_per_um2": bounds(2400 / 278, 77900 / 6350, 17.39336 / NAND2_UM2),
        "register_bit": logic_cost(derive.registers(1)),
        "units": [unit_row(row, gates) for row in derive.units()],
        "razor_units": [razor_row(g, gates) for g in (8, 16, 32, 64, 128)],
        "vector_unit": vector_unit(),
        "sram": sram("lop"),
        # Datasheet currents are those of the most power-hungry device sold (Ghose et al., SIGMETRICS 2018): an
        # upper bound; how far below a real device is differs by vendor, low chosen.
        "dram_spread": bounds(0.7, 1.0, 1.0),
        "dram_interfaces": interfaces(),
    }


def at_node(table: dict, node_nm: int) -> dict:
    """`table` with its logic scaled to another node and the buffers of that node: an option, labelled as such."""
    source, volts = table["node_nm"], table["voltage_v"]
    energy, area = energy_factor(source, node_nm, volts), area_factor(source, node_nm)

    def scale(value, key=""):
        if isinstance(value, list):
            return [scale(each) for each in value]
        if not isinstance(value, dict):
            return node_nm if key == "node_nm" else round(value * area, 6) if key == "nand2_um2" else value
        if "nominal" in value:
            factor = energy if key.endswith("_pj") else area if key.endswith("_um2") and "_per_" not in key else 1
            return bounds(*(value[bound] * factor for bound in ("low", "nominal", "high")))
        return {k: value[k] if k in ("sram", "dram_interfaces") else scale(value[k], k) for k in value}

    return scale(table) | {
        "name": f"{node_nm}nm-scaled",
        "sram": sram(table["sram"]["cell_type"], node_nm),
        "scaling": f"logic is scaled from {source} to {node_nm} nm at {volts:g} V, energy times {energy:.3f} and area "
                   f"times {area:.3f} (Stillmaker and Baas, Integration 58, 2017), not measured; leakage a um2 is not "
                   "scaled; buffers are CACTI's at the node",
    }


def text_of(value, indent: str = "") -> str:
    """JSON with an object of plain values on one line."""
    inner = indent + "  "
    if isinstance(value, dict) and any(isinstance(v, (dict, list)) for v in value.values()):
        rows = [f"{inner}{json.dumps(k)}: {text_of(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(v, (dict, list)) for v in value):
        return "[\n" + ",\n".join(inner + text_of(v, inner) for v in value) + f"\n{indent}]"
    return json.dumps(value)


def write(out: Path, node_nm: int = NODE_NM) -> None:
    made = table()
    out.write_text(text_of(made if node_nm == NODE_NM else at_node(made, node_nm)) + "\n")
