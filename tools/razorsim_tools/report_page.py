# SPDX-License-Identifier: Apache-2.0
"""What the pages of a report are made of: figures, tables of results, and the page around them."""

import html as markup
import json

# Okabe and Ito's palette, told apart by colour-blind readers, then greys.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")


FEW_BARS = 8  # so few names stand below their bars upright


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
    if len(names) > FEW_BARS:
        shape["xaxis"]["tickangle"] = -60
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


def rows_of(columns: list[dict], bare: bool = False) -> str:
    """Table rows, a key each. Nested entries are charts elsewhere; what no column has is left out.
    `bare`: keys name no unit, as those of ratios do not."""
    rows = []
    for key in columns[0] if columns else ():
        values = [each.get(key) for each in columns]
        if all(v is None or v == "" or isinstance(v, (dict, list)) for v in values):
            continue
        cells = "".join(cell("" if bare else key, v) for v in values)
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
.grid {{ overflow-x: auto; }}
.grid td {{ overflow-wrap: normal; }}
small {{ color: #666; margin-left: .6em; white-space: nowrap; }}
</style>
<script>{library}</script></head><body>
<h1>{title}</h1>
{body}
</body></html>
"""


def section(title: str, body: str) -> str:
    """A part of the page under its heading; nothing where it is empty."""
    return f"<h2>{markup.escape(title)}</h2>{body}" if body else ""


def table(columns: list[dict], bare: bool = False) -> str:
    rows = rows_of(columns, bare)
    return f"<table>{rows}</table>" if rows else ""


def grid(header: list[str], rows: list[list]) -> str:
    """A table of a line a row; nothing where there is none. A column's name says its unit."""
    if not rows:
        return ""
    head = "".join(f"<th>{markup.escape(str(each))}</th>" for each in header)
    body = "".join(f"<tr>{''.join(map(cell, header, row))}</tr>" for row in rows)
    return f'<div class="grid"><table><tr>{head}</tr>{body}</table></div>'


def paragraph(text: str) -> str:
    return f"<p>{markup.escape(text)}</p>"


def items(lines: list[str]) -> str:
    said = "".join(f"<li>{markup.escape(line)}</li>" for line in lines)
    return f"<ul>{said}</ul>" if said else ""


def figures(made: dict[str, dict | None], of: str) -> str:
    """Each figure by its name; the page says which ones the results had no numbers for."""
    parts = []
    for name, figure in made.items():
        if figure is None:
            continue
        # A name in the data must not be able to end the script.
        data = json.dumps(figure, sort_keys=True).replace("<", "\\u003c")
        parts.append(
            f'<div id="{name}"></div><script>'
            f'(function (f) {{ Plotly.newPlot("{name}", f.data, f.layout, '
            "{responsive: true, displaylogo: false}); })"
            f"({data});</script>"
        )
    if missing := [name for name, figure in made.items() if figure is None]:
        parts.append(f"<p>Not in the results of this {of}: {', '.join(missing)}.</p>")
    return "\n".join(parts)


def page(title: str, sections: list[str]) -> str:
    """The whole page; it needs no network."""
    from plotly.offline import get_plotlyjs

    body = "\n".join(each for each in sections if each)
    return PAGE.format(title=markup.escape(title), library=get_plotlyjs(), body=body)
