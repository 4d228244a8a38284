#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole-machine table and figure of docs/energy.md.

usage: whole_machine.py ROOT [WORK]

WORK holds a folder with comparison.csv a workload; what is used of them becomes
ROOT/docs/figures/whole_machine.csv. The figure beside it and the table in docs/energy.md are made from that
file alone, so without WORK they are made again from what is committed.
"""

import csv
import io
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

WORKLOADS = {
    "smollm2-135m-prefill-128": "SmolLM2-135M, prefill of 128 tokens",
    "smollm2-135m-layer-prefill-128": "SmolLM2-135M, prefill of 128 tokens, one of 30 layers",
    "smollm2-135m-decode-512": "SmolLM2-135M, a token at 512 cached",
    "smollm2-135m-layer-decode-512": "SmolLM2-135M, a token at 512 cached, one of 30 layers",
    "llama-2-7b-prefill-128": "LLaMA-2-7B, prefill of 128 tokens",
    "llama-2-7b-decode-512": "LLaMA-2-7B, a token at 512 cached",
}
# Columns of comparison.csv that are kept: all that the figure and the table say.
KEPT = [
    "scheme", "formats", "effective_bits.weights", "effective_bits.activations", "error.sqnr_db", "error.workload",
    "energy_pj_per_mac.array", "energy_pj_per_mac.with_razor_unit", "energy_pj_per_mac.with_buffers",
    "energy_pj_per_mac.chip", "energy_pj_per_mac.machine", "relative.energy_pj", "relative.energy_low",
    "relative.energy_high", "relative.time", "relative.area_um2", "relative.array_area_um2", "totals.time_ns",
    "totals.energy_pj", "totals.bound",
]
LEVELS = [  # what each level adds to the one before, innermost first
    ("energy_pj_per_mac.array", "array", "#3b6fb6"),
    ("energy_pj_per_mac.with_razor_unit", "razor unit", "#c2410c"),
    ("energy_pj_per_mac.with_buffers", "buffers, flags included", "#5b9a68"),
    ("energy_pj_per_mac.chip", "vector unit and leakage", "#b9a14a"),
    ("energy_pj_per_mac.machine", "DRAM and its signalling", "#9aa3ad"),
]
BLOCK = re.compile(r"(<!-- generated: tools/reproduce/whole_machine.sh -->\n).*?(<!-- end -->)", re.DOTALL)


def collect(work: Path) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["workload", *KEPT])
    for name in WORKLOADS:
        with open(work / name / "comparison.csv", newline="") as file:
            for row in csv.DictReader(file):
                writer.writerow([name, *(row[key] for key in KEPT)])
    return out.getvalue()


def grouped(text: str) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        rows.setdefault(row["workload"], []).append(row)
    return rows


def saving(ratio: str | float) -> str:
    return f"{100 * (1 - float(ratio)):.0f} %"


def table(text: str) -> str:
    lines = []
    for name, rows in grouped(text).items():
        base = rows[0]
        lines += [f"**{WORKLOADS[name]}**, against {base['scheme']} ({float(base['totals.energy_pj']) / 1e9:.4g} mJ, "
                  f"{float(base['totals.time_ns']) / 1e6:.3g} ms, bound by {base['totals.bound']})", "",
                  "| scheme | bits w, a | SQNR dB | unit alone saves | chip saves | machine saves | low to high "
                  "| time | chip area |",
                  "|---|---|---|---|---|---|---|---|---|"]
        for row in rows:
            unit, chip = (float(row[k]) / float(base[k]) for k in ("energy_pj_per_mac.array", "energy_pj_per_mac.chip"))
            bits = f"{float(row['effective_bits.weights']):.4g}, {float(row['effective_bits.activations']):.4g}"
            cells = [row["scheme"], bits, f"{float(row['error.sqnr_db']):.1f}"]
            if row is base:
                cells += ["", "", "", "", "1x", "1x"]
            else:
                cells += [saving(unit), saving(chip), f"**{saving(row['relative.energy_pj'])}**",
                          f"{saving(row['relative.energy_high'])} to {saving(row['relative.energy_low'])}",
                          f"{float(row['relative.time']):.2f}x", f"{float(row['relative.area_um2']):.2f}x"]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    error = next(iter(grouped(text).values()))[0]["error.workload"]
    lines += [f"SQNR: output error of the same scheme on {error}, since shapes have no numbers.", ""]
    return "\n".join(lines)


def svg(text: str) -> str:
    """Energy a MAC by level, each workload's baseline at full width."""
    left, bar, right, line, gap = 150, 520, 100, 18, 30
    parts, y, x = ['<text x="10" y="20">Energy a multiply-accumulate, pJ</text>'], 64, 10
    for _, label, colour in LEVELS:
        parts += [f'<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/>',
                  f'<text x="{x + 17}" y="42">{escape(label)}</text>']
        x += 32 + 7 * len(label)  # a letter is about 7 wide
    for name, rows in grouped(text).items():
        parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{escape(WORKLOADS[name])}</text>')
        y += 20
        whole = max(float(row["energy_pj_per_mac.machine"]) for row in rows)
        for row in rows:
            parts.append(f'<text x="{left - 6}" y="{y + 12}" text-anchor="end">{escape(row["scheme"])}</text>')
            below = 0.0
            for key, _, colour in LEVELS:
                value = float(row[key])
                x, width = left + bar * below / whole, bar * (value - below) / whole
                parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="14" fill="{colour}"/>')
                below = value
            parts.append(f'<text x="{left + bar * below / whole + 5:.1f}" y="{y + 12}">{below:.3g} pJ</text>')
            y += line
        y += gap - line
    width = left + bar + right
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" '
            'font-family="sans-serif" font-size="12">\n'
            f'<title>Energy a MAC of the whole machine, by level</title>\n<rect width="{width}" height="{y}" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def main() -> None:
    root = Path(sys.argv[1])
    data, figure, page = (root / "docs" / p for p in ("figures/whole_machine.csv", "figures/whole_machine.svg", "energy.md"))
    if len(sys.argv) > 2:
        data.write_text(collect(Path(sys.argv[2])))
    text = data.read_text()
    figure.write_text(svg(text))
    page.write_text(BLOCK.sub(lambda match: match[1] + table(text) + match[2], page.read_text()))


if __name__ == "__main__":
    main()
