# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: schemes beside each other, from DIR/comparison.json.

Shows energy against error with the spread of its sources, energy by component, what a MAC costs as
more of the machine is counted, cycles and stalls, area by component, all totals, the ranking, and
what was claimed elsewhere.
"""

import json
from pathlib import Path

from .errors import FileProblem
from .report_page import COLOURS, figures, items, layout, page, section, stacked, table
from .report_run import number

FILE = "comparison.json"

# What comparison.json counts energy a MAC up to, and how a reader would say it.
SCOPES = {
    "array": "arithmetic unit",
    "with_razor_unit": "+ razor unit",
    "with_buffers": "+ buffers",
    "chip": "+ rest of the chip",
    "machine": "+ DRAM",
}


def names_of(schemes: list[dict]) -> list[str]:
    return [str(each["scheme"]) for each in schemes]


def by_part(schemes: list[dict], key: str, scale: float = 1.0) -> dict[str, list[float]]:
    """Of each part of totals[key], in the order of the first scheme, what each scheme has of it."""
    parts = dict.fromkeys(part for each in schemes for part in each["totals"].get(key) or {})
    return {
        part: [scale * number((each["totals"].get(key) or {}).get(part)) for each in schemes]
        for part in parts
    }


def array_of(array: dict) -> str:
    return " ".join(
        str(array[key]) if key != "columns" else f"x {array[key]}"
        for key in ("rows", "columns", "unit")
        if key in array
    )


def trade(schemes: list[dict]) -> dict | None:
    """Energy over SQNR, a point a scheme; bars from the lowest to the highest estimate."""
    known = [s for s in schemes if s.get("error", {}).get("sqnr_db") is not None]
    if not known:
        return None
    data = []
    for index, each in enumerate(known):
        totals = each["totals"]
        energy = number(totals["energy_pj"]) * 1e-6
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": each["scheme"],
                "x": [number(each["error"]["sqnr_db"])],
                "y": [energy],
                "text": [each["scheme"]],
                "textposition": "middle right",
                "marker": {"size": 12, "color": COLOURS[index % len(COLOURS)]},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": [number(totals["energy_high_pj"]) * 1e-6 - energy],
                    "arrayminus": [energy - number(totals["energy_low_pj"]) * 1e-6],
                },
                "hovertemplate": "%{text}<br>%{x:.4g} dB<br>%{y:.4g} µJ<extra></extra>",
            }
        )
    shape = layout(
        "Energy against error", "SQNR of the outputs, dB (further right is better)", "energy, µJ"
    )
    shape["yaxis"]["rangemode"] = "tozero"
    shape["showlegend"] = False
    return {"data": data, "layout": shape}


def per_mac(schemes: list[dict]) -> dict | None:
    """Energy a MAC as more of the machine is counted: a group of bars a scope."""
    if not all(each.get("energy_pj_per_mac") for each in schemes):
        return None
    data = [
        {
            "type": "bar",
            "name": each["scheme"],
            "x": list(SCOPES.values()),
            "y": [number(each["energy_pj_per_mac"].get(scope)) for scope in SCOPES],
            "marker": {"color": COLOURS[index % len(COLOURS)]},
        }
        for index, each in enumerate(schemes)
    ]
    return {
        "data": data,
        "layout": layout("Energy a MAC, as more is counted", "", "pJ a MAC", barmode="group"),
    }


def cycles(schemes: list[dict]) -> dict:
    waits = by_part(schemes, "stall_cycles")
    parts = {"working": [number(each["totals"]["busy_cycles"]) for each in schemes]}
    parts |= {f"waiting: {cause}": values for cause, values in waits.items()}
    return stacked("Cycles, by what they were spent on", "core cycles", names_of(schemes), parts)


def ranking_of(comparison: dict) -> list[str]:
    """"energy: sdr4 < int8", and which neighbours the spread of the sources leaves open."""
    lines = []
    for each in comparison.get("ranking", []):
        figure = each["figure"].rpartition("_")[0]
        line = f"{figure}: {' < '.join(each['order'])}"
        unsure = [f"{p['smaller']} or {p['larger']}" for p in each["pairs"] if not p["certain"]]
        lines.append(line + (f" (within the spread: {', '.join(unsure)})" if unsure else ""))
    return lines


def claims_of(comparison: dict) -> list[str]:
    return [
        f"{each['scheme']} against {each['against']}: area {each['area_saving']:.1%} saved "
        f"(claimed {each['claimed_area_saving']:.1%}), energy {each['energy_saving_per_product']:.1%} "
        f"a product (claimed power {each['claimed_power_saving']:.1%}), "
        f"{each['energy_saving_of_machine']:.1%} of the whole machine. {each['source']}"
        for each in comparison.get("unit_claims", [])
    ]


def html(folder: Path) -> str:
    path = folder / FILE
    try:
        comparison = json.loads(path.read_text(encoding="utf-8"))
        schemes = comparison["schemes"]
        names = names_of(schemes)
        energy = by_part(schemes, "energy_by_component_pj", 1e-6)
        area = by_part(schemes, "area_by_component_um2", 1e-6)
        shown = {
            "trade": trade(schemes),
            "energy": stacked("Energy by component", "µJ", names, energy),
            "mac": per_mac(schemes),
            "cycles": cycles(schemes),
            "area": stacked("Area by component", "mm²", names, area),
        }
        totals = [
            {
                "scheme": each["scheme"],
                "formats": each.get("formats"),
                "array": array_of(each.get("array", {})),
                **each["totals"],
            }
            for each in schemes
        ]
        ratios = [{"scheme": each["scheme"], **each["relative"]} for each in schemes]
        workload = schemes[0]["provenance"].get("workload") or folder.resolve().name
        return page(
            f"RazorSim: {workload}, {comparison['at'].replace('-', ' ')}",
            [
                section("Ranking", items(ranking_of(comparison))),
                figures(shown, "comparison"),
                section("Totals", table(totals)),
                section(f"Relative to {comparison['baseline']}", table(ratios, bare=True)),
                section("Savings of the arithmetic unit", items(claims_of(comparison))),
                section("Where it comes from", table([each["provenance"] for each in schemes])),
            ],
        )
    except OSError as error:
        raise FileProblem(f"{error.filename}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FileProblem(f"{path}: not a comparison ({error!r})") from error
