# SPDX-License-Identifier: Apache-2.0
"""One self-contained HTML page from the results of a run; it opens without a network.

Reads RUN_DIR/result.json (operations from RUN_DIR/operations.csv where it holds none) and shows:
the totals, a roofline, cycles and stalls of each operation, energy by component, the error of each
operation against the FP32 reference, and of a generate run what a token takes as the context grows.
A part whose numbers the run does not have is left out and the page says so. The same run gives the
same bytes.
"""

import html as markup
import json
from pathlib import Path

from .report_run import Run, labels, load, number, summed

# Okabe and Ito's palette, told apart by colour-blind readers, then greys.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")


def layout(title: str, x: str, y: str, **more) -> dict:
    return {
        "title": {"text": title},
        "xaxis": {"title": {"text": x}, "automargin": True, "gridcolor": "#e5e5e5"},
        "yaxis": {"title": {"text": y}, "automargin": True, "gridcolor": "#e5e5e5"},
        "legend": {"traceorder": "normal"},
        "height": 480,
        "margin": {"t": 60, "b": 40},
        **more,
    }


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


def stacked(title: str, unit: str, names: list[str], parts: dict[str, list[float]]) -> dict:
    """Stacked bars: one bar a name, one colour a part; parts that are zero everywhere left out."""
    shown = {part: values for part, values in parts.items() if any(values)}
    data = [
        {
            "type": "bar",
            "name": part,
            "x": names,
            "y": values,
            "marker": {
                "color": COLOURS[i % len(COLOURS)],
                "pattern": {"shape": "" if i < len(COLOURS) else "/"},
            },
        }
        for i, (part, values) in enumerate(shown.items())
    ]
    shape = layout(title, "", unit, barmode="stack")
    shape["xaxis"]["tickangle"] = -60
    return {"data": data, "layout": shape}


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


# Keys of results say their unit at the end; what a reader would rather see, and its size in that.
READABLE = {"_pj": ("J", 1e-12), "_ns": ("s", 1e-9), "_um2": ("mm²", 1e-6), "_bytes": ("B", 1.0)}
PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def readable(key: str, value) -> str:
    """"497 µJ" for 497430000 in a key that ends in _pj; nothing where the key has no such unit."""
    for suffix, (unit, size) in READABLE.items():
        if key.endswith(suffix) and isinstance(value, (int, float)) and value:
            number = value * size
            factor, prefix = next((p for p in PREFIXES if abs(number) >= p[0]), PREFIXES[-1])
            return f"{number:.3g} mm²" if unit == "mm²" else f"{number / factor:.3g} {prefix}{unit}"
    return ""


def cell(key: str, value) -> str:
    """A table cell: the figure as the results have it, and in a readable unit; empty for none."""
    if value is None or value == "":
        return "<td></td>"
    if isinstance(value, float):
        text = f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    else:
        text = f"{value:,}" if isinstance(value, int) else markup.escape(str(value))
    said = readable(key, value)
    return f"<td>{text} <small>{said}</small></td>" if said else f"<td>{text}</td>"


def rows_of(columns: list[dict]) -> str:
    """Table rows, a key each. Nested entries are charts elsewhere; what no column has is left out."""
    rows = []
    for key in columns[0] if columns else ():
        values = [each.get(key) for each in columns]
        if all(v is None or v == "" or isinstance(v, (dict, list)) for v in values):
            continue
        cells = "".join(cell(key, v) for v in values)
        rows.append(f"<tr><th>{markup.escape(key)}</th>{cells}</tr>")
    return "".join(rows)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; }}
table {{ border-collapse: collapse; margin-bottom: 1.5em; }}
th, td {{ text-align: left; padding: .15em 1.2em .15em 0; border-bottom: 1px solid #ddd; }}
th {{ font-weight: 500; color: #444; }}
td {{ font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
small {{ color: #666; margin-left: .6em; }}
</style>
<script>{library}</script></head><body>
<h1>{title}</h1>
<h2>Totals</h2><table>{totals}</table>
{phases}
{figures}
<h2>Where it comes from</h2><table>{provenance}</table>
{remarks}
</body></html>
"""


def html(run_dir: Path) -> str:
    """The whole page."""
    from plotly.offline import get_plotlyjs

    run = load(run_dir)
    parts, missing = [], []
    for name, make in (
        ("roofline", roofline),
        ("cycles", cycles),
        ("energy", energy),
        ("error", errors),
        ("tokens", tokens),
    ):
        figure = make(run)
        if figure is None:
            missing.append(name)
            continue
        # A name in the data must not be able to end the script.
        data = json.dumps(figure, sort_keys=True).replace("<", "\\u003c")
        parts.append(
            f'<div id="{name}"></div><script>'
            f'(function (f) {{ Plotly.newPlot("{name}", f.data, f.layout, '
            "{responsive: true, displaylogo: false}); })"
            f"({data});</script>"
        )
    if missing:
        parts.append(f"<p>Not in the results of this run: {', '.join(missing)}.</p>")
    remarks = "".join(f"<li>{markup.escape(str(r))}</li>" for r in run.remarks)
    workload = run.provenance.get("workload") or run_dir.resolve().name
    return PAGE.format(
        title=markup.escape(f"RazorSim: {workload}"),
        library=get_plotlyjs(),
        totals=rows_of([run.totals]),
        phases=f"<h2>Phases</h2><table>{rows_of(run.phases)}</table>" if run.phases else "",
        figures="\n".join(parts),
        provenance=rows_of([run.provenance]),
        remarks=f"<h2>Remarks</h2><ul>{remarks}</ul>" if remarks else "",
    )
