# SPDX-License-Identifier: Apache-2.0
"""The `characterise` and `technology` commands of razorsim-tools."""

import argparse
import sys
from pathlib import Path

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")  # Debian: qflow-tech-osu018


def add_commands(commands) -> None:
    p = commands.add_parser("characterise", help="area and energy of the arithmetic units on gates")
    p.add_argument("--liberty", type=Path, default=OSU018, metavar="LIB",
                   help=f"cell library (default {OSU018} of Debian's qflow-tech-osu018)")
    p.add_argument("--out", type=Path, required=True, metavar="TABLE.json", help="table to write")
    p.add_argument("--units", metavar="A,B,..", help="units to measure (default all)")
    p.add_argument("--stimulus", default="reference", metavar="reference|TRACE",
                   help="operands: the reference rows, or TRACE[:OPERATION] of a trace file")
    p.add_argument("--period-ns", type=float, default=10.0, help="clock period (default 10)")
    p.add_argument("--wire-ff", type=float, default=0.0, help="wire capacitance a pin in fF (default 0)")
    p.add_argument("--jobs", type=int, help="units side by side (default 2)")
    p.add_argument("--work", type=Path, help="where intermediate files stay (default beside the table, removed)")
    p.set_defaults(run=run_characterise)

    p = commands.add_parser("technology", help="write a technology table from anchors and measured ratios")
    p.add_argument("--out", type=Path, required=True, metavar="FILE")
    p.set_defaults(run=run_technology)


def run_characterise(args: argparse.Namespace) -> int:
    from . import flow
    from .synth import ToolError

    try:
        result = flow.characterise(args.liberty, args.out, args.units, args.stimulus, args.period_ns,
                                   args.wire_ff, args.jobs, args.work)
    except ToolError as error:
        print(f"razorsim-tools: {error}", file=sys.stderr)
        return 1
    print(flow.summary(result))
    return 0


def run_technology(args: argparse.Namespace) -> int:
    from . import table

    table.write(args.out)
    return 0
