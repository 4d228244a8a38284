# SPDX-License-Identifier: Apache-2.0
"""Technology tables as Accelergy's energy and area reference tables (ERT and ART, version 0.4).

    razorsim-tools accelergy export TECHNOLOGY.json --ert ERT.yaml --art ART.yaml
    razorsim-tools accelergy import TECHNOLOGY.json --ert ERT.yaml [--art ART.yaml] [--map THEIRS=OURS].. --out NEW.json

Component (below `razorsim.`)   actions, pJ                                         area, um2
<unit>_<lanes>_<acc bits>.<part> use; parts multiply, add, shift, accumulate        one instance
razor_unit_<group>              encode                                              one unit
vector_lane                     add multiply compare divide square_root ..          one lane
sram_<KiB>_<bits>               read, write (a port), leak (a ns)                   one macro
dram_<interface>                transfer (a bit)                                    0

Accelergy knows one value a figure, so the nominal one is exported. On import a figure replaces nominal
and keeps the relative spread of the table it goes into; components of other names are refused, unless
--map says which of ours they are (then those it does not name are left out). Of an action that a file
lists for several arguments, the one with all of them at their largest counts: a whole access at a new
address. Where ours has one action and theirs one besides idle and leak, they are the same.
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


IDLE = ("idle", "leak")


def rows_of(path: Path, kind: str) -> list[dict]:
    """The tables of a file: rows with a name, as in versions 0.3 and 0.4, or a mapping by name, as in 0.2."""
    import yaml

    try:
        rows = yaml.safe_load(path.read_text())[kind]["tables"]
        if isinstance(rows, dict):
            rows = [{"name": name, "actions": old_actions(actions)} if kind == "ERT" else {"name": name, **actions}
                    for name, actions in rows.items()]
        assert isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
        return rows
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise FileProblem(f"{path}: not an Accelergy {kind}") from error


def old_actions(actions: dict) -> list[dict]:
    return [{"name": name, **each} for name, entries in actions.items()
            for each in (entries if isinstance(entries, list) else [entries])]


def full_access(actions: list[dict]) -> dict[str, dict]:
    """One entry an action: the one whose arguments are largest."""
    def size(entry: dict) -> tuple:
        return tuple(v for _, v in sorted((entry.get("arguments") or {}).items()) if isinstance(v, (int, float)))

    chosen: dict[str, dict] = {}
    for entry in actions:
        name = str(entry.get("name"))
        if name not in chosen or size(entry) > size(chosen[name]):
            chosen[name] = entry
    return chosen


def number(path: Path, what: str, value) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise FileProblem(f"{path}: {what} is {value!r}; a number of at least 0 is needed")
    return float(value)


def import_tables(table: dict, ert: Path, art: Path | None, renamed: dict[str, str] | None = None) -> dict:
    """`table` with the figures of the files; `renamed`: their component -> ours. Throws FileProblem, and
    UsageProblem for a name it hasn't."""
    result = copy.deepcopy(table)
    energy, area = slots(result)
    for ours in (renamed or {}).values():
        if ours.removeprefix(ROOT) not in energy:
            raise UsageProblem(f"--map: technology '{table['name']}' has no component '{ours}'")

    def ours(path: Path, row: dict) -> str | None:
        name = str(row.get("name"))
        short = (renamed.get(name, "") if renamed else name).removeprefix(ROOT)
        if short in energy:
            return short
        if renamed:
            return None
        raise UsageProblem(f"{path}: component '{name}' isn't one of technology '{table['name']}'; see --map")

    seen = set()
    for row in rows_of(ert, "ERT"):
        name = ours(ert, row)
        if name is None:
            continue
        seen.add(str(row["name"]))
        theirs = full_access(row.get("actions") or [])
        if len(energy[name]) == 1:  # one event: whatever they call it
            working = [each for each in theirs if each not in IDLE]
            if len(working) == 1:
                theirs = {next(iter(energy[name])): theirs[working[0]]}
        for action, entry in theirs.items():
            if action in energy[name]:
                replace(energy[name][action], number(ert, f"{name} {action}", entry.get("energy")))
            elif not renamed:
                raise UsageProblem(f"{ert}: {name} has no action '{action}'; it has {', '.join(energy[name])}")
    for row in rows_of(art, "ART") if art else []:
        name = ours(art, row)
        if name in area:
            replace(area[name], number(art, f"area of {name}", row.get("area")))
    for name in (renamed or {}).keys() - seen:
        raise UsageProblem(f"{ert}: has no component '{name}'")
    return result


def run_export(technology: Path, ert: Path, art: Path) -> None:
    texts = export(json.loads(technology.read_text()))
    ert.write_text(texts[0])
    art.write_text(texts[1])


def run_import(technology: Path, ert: Path, art: Path | None, renamed: dict[str, str], out: Path) -> None:
    from .table import text_of

    result = import_tables(json.loads(technology.read_text()), ert, art, renamed)
    result["name"] = out.stem
    result["source"] = f"figures of {ert.name}" + (f" and {art.name}" if art else "") + f"; the rest: {result['source']}"
    out.write_text(text_of(result) + "\n")
