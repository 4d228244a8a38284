# SPDX-License-Identifier: Apache-2.0
"""Runs a design space: one razorsim process a point, cached by content, resumable, shardable.

The specification is a JSON object:

    {
      "command": ["run", "configs/machines/default.json", "--network", "llama-2-7b", ...],
      "axes": {
        "--scheme": ["sdr4", "int8"],
        "--set array.rows": [8, 16, 32]
      },
      "metrics": ["totals.cycles", "totals.energy_pj"]
    }

A point is one choice a axis; its command is `command`, then each axis with its value (an axis
"--set KEY" becomes `--set KEY=VALUE`), then `--json`. `metrics` are paths into the result. Paths in
`command` are taken from the folder razorsim-tools runs in, as razorsim takes them.

The result of a point is kept in OUT/cache/<key>.json. The key hashes the program, the command and
every file the command names, JSON files followed into the files they name in turn; so a changed
configuration is run again and an unchanged one never. OUT/results.csv has one line a point in the
order of the axes, OUT/sweep.json says which of its columns are axes and which metrics. A point that
fails is reported and run again next time.
"""

import contextlib
import csv
import hashlib
import io
import itertools
import json
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from .console import progress_bar, report_line, write_whole
from .errors import UsageProblem

KEYS = {"command", "axes", "metrics", "meaning"}


@dataclass(frozen=True)
class Point:
    """One choice a axis and the arguments it stands for."""

    choice: dict
    arguments: tuple[str, ...]


def load(path: Path) -> dict:
    """The specification, with every mistake in it named."""
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageProblem(f"{path}: not JSON ({error})") from error
    wrong = []
    if not isinstance(spec, dict):
        raise UsageProblem(f"{path}: not a JSON object")
    wrong += [f"unknown key {k!r}" for k in sorted(set(spec) - KEYS)]
    if not is_list_of(spec.get("command"), str) or not spec.get("command"):
        wrong.append("'command' must be a list of words")
    axes = spec.get("axes")
    if not isinstance(axes, dict) or not all(isinstance(v, list) and v for v in axes.values()):
        wrong.append("'axes' must map options to lists of values")
    elif not all(name.startswith("--") for name in axes):
        wrong.append('an axis must be an option, such as "--scheme" or "--set array.rows"')
    if not is_list_of(spec.get("metrics", []), str):
        wrong.append("'metrics' must be a list of paths such as totals.cycles")
    if wrong:
        raise UsageProblem(f"{path}: {'; '.join(wrong)}")
    return spec


def is_list_of(value, kind) -> bool:
    return isinstance(value, list) and all(isinstance(v, kind) for v in value)


def text_of(value) -> str:
    """A value as it stands on a command line: JSON, but strings bare."""
    return value if isinstance(value, str) else json.dumps(value)


def points(spec: dict) -> list[Point]:
    """All points in the order of the axes, the last one fastest."""
    made = []
    for values in itertools.product(*spec["axes"].values()):
        choice = dict(zip(spec["axes"], values, strict=True))
        arguments = list(spec["command"])
        for axis, value in choice.items():
            option, _, key = axis.partition(" ")
            arguments += [option, f"{key}={text_of(value)}" if key else text_of(value)]
        made.append(Point(choice, (*arguments, "--json")))
    return made


def named_files(path: Path) -> list[Path]:
    """A file and, where it is JSON, the files its strings name, and theirs."""
    found, pending = [], [path.resolve()]
    while pending:
        path = pending.pop()
        if path in found:
            continue
        found.append(path)
        nodes = []
        if path.suffix == ".json":
            with contextlib.suppress(ValueError):  # razorsim will say what is wrong with it
                nodes = [json.loads(path.read_text(encoding="utf-8"))]
        while nodes:
            node = nodes.pop()
            if isinstance(node, dict):
                nodes += node.values()
            elif isinstance(node, list):
                nodes += node
            elif isinstance(node, str) and is_file(path.parent / node):
                pending.append((path.parent / node).resolve())
    return sorted(found)


def is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long a name, a NUL: no file
        return False


def files_of(arguments: tuple[str, ...]) -> list[Path]:
    """Every file a command line names, as a word or behind an equals sign."""
    words = [Path(part) for word in arguments for part in (word, word.partition("=")[2]) if part]
    return [file for word in words if is_file(word) for file in named_files(word)]


def find_program(given: Path | None) -> Path:
    """--razorsim, else $RAZORSIM_PROGRAM, else the release build beside this package, else PATH."""
    tree = Path(__file__).resolve().parents[2] / "build" / "release" / "razorsim"
    candidates = [given, os.environ.get("RAZORSIM_PROGRAM"), tree, shutil.which("razorsim")]
    for candidate in filter(None, candidates):
        if Path(candidate).is_file():
            return Path(candidate).resolve()
        if candidate is given:
            break
    raise UsageProblem("no razorsim program: build it, or name it by --razorsim")


def shipped_configs(program: Path) -> Path | None:
    """The configs folder of the tree or prefix a program belongs to, as razorsim finds it."""
    home = os.environ.get("RAZORSIM_HOME")
    roots = [Path(home)] if home else []
    roots += [*program.parents]
    return next((r / "configs" for r in roots if (r / "configs").is_dir()), None)


class Runner:
    """Runs points, keeping their processes at hand so that an interrupt can end them."""

    def __init__(self, program: Path, cache: Path):
        self.program, self.cache = program, cache
        self.lock, self.running, self.stopped = threading.Lock(), set(), False
        self.hashes: dict[Path, str] = {}  # of files, which do not change during a sweep
        self.keys: dict[tuple[str, ...], str] = {}
        # A command may name what is shipped without a path, so all of it is part of the program.
        configs = shipped_configs(program)
        shipped = sorted(configs.rglob("*.json")) if configs else []
        self.program_key = [self.hash_of(path) for path in (program, *shipped)]

    def hash_of(self, path: Path) -> str:
        if path not in self.hashes:
            with path.open("rb") as file:
                self.hashes[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return self.hashes[path]

    def path_of(self, point: Point) -> Path:
        """Where the result of a point is or will be."""
        words = point.arguments
        if words not in self.keys:
            parts = [self.program_key, words, [self.hash_of(f) for f in files_of(words)]]
            self.keys[words] = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return self.cache / f"{self.keys[words]}.json"

    def run(self, point: Point) -> str | None:
        """Why it failed, or None; the result is then in the cache."""
        with self.lock:
            if self.stopped:
                return "interrupted"
            process = subprocess.Popen(
                [self.program, *point.arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.running.add(process)
        output, complaint = process.communicate()
        with self.lock:
            self.running.discard(process)
        if process.returncode != 0:
            lines = complaint.strip().splitlines() or ["no message"]
            return f"exit code {process.returncode}: {lines[-1]}"
        try:
            json.loads(output)
        except ValueError:
            return "printed no JSON"
        path = self.path_of(point)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.partial")
        temporary.write_text(output, encoding="utf-8")
        temporary.replace(path)
        return None

    def stop(self) -> None:
        with self.lock:
            self.stopped = True
            for process in self.running:
                process.terminate()


def metric(result: dict, path: str):
    """The value at a dotted path; empty where the result has none."""
    for part in path.split("."):
        if isinstance(result, list) and part.isdigit() and int(part) < len(result):
            result = result[int(part)]
        elif isinstance(result, dict) and part in result:
            result = result[part]
        else:
            return ""
    return result if isinstance(result, (int, float, str)) else json.dumps(result)


def columns(spec: dict) -> dict:
    """The columns of the table: axes as a reader names them, then metrics."""
    axes = [axis.removeprefix("--").removeprefix("set ") for axis in spec["axes"]]
    return {"axes": axes, "metrics": spec.get("metrics", [])}


def table(spec: dict, space: list[Point], runner: Runner) -> str:
    """CSV with one line a point that has a result."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    axes, metrics = list(spec["axes"]), spec.get("metrics", [])
    rows.writerow([*columns(spec)["axes"], *metrics])
    for point in space:
        path = runner.path_of(point)
        if path.is_file():
            result = json.loads(path.read_text(encoding="utf-8"))
            chosen = [text_of(point.choice[a]) for a in axes]
            rows.writerow([*chosen, *(metric(result, m) for m in metrics)])
    return text.getvalue()


def run(spec_path: Path, out: Path, share: tuple[int, int], jobs: int | None, program) -> int:
    """0 when every point of this shard has a result, 1 when one failed."""
    spec, program = load(spec_path), find_program(program)
    space = points(spec)
    index, count = share
    mine = space[index - 1 :: count]
    cache = out / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    runner = Runner(program, cache)
    write_whole(out / "sweep.json", json.dumps(columns(spec), indent=2) + "\n")
    # Two choices may stand for one command; it is run once.
    missing = list({runner.path_of(p): p for p in mine if not runner.path_of(p).is_file()}.values())
    failures = []
    bar, advance = progress_bar("points", len(missing))
    with bar, ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        waiting = {pool.submit(runner.run, point): point for point in missing}
        try:
            for done in as_completed(waiting):
                if why := done.result():
                    failures.append((waiting[done], why))
                advance()
        except KeyboardInterrupt:
            runner.stop()
            pool.shutdown(cancel_futures=True)
            write_whole(out / "results.csv", table(spec, space, runner))
            raise
    write_whole(out / "results.csv", table(spec, space, runner))
    for point, why in failures:
        report_line(f"{' '.join(point.arguments)}: {why}")
    report_line(
        f"{len(space)} points, {len(mine)} in this shard: {len(mine) - len(failures)} done "
        f"({len(missing) - len(failures)} run now), {len(failures)} failed"
    )
    return 1 if failures else 0
