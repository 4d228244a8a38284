# SPDX-License-Identifier: Apache-2.0
"""Writes configs/technology/45nm.json: each value with node, spread and source.

    razorsim-tools technology --out FILE [--node-nm 22]
"""

import json
from pathlib import Path

from . import derive
from .priced_units import NAND2_UM2, logic_cost, measured, razor_row, unit_row
from .published import hungriest_to_least, interfaces, sram, vector_unit
from .scaling import area_factor, energy_factor
from .sources import HOROWITZ, NODE_NM, bounds


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
        "dram_spread": bounds(round(hungriest_to_least(), 3), 1.0, 1.0),
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
