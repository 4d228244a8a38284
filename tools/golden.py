#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares, or with --update rewrites, what the program says and the repository keeps:
the messages of tests/errors/cases, the generated parts of docs/, and configs/schema.

usage: golden.py [--update] [--program FILE] [NAME ...]    (names: messages only)

Each message is a JSON file: "args", and where needed "stdin" and "files" (name -> content), are written by
hand; "exit" and "stderr" are what the program said. Exit code 1 when something differs.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "errors" / "cases"
KINDS = ["machine", "network", "scheme", "dram", "technology"]
GENERATED = re.compile(r"(<!-- generated: razorsim (.*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def run(program, case):
    """The exit code and standard error of one case, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in case.get("files", {}).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        done = subprocess.run([program, *case["args"]], input=case.get("stdin", ""), cwd=folder,
                              capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr.splitlines()


def say(program, arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout


def generated(program):
    """Path -> content of each document and schema as the program would have it."""
    files = {}
    for path in (ROOT / "docs" / "commands.md", ROOT / "docs" / "results.md"):
        files[path] = GENERATED.sub(
            lambda block: block[1] + say(program, block[2].split()) + block[3], path.read_text())
    for kind in KINDS:
        files[ROOT / "configs" / "schema" / f"{kind}.schema.json"] = say(
            program, ["explain", kind, "--schema"])
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="rewrite what differs")
    parser.add_argument("--program", default=str(ROOT / "build" / "dev" / "razorsim"))
    parser.add_argument("names", nargs="*", help="cases; all when none is named")
    options = parser.parse_args()
    program = str(Path(options.program).resolve())
    different = 0
    for path in sorted(CASES.glob("*.json")):
        if options.names and path.stem not in options.names:
            continue
        case = json.loads(path.read_text())
        code, lines = run(program, case)
        if case.get("exit") == code and case.get("stderr") == lines:
            continue
        different += 1
        print(f"{path.stem}: exit {code}")
        for line in lines:
            print(f"  {line}")
        if options.update:
            case["exit"], case["stderr"] = code, lines
            path.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n")
    for path, content in ({} if options.names else generated(program)).items():
        if path.exists() and path.read_text() == content:
            continue
        different += 1
        print(f"{path.relative_to(ROOT)}: out of date")
        if options.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    return 1 if different and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
