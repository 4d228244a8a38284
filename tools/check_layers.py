#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include to the layers of CONTRIBUTING.md. Exit code 1 and one line a violation.

usage: check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

# Folder -> the folders it may include besides itself. Folders of traces, and those of sim, may
# include each other as long as the folders form no cycle.
BASE = ["models/base"]
FORMATS = BASE + ["models/formats"]
MODELS = FORMATS + [
    "models/operators", "models/arithmetic", "models/mapping", "models/energy", "models/hardware",
]
TRACES = ["traces/io", "traces/llama", "traces/calibrate", "traces/capture"]
SIM = ["sim/config", "sim/values", "sim/result", "sim/machine", "sim/eval"]

MAY_INCLUDE = {
    "models/base": [],
    "models/formats": BASE,
    "models/operators": BASE,
    "models/arithmetic": FORMATS,
    "models/mapping": FORMATS,
    "models/energy": BASE,
    "models/hardware": FORMATS + ["models/operators", "models/arithmetic", "models/mapping"],
    **{folder: FORMATS + ["models/operators"] + TRACES for folder in TRACES},
    **{folder: MODELS + TRACES + SIM for folder in SIM},
    "sim/app": MODELS + TRACES + SIM,
}

# Package headers -> where they may appear. "one source" allows a single .cpp of the folder.
PACKAGES = [
    (re.compile(r"systemc(\.h)?$|sysc/|tlm(\.h)?$|tlm_"), "SystemC",
     {"models/hardware": "any", "sim/machine": "any", "sim/app": "any"}),
    (re.compile(r"nlohmann/"), "nlohmann/json",
     {"traces/io": "any", "sim/config": "one source", "sim/result": "one source"}),
    (re.compile(r"boost/program_options"), "Boost.Program_options", {"sim/app": "any"}),
    (re.compile(r"boost/"), "Boost", {"sim/app": "any"}),
]

# The machine is a description: it opens no file and prints nothing.
NOT_IN_MODELS = {"iostream", "fstream", "filesystem", "cstdio", "stdio.h", "print"}

LINE_LIMIT = 400
SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".def", ".inc"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """models/base/units.h -> models/base"""
    return "/".join(path.split("/")[:2])


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def find_cycle(graph):
    """One cycle of `graph` (node -> successors) as a list of nodes, or None."""
    done = set()
    for start in sorted(graph):
        if start in done:
            continue
        path, on_path = [start], {start}
        stack = [iter(sorted(graph[start]))]
        while stack:
            successor = next(stack[-1], None)
            if successor is None:
                stack.pop()
                done.add(path[-1])
                on_path.discard(path.pop())
            elif successor in on_path:
                return path[path.index(successor):] + [successor]
            elif successor in graph and successor not in done:
                path.append(successor)
                on_path.add(successor)
                stack.append(iter(sorted(graph[successor])))
    return None


def check(root):
    """Returns (errors, warnings), each a list of lines."""
    errors, warnings = [], []
    files = {}
    for region in ("models", "traces", "sim"):
        for path in sorted((root / region).rglob("*")):
            if path.is_file() and path.suffix in SUFFIXES:
                files[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")

    file_graph = {name: set() for name in files}
    folder_graph = {}
    users = {}  # (package, folder) -> sources, for the "one source" rule

    for name, text in files.items():
        folder = folder_of(name)
        if folder not in MAY_INCLUDE or name.count("/") < 2:
            errors.append(f"{name}: no such folder in the house (see CONTRIBUTING.md)")
            continue
        allowed = {folder, *MAY_INCLUDE[folder]}
        folder_graph.setdefault(folder, set())
        for match in INCLUDE.finditer(text):
            quote, included = match.groups()
            where = f"{name}:{line_of(text, match.start())}"
            if included.split("/")[0] in ("models", "traces", "sim", "tests", "tools"):
                target = folder_of(included)
                file_graph[name].add(included)
                if target != folder:
                    folder_graph[folder].add(target)
                if target not in allowed:
                    errors.append(f"{where}: {folder} may not include {target} ({included})")
            elif quote == '"' and ((root / name).parent / included).exists():
                errors.append(f'{where}: write "{included}" from the root of the repository')
            for pattern, package, places in PACKAGES:
                if not pattern.match(included):
                    continue
                if folder not in places:
                    errors.append(f"{where}: {package} belongs to {', '.join(places)} only")
                elif places[folder] == "one source":
                    users.setdefault((package, folder), {}).setdefault(name, where)
                break
            if folder.startswith("models/") and included in NOT_IN_MODELS:
                errors.append(f"{where}: models open no file and print nothing (<{included}>)")

    for (package, folder), places in sorted(users.items()):
        headers = [name for name in places if not name.endswith(".cpp")]
        for name in headers:
            errors.append(f"{places[name]}: {package} in {folder} stays in one .cpp, not a header")
        sources = [name for name in places if name.endswith(".cpp")]
        if len(sources) > 1:
            errors.append(f"{folder}: {package} in {len(sources)} sources, one is allowed: "
                          + ", ".join(sorted(sources)))

    for kind, graph in (("files", file_graph), ("folders", folder_graph)):
        cycle = find_cycle(graph)
        if cycle:
            errors.append(f"include cycle of {kind}: " + " -> ".join(cycle))

    for name, text in files.items():
        lines = text.count("\n")
        if lines > LINE_LIMIT:
            errors.append(f"{name}: {lines} lines, the limit is {LINE_LIMIT}")
    for path in sorted((root / "tests").rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES:
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > LINE_LIMIT:
                name = path.relative_to(root).as_posix()
                warnings.append(f"{name}: {lines} lines, better at most {LINE_LIMIT}")
    return errors, warnings


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    errors, warnings = check(root)
    for line in warnings:
        print(f"warning: {line}")
    for line in errors:
        print(line, file=sys.stderr)
    if not errors:
        print("layers: every include points downwards")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
