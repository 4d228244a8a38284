# SPDX-License-Identifier: Apache-2.0
"""Technology tables as Accelergy's energy and area reference tables (ERT and ART, version 0.4).

    razorsim-tools accelergy export TECHNOLOGY.json --ert ERT.yaml --art ART.yaml
    razorsim-tools accelergy import TECHNOLOGY.json --ert ERT.yaml [--art ART.yaml] --out NEW.json

Component (below `razorsim.`)   actions, pJ                                         area, um2
<unit>_<lanes>_<acc bits>.<part> use; parts multiply, add, shift, accumulate        one instance
razor_unit_<group>              encode                                              one unit
vector_lane                     add multiply compare divide square_root ..          one lane
sram_<KiB>_<bits>               read, write (a port), leak (a ns)                   one macro
dram_<interface>                transfer (a bit)                                    0

Accelergy knows one value a figure, so the nominal one is exported. On import a figure replaces nominal
and keeps the relative spread of the table it goes into; components of other names are refused.
"""

import copy
import json
from pathlib import Path

from ..errors import FileProblem, UsageProblem

PARTS = ("multiply", "add", "shift", "accumulate")
ROOT = "razorsim."


def unit_name(unit: dict) -> str:
    return f"{unit['name']}_{unit['lanes']}_{unit['accumulator_bits']}"


def sram_name(point: dict) -> str:
    return f"sram_{point['size_kib']:g}_{point['port_bits']}"


def slots(table: dict) -> tuple[dict, dict]:
    """Where each exported figure lives: {component: {action: (owner, key)}} and {component: (owner, key)}.
    A figure is an estimate (low, nominal, high) or a plain number."""
    energy: dict[str, dict] = {}
    area: dict[str, tuple] = {}
    for unit in table["units"]:
        for part in PARTS:
            name = f"{unit_name(unit)}.{part}"
            energy[name] = {"use": (unit[part], "energy_pj")}
            area[name] = (unit[part], "area_um2")
    for razor in table["razor_units"]:
        name = f"razor_unit_{razor['group']}"
        energy[name] = {"encode": (razor, "energy_pj")}
        area[name] = (razor, "area_um2")
    vector = table["vector_unit"]
    energy["vector_lane"] = {k[:-3]: (vector, k) for k in vector if k.endswith("_pj")}
    area["vector_lane"] = (vector, "lane_area_um2")
    for point in table["sram"]["points"]:
        # 1 mW for 1 ns is 1 pJ, so the leakage of a nanosecond is the same number.
        energy[sram_name(point)] = {"read": (point, "read_pj"), "write": (point, "write_pj"), "leak": (point, "leakage_mw")}
        area[sram_name(point)] = (point, "area_um2")
    for interface in table["dram_interfaces"]:
        energy[f"dram_{interface['name']}"] = {"transfer": (interface, "io_pj_per_bit")}
    return energy, area


def nominal(slot: tuple) -> float:
    value = slot[0][slot[1]]
    return value["nominal"] if isinstance(value, dict) else value


def replace(slot: tuple, value: float) -> None:
    owner, key = slot
    old = owner[key]
    if not isinstance(old, dict):
        owner[key] = value
    elif old["nominal"] > 0:
        owner[key] = {bound: old[bound] * value / old["nominal"] for bound in ("low", "nominal", "high")}
        owner[key]["nominal"] = value
    else:
        owner[key] = {"low": value, "nominal": value, "high": value}


def export(table: dict) -> tuple[str, str]:
    """(ERT, ART) as YAML text."""
    energy, area = slots(table)
    ert = ["ERT:", "  version: '0.4'", "  tables:"]
    for name, actions in energy.items():
        ert += [f"  - name: {ROOT}{name}", "    actions:"]
        for action, slot in actions.items():
            ert += [f"    - name: {action}", "      arguments: {}", f"      energy: {nominal(slot)!r}"]
    art = ["ART:", "  version: '0.4'", "  tables:"]
    for name in energy:
        value = nominal(area[name]) if name in area else 0.0
        art += [f"  - name: {ROOT}{name}", f"    area: {value!r}"]
    return "\n".join(ert) + "\n", "\n".join(art) + "\n"


def rows_of(path: Path, kind: str) -> list[dict]:
    import yaml

    try:
        document = yaml.safe_load(path.read_text())
        rows = document[kind]["tables"]
        assert isinstance(rows, list)
        return rows
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AssertionError) as error:
        raise FileProblem(f"{path}: not an Accelergy {kind} (version 0.4)") from error


def number(path: Path, what: str, value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise FileProblem(f"{path}: {what} is {value!r}; a number of at least 0 is needed")
    return float(value)


def import_tables(table: dict, ert: Path, art: Path | None) -> dict:
    """`table` with the figures of the files. Throws FileProblem; UsageProblem for a name it hasn't."""
    result = copy.deepcopy(table)
    energy, area = slots(result)

    def known(path: Path, name: str, where: dict) -> str:
        short = str(name).removeprefix(ROOT)
        if short not in where:
            raise UsageProblem(f"{path}: component '{name}' isn't one of technology '{table['name']}'")
        return short

    for row in rows_of(ert, "ERT"):
        name = known(ert, row.get("name"), energy)
        for action in row.get("actions") or []:
            if action.get("name") not in energy[name]:
                raise UsageProblem(f"{ert}: {name} has no action '{action.get('name')}'; it has {', '.join(energy[name])}")
            what = f"{name} {action['name']}"
            replace(energy[name][action["name"]], number(ert, what, action.get("energy")))
    for row in rows_of(art, "ART") if art else []:
        name = known(art, row.get("name"), energy)
        if name in area:
            replace(area[name], number(art, f"area of {name}", row.get("area")))
    return result


def run_export(technology: Path, ert: Path, art: Path) -> None:
    texts = export(json.loads(technology.read_text()))
    ert.write_text(texts[0])
    art.write_text(texts[1])


def run_import(technology: Path, ert: Path, art: Path | None, out: Path) -> None:
    from .table import text_of

    result = import_tables(json.loads(technology.read_text()), ert, art)
    result["name"] = out.stem
    result["source"] = f"figures of {ert.name}" + (f" and {art.name}" if art else "") + f"; the rest: {result['source']}"
    out.write_text(text_of(result) + "\n")
