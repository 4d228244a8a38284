# SPDX-License-Identifier: Apache-2.0
"""`razorsim-tools`: the command line of the Python side.

Exit codes are those of razorsim: 0 done, 2 usage, 3 a trace or model file, 1 a defect of ours.
"""

import argparse
import sys
from pathlib import Path


def run_vectors(args) -> int:
    from . import vectors

    vectors.write(args.out, args.seed)
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="razorsim-tools", description=__doc__.splitlines()[0])
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    p = commands.add_parser("vectors", help="write the reference's golden vectors")
    p.add_argument("--out", type=Path, required=True, help="JSON file to write")
    p.add_argument("--seed", type=int, default=1, help="random stream (default 1)")
    p.set_defaults(run=run_vectors)
    return top


def main(argv=None) -> int:
    args = parser().parse_args(argv)
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
