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
    p.add_argument("--razorsim", type=Path, help="program whose units check the streams (default: the built one)")
    p.set_defaults(run=run_characterise)

    p = commands.add_parser("fit-energy", help="fit energy to operand statistics on layers of a model")
    p.add_argument("--liberty", type=Path, default=OSU018, metavar="LIB")
    p.add_argument("--model", type=Path, required=True, help="GGUF file")
    p.add_argument("--tokens", type=Path, required=True, help="JSON list of token ids")
    p.add_argument("--units", metavar="A,B,..", help="units to fit (default every arithmetic unit with its own fit)")
    p.add_argument("--every", type=int, default=10, help="take one linear operation in N (default 10)")
    p.add_argument("--jobs", type=int, default=2, help="units side by side (default 2)")
    p.add_argument("--work", type=Path, help="where intermediate files stay (default beside the fit, removed)")
    p.add_argument("--out", type=Path, required=True, metavar="FIT.json")
    p.set_defaults(run=run_fit)

    p = commands.add_parser("accelergy", help="technology tables to and from Accelergy's ERT and ART")
    p.add_argument("direction", choices=("export", "import"))
    p.add_argument("technology", type=Path, help="a file of configs/technology")
    p.add_argument("--ert", type=Path, required=True, metavar="YAML")
    p.add_argument("--art", type=Path, metavar="YAML", help="needed for export")
    p.add_argument("--map", action="append", default=[], metavar="THEIRS=OURS",
                   help="import: which of our components one of theirs is; may be repeated")
    p.add_argument("--out", type=Path, metavar="JSON", help="table to write; needed for import")
    p.set_defaults(run=run_accelergy)

    p = commands.add_parser("technology", help="write a technology table from anchors and measured ratios")
    p.add_argument("--node-nm", type=int, default=45, choices=(45, 32, 22),
                   help="scale logic to a node that CACTI's buffers are there for (default 45: as it is)")
    p.add_argument("--out", type=Path, required=True, metavar="FILE")
    p.set_defaults(run=run_technology)

    p = commands.add_parser("cacti", help="buffers of a technology table from a CACTI of your own")
    p.add_argument("technology", type=Path, help="a file of configs/technology")
    p.add_argument("--program", type=Path, metavar="FILE", help="CACTI 7's program, in its folder")
    p.add_argument("--read", type=Path, nargs="+", default=[], metavar="FILE", help="or what it printed")
    p.add_argument("--sizes-kib", default="2,8,32,128,512", metavar="A,B,..")
    p.add_argument("--ports", default="32,64,128,256", metavar="A,B,..", help="widths in bits")
    p.add_argument("--cells", default="lop", choices=("hp", "lstp", "lop"), help="ITRS transistors (default lop)")
    p.add_argument("--out", type=Path, required=True, metavar="FILE", help="table to write")
    p.set_defaults(run=run_cacti)


def run_characterise(args: argparse.Namespace) -> int:
    from . import flow
    from .synth import ToolError

    try:
        result = flow.characterise(args.liberty, args.out, args.units, args.stimulus, args.period_ns,
                                   args.wire_ff, args.jobs, args.work, args.razorsim)
    except ToolError as error:
        print(f"razorsim-tools: {error}", file=sys.stderr)
        return 1
    print(flow.summary(result))
    return 0


def run_fit(args: argparse.Namespace) -> int:
    from ..console import read_ids
    from . import fit
    from .synth import ToolError

    try:
        names = args.units.split(",") if args.units else list(fit.UNITS)
        result = fit.run(args.liberty, args.out, args.model, read_ids(args.tokens), names, args.every, args.jobs,
                         args.work)
    except ToolError as error:
        print(f"razorsim-tools: {error}", file=sys.stderr)
        return 1
    for row in result["fits"]:
        print(f"{row['unit']:20} largest error {row['largest_error']:.1%}, total {row['total_error']:+.1%}; a constant "
              f"{row['largest_error_of_a_constant']:.1%}; Gaussian data {row['gaussian_control']:.2f} of the reference")
    return 0


def run_accelergy(args: argparse.Namespace) -> int:
    from ..errors import UsageProblem
    from . import accelergy

    if args.direction == "export":
        if args.art is None:
            raise UsageProblem("accelergy export needs --art")
        accelergy.run_export(args.technology, args.ert, args.art)
    else:
        if args.out is None:
            raise UsageProblem("accelergy import needs --out")
        pairs = [each.rpartition("=") for each in args.map]
        if any(not theirs or not ours for theirs, _, ours in pairs):
            raise UsageProblem("--map is THEIRS=OURS, such as System.GlobalBuffer=sram_64_128")
        accelergy.run_import(args.technology, args.ert, args.art, {t: o for t, _, o in pairs}, args.out)
    return 0


def run_technology(args: argparse.Namespace) -> int:
    from . import table

    table.write(args.out, args.node_nm)
    return 0


def run_cacti(args: argparse.Namespace) -> int:
    from ..errors import UsageProblem
    from . import cacti

    if (args.program is None) == (not args.read):
        raise UsageProblem("cacti needs either --program or --read")
    try:
        sizes = [float(each) for each in args.sizes_kib.split(",")]
        ports = [int(each) for each in args.ports.split(",")]
    except ValueError as error:
        raise UsageProblem(f"--sizes-kib and --ports are numbers separated by commas ({error})") from error
    cacti.run(args.technology, args.program, args.read, sizes, ports, args.cells, args.out)
    return 0
