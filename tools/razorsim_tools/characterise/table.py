# SPDX-License-Identifier: Apache-2.0
"""Writes configs/technology/45nm.json: each value with node, spread and source.

    razorsim-tools technology [--out FILE]
"""

import csv
import json
from pathlib import Path

from . import derive

ROOT = Path(__file__).resolve().parents[3]
SRAM_CSV = ROOT / "configs/technology/sram/cacti7.csv"
NODE_NM = 45
NAND2_UM2 = 0.798  # NAND2_X1 of Nangate's 45 nm Open Cell Library

HOROWITZ = "M. Horowitz, Computing's Energy Problem, ISSCC 2014, 45 nm, 0.9 V"
ALADDIN = "Aladdin (Shao et al., ISCA 2014), 40 nm tables"
RULE = f"derived by the rule of docs/energy.md from {HOROWITZ}; registers: {ALADDIN}"


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


def unit_row(row: dict) -> dict:
    costs = ("multiply", "add", "shift", "accumulate")
    return ({k: v for k, v in row.items() if k not in costs} | {"node_nm": NODE_NM}
            | {k: logic_cost(row[k]) for k in costs} | {"derived": True, "source": RULE})


def razor_row(group: int) -> dict:
    cost = logic_cost(derive.razor(group))
    return {"group": group, "node_nm": NODE_NM, **cost, "derived": True, "source": RULE}


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


def sram(cell: str) -> dict:
    points = []
    with open(SRAM_CSV, newline="") as f:
        for row in csv.DictReader(f):
            if float(row["node_um"]) * 1000 != NODE_NM or row["cell_type"] != cell or float(row["size_KiB"]) < 2:
                continue
            height, width = (float(x) for x in row["height_x_width_mm"].split(" x "))
            points.append({
                "size_kib": float(row["size_KiB"]), "port_bits": int(row["port_bits"]), "node_nm": NODE_NM,
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
    hbm2 = lambda pf: 0.25 * 1.2**2 * pf
    return [
        {"name": "DDR4",
         "io_pj_per_bit": bounds(ddr4, ddr4 + TRANSCEIVER_READ_PJ, ddr4 + TRANSCEIVER_WRITE_PJ),
         "source": "closed form: 1.2 V, pseudo open drain, 34 ohm driver against 48 ohm, 3.2 Gbit/s, one strobe "
                   "pair a byte (JESD79-4), 3 pF of pins and trace (chosen); " + circuits},
        {"name": "LPDDR5",
         "io_pj_per_bit": bounds(lpddr5, lpddr5 + TRANSCEIVER_READ_PJ, lpddr5 + TRANSCEIVER_WRITE_PJ),
         "source": "closed form: 0.5 V, 40 ohm driver against 40 ohm to ground, 6.4 Gbit/s, two strobe pairs a "
                   "byte (JESD209-5), 2 pF (chosen); " + circuits},
        {"name": "HBM2",
         "io_pj_per_bit": bounds(hbm2(1.8), hbm2(2.5), hbm2(4.0)),
         "source": "closed form: 1.2 V, unterminated, a quarter of C V^2 a bit; 1.8, 2.5 and 4 pF of pins and "
                   "interposer (chosen)"},
    ]


def table() -> dict:
    return {
        "name": "45nm",
        "source": f"Arithmetic: {HOROWITZ}. Buffers: CACTI 7. DRAM core energy comes from the DRAM model",
        "node_nm": NODE_NM,
        "voltage_v": 0.9,
        "nand2_um2": NAND2_UM2,
        # nW/um2: Aladdin's adder 2.4 uW on 278 um2 and multiplier 77.9 uW on 6350 um2, both 40 nm;
        # Nangate's 45 nm NAND2_X1 17.39 nW on 0.798 um2 at 1.1 V, 25 C.
        "logic_leakage_nw_per_um2": bounds(2400 / 278, 77900 / 6350, 17.39336 / NAND2_UM2),
        "units": [unit_row(row) for row in derive.units()],
        "razor_units": [razor_row(g) for g in (8, 16, 32, 64, 128)],
        "vector_unit": vector_unit(),
        "sram": sram("lop"),
        "dram_interfaces": interfaces(),
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


def write(out: Path) -> None:
    out.write_text(text_of(table()) + "\n")
