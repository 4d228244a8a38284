# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page from the results of a run, a comparison or a sweep; it needs no network.

Of a run, reads RUN_DIR/result.json (operations from RUN_DIR/operations.csv where it holds none) and
shows: the totals, a roofline, cycles and stalls of each operation, energy by component, the error of
each operation against the FP32 reference, and of a generate run what a token takes as the context
grows. Of the others see report_comparison.py and report_sweep.py. A part whose numbers the results do not have is left
out and the page says so. The same results give the same bytes.
"""

from pathlib import Path

from . import report_comparison, report_sweep
from .report_page import COLOURS, figures, items, layout, page, section, stacked, table
from .report_run import Run, labels, load, number, summed


def roofline(run: Run) -> dict | None:
    """Attained MACs a second over MACs a DRAM byte, below the roofs of array and memory."""
    products = [o for o in summed(run.operations) if o.macs and o.cycles and o.dram_bytes]
    if not products or not run.ns_per_cycle:
        return None
    traces = []
    for index, bound in enumerate(sorted({o.bound for o in products})):
        mine = [o for o in products if o.bound == bound]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"bound by {bound}",
                "x": [o.macs / o.dram_bytes for o in mine],
                "y": [o.macs / (o.cycles * run.ns_per_cycle) for o in mine],
                "text": [o.name for o in mine],
                "marker": {"size": 10, "color": COLOURS[index % len(COLOURS)]},
                "hovertemplate": "%{text}<br>%{x:.3g} MAC/B<br>%{y:.4g} GMAC/s<extra></extra>",
            }
        )
    roofs = run.totals.get("roofline", {})
    peak, ridge = number(roofs.get("peak_gmac_per_s")), number(roofs.get("ridge_macs_per_byte"))
    if peak and ridge:
        intensities = [ridge, *(o.macs / o.dram_bytes for o in products)]
        low, high = min(intensities) / 4, max(intensities) * 4
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"roofs: {peak:g} GMAC/s, {peak / ridge:.4g} GB/s",
                "x": [low, ridge, high],
                "y": [low * peak / ridge, peak, peak],
                "line": {"color": "#555555", "dash": "dash"},
            }
        )
    shape = layout("Roofline", "MACs a byte of DRAM traffic", "GMAC/s")
    shape["xaxis"]["type"] = shape["yaxis"]["type"] = "log"
    return {"data": traces, "layout": shape}


def cycles(run: Run) -> dict | None:
    shown = summed(run.operations)
    if not any(o.cycles for o in shown):
        return None
    causes = list(dict.fromkeys(cause for o in shown for cause in o.stalls))
    parts = {"working": [o.cycles - sum(o.stalls.values()) for o in shown]}
    parts |= {f"waiting: {c}": [o.stalls.get(c, 0.0) for o in shown] for c in causes}
    return stacked(
        "Cycles of each operation, by what they were spent on",
        "core cycles",
        labels(shown),
        parts,
    )


def energy(run: Run) -> dict | None:
    shown = [o for o in summed(run.operations) if any(o.energy.values())]
    total = {k: number(v) for k, v in run.totals.get("energy_by_component_pj", {}).items()}
    if not shown and not total:
        return None
    if not shown:
        return stacked(
            "Energy by component", "pJ", ["whole run"], {k: [v] for k, v in total.items()}
        )
    components = list(dict.fromkeys(c for o in shown for c in o.energy))
    parts = {c: [o.energy.get(c, 0.0) for o in shown] for c in components}
    return stacked("Energy of each operation, by component", "pJ", labels(shown), parts)


def errors(run: Run) -> dict | None:
    """SQNR of every operation: bars in one layer, a map over layers where there are several."""
    known = [o for o in run.operations if o.sqnr_db is not None]
    if not known:
        return None
    layers = sorted({o.layer for o in known if o.layer is not None})
    if len(layers) < 2:
        return stacked(
            "Output error of each operation",
            "SQNR in dB",
            labels(known),
            {"SQNR": [o.sqnr_db for o in known]},
        )
    rows = list(dict.fromkeys(o.short for o in known if o.layer is not None))
    value = {(o.short, o.layer): o.sqnr_db for o in known}
    return {
        "data": [
            {
                "type": "heatmap",
                "x": layers,
                "y": rows,
                "z": [[value.get((row, layer)) for layer in layers] for row in rows],
                "colorscale": "Viridis",
                "colorbar": {"title": {"text": "SQNR, dB"}},
            }
        ],
        "layout": layout("Output error of each operation by layer", "layer", ""),
    }


def tokens(run: Run) -> dict | None:
    """Tokens a second and energy a token of each decode step, over the tokens cached before it."""
    steps = [s for s in run.steps if s.get("phase") == "decode" and number(s.get("head_cycles"))]
    if len(steps) < 2:
        return None
    context = [number(s["context"]) for s in steps]
    lines = {
        "tokens a second": [number(s["sequences"]) / number(s["time_ns"]) * 1e9 for s in steps],
        "energy a token": [number(s["energy_pj"]) / number(s["sequences"]) * 1e-9 for s in steps],
    }
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "x": context,
            "y": values,
            "yaxis": axis,
            "line": {"color": colour},
        }
        for (name, values), axis, colour in zip(lines.items(), ("y", "y2"), COLOURS, strict=False)
    ]
    shape = layout("A token as the context grows", "tokens cached before it", "tokens a second")
    shape["yaxis"]["rangemode"] = "tozero"
    shape["yaxis2"] = {
        "title": {"text": "energy a token, mJ"},
        "overlaying": "y",
        "side": "right",
        "rangemode": "tozero",
        "showgrid": False,
        "automargin": True,
    }
    return {"data": data, "layout": shape}


def html(results: Path) -> str:
    """The whole page of a folder of results."""
    if (results / report_comparison.FILE).is_file():
        return report_comparison.html(results)
    if (results / report_sweep.FILE).is_file():
        return report_sweep.html(results)
    run = load(results)
    shown = {
        "roofline": roofline(run),
        "cycles": cycles(run),
        "energy": energy(run),
        "error": errors(run),
        "tokens": tokens(run),
    }
    return page(
        f"RazorSim: {run.provenance.get('workload') or results.resolve().name}",
        [
            section("Totals", table([run.totals])),
            section("Phases", table(run.phases)),
            figures(shown, "run"),
            section("Where it comes from", table([run.provenance])),
            section("Remarks", items([str(remark) for remark in run.remarks])),
        ],
    )
