# SPDX-License-Identifier: Apache-2.0
"""`razorsim-tools characterise`: gate-level area and energy of the arithmetic units of a library.

Each unit goes through yosys, a timed iverilog run of a real operand stream and Liberty's own energy
tables; its outputs are compared with the arithmetic model in every cycle. Nothing is kept of the
library but measured figures.
"""

import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from . import buffers, operands, power, program, simulate, synth, timing, trace, units
from .liberty import Library, LibertyError
from .library import load
from .synth import ToolError

SCHEMA_VERSION = 1
MEASURING = ("liberty", "library", "synth", "buffers", "timing", "simulate", "power", "units",
             "operands", "floating", "program")
INPUT_SLEW_NS = 0.1  # of the ports (chosen)


@dataclass(frozen=True)
class Job:
    """What every unit of one run shares."""

    library: Library
    library_sha256: str
    rows: operands.Rows
    period_ns: float
    wire_ff: float
    work: Path
    razorsim: Path | None = None  # whose units check the streams

    def on(self, rows: operands.Rows) -> "Job":
        """The same with other operands."""
        return replace(self, rows=rows)

    def key(self, unit: units.Unit) -> str:
        """Names all that a unit's figures depend on, so a finished one is found again."""
        parts = [unit.name, unit.module, repr(sorted(unit.parameters.items())), self.library_sha256,
                 self.rows.digest(), repr(self.period_ns), repr(self.wire_ff), repr(synth.versions()),
                 hashlib.sha256(self.razorsim.read_bytes()).hexdigest() if self.razorsim else ""]
        parts += [path.read_text() for path in unit.files()]
        parts += [(Path(__file__).parent / f"{name}.py").read_text() for name in MEASURING]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def netlist_of(unit: units.Unit, job: Job, folder: Path) -> synth.Netlist:
    """The unit in cells, none of which drives more than it may. Throws ToolError or LibertyError."""
    mapped = synth.synthesise(unit.module, unit.parameters, unit.files(), job.library, job.period_ns, folder)
    return buffers.buffered(mapped, job.library, job.wire_ff * 1e-3)


def measure(job: Job, unit: units.Unit) -> dict:
    """One unit's row of the table. Throws ToolError, also when an output differs from the model."""
    folder = job.work / unit.name
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{job.key(unit)}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    began = time.monotonic()
    netlist = netlist_of(unit, job, folder)
    timed = timing.analyse(netlist, job.library, INPUT_SLEW_NS, job.wire_ff * 1e-3)
    stimulus = unit.stimulus(job.rows)
    checkers = ["Python reference"]
    if job.razorsim and unit.program:
        program.compare(job.razorsim, unit, job.rows, stimulus)
        checkers.append("C++ unit")
    activity = simulate.simulate(netlist, job.library, timed, stimulus, job.period_ns, folder)
    spent = power.energy(netlist, job.library, timed, activity, job.period_ns, netlist.inputs["clk"][0],
                         INPUT_SLEW_NS, job.wire_ff * 1e-3)
    area = sum(job.library.cells[i.cell].area for i in netlist.instances)
    row = {
        "name": unit.name,
        "area_um2": round(area, 4),
        "area_nand2": round(area / job.library.nand2().area, 2),
        "energy_pj_per_mac": per_mac(unit, spent.total),
        "functional_check": True,
        "checked_against": checkers,
        "event": unit.event,
        "energy_pj_per_event": round(spent.total / unit.events, 6),
        "events_per_cycle": unit.events,
        "energy_pj_per_cycle": {k: round(v, 6) for k, v in asdict(spent).items()},
        **({} if stimulus.zeros is None else {"zero_activations": round(stimulus.zeros[0], 4),
                                             "zero_weights": round(stimulus.zeros[1], 4)}),
        "cycles": activity.cycles,
        "checked_cycles": sum(e is not None for e in stimulus.expected),
        "setup_slack_ns": slack(netlist, job, folder),
        "cells": len(netlist.instances),
        "flops": sum(bool(job.library.cells[i.cell].next_state) for i in netlist.instances),
        "parameters": unit.parameters,
        **unit.facts,
    }
    row["words_sha256"] = hashlib.sha256((folder / "words.hex").read_bytes()).hexdigest()
    row["seconds"] = round(time.monotonic() - began, 1)
    kept.write_text(json.dumps(row))
    return row


def per_mac(unit: units.Unit, pj_per_cycle: float) -> float | None:
    """A column serves one group a cycle; a razor unit does no MAC."""
    if unit.event == "mac":
        return round(pj_per_cycle / unit.events, 6)
    return round(pj_per_cycle / unit.facts["group"], 6) if unit.module == "sdr_column" else None


def slack(netlist, job: Job, folder: Path) -> float | None:
    value = synth.setup_slack(netlist, job.library, job.period_ns, folder)
    return None if value is None else round(value, 4)


def choose(names: str | None, library: Library) -> list[units.Unit]:
    """Units by name; without names all that the library can build. Throws LibertyError."""
    known = units.all_units()
    scalar = library.full_adder() is None
    if names is None:
        return [u for u in known.values() if not (scalar and u.facts.get("lanes", 1) > 1)]
    chosen = []
    for name in names.split(","):
        if name not in known:
            raise LibertyError(f"no unit '{name}'; there are {', '.join(known)}")
        if scalar and known[name].facts.get("lanes", 1) > 1:
            raise LibertyError(f"{library.name} has no full adder cell: of {name} synthesis would build a "
                               "tree of gates that no designer would; only scalar units are comparable")
        chosen.append(known[name])
    return chosen


JOB: Job | None = None  # inherited by the workers, which are forked


def work_on(name: str) -> dict:
    return measure(JOB, units.all_units()[name])


def measure_all(job: Job, chosen: list[units.Unit], jobs: int, progress) -> tuple[list[dict], list[str]]:
    """Rows in the order of `chosen`, and 'unit: why' of each that failed; the long ones start first."""
    global JOB
    JOB = job
    rows: dict[str, dict] = {}
    failed: dict[str, str] = {}
    longest_first = sorted(chosen, key=lambda u: -u.facts.get("lanes", 1) * u.parameters.get("A", 11))
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        waiting = {pool.submit(work_on, unit.name): unit for unit in longest_first}
        try:
            for done in as_completed(waiting):
                unit = waiting[done]
                try:
                    rows[unit.name] = done.result()
                except (ToolError, LibertyError) as error:
                    failed[unit.name] = f"{unit.name}: {error}"
                    continue
                progress(len(rows), len(chosen), rows[unit.name])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [rows[u.name] for u in chosen if u.name in rows], [failed[u.name] for u in chosen if u.name in failed]


def show(done: int, total: int, row: dict) -> None:
    print(f"[{done}/{total}] {row['name']}: {row['area_nand2']:.0f} NAND2, "
          f"{row['energy_pj_per_event']:.2f} pJ a {row['event']}, {row['seconds']:.0f} s", file=sys.stderr, flush=True)


def show_step(name: str, done: int, total: int) -> None:
    print(f"{name}: layer {done} of {total}", file=sys.stderr, flush=True)


def table(job: Job, rows: list[dict]) -> dict:
    for row in rows:
        row.pop("seconds", None)
    return {
        "schema_version": SCHEMA_VERSION,
        "library": {"name": job.library.name, "file": job.library.path.name, "sha256": job.library_sha256,
                    "voltage_v": job.library.voltage, "nand2_um2": job.library.nand2().area},
        "tools": synth.versions(),
        "period_ns": job.period_ns,
        "wire_ff_per_pin": job.wire_ff,
        "stimulus": {"name": job.rows.name, "sha256": job.rows.digest()},
        "units": rows,
    }


def characterise(liberty: Path, out: Path, names: str | None = None, stimulus: str = "reference",
                 period_ns: float = 10.0, wire_ff: float = 0.0, jobs: int | None = None,
                 work: Path | None = None, razorsim: Path | None = None) -> dict:
    """Measures and writes `out`; unfinished work stays beside it for the next try. A unit that fails is
    left out of the table, the others are measured all the same, then ToolError names all that failed.
    Throws also LibertyError, operands.StimulusError or OSError."""
    library = load(liberty)
    rows = operands.reference_rows() if stimulus == "reference" else trace.trace_rows(stimulus)
    folder = work or out.with_name(out.name + ".work")
    digest = hashlib.sha256(liberty.read_bytes()).hexdigest()
    job = Job(library, digest, rows, period_ns, wire_ff, folder, program.found(razorsim))
    chosen = choose(names, library)
    measured, failed = measure_all(job, chosen, jobs or min(2, os.cpu_count() or 1), show)
    result = table(job, measured)
    if measured:
        part = out.with_name(out.name + ".part")
        part.write_text(json.dumps(result, indent=2) + "\n")
        part.replace(out)
    if failed:
        left = f"; {len(measured)} of {len(chosen)} units are in {out}" if measured else ""
        raise ToolError("; ".join(failed) + left)
    if work is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def summary(result: dict) -> str:
    """One line a unit, savings against the INT8 unit of the same number of lanes."""
    rows = {row["name"]: row for row in result["units"]}
    lines = [f"{'unit':22} {'NAND2':>8} {'pJ/event':>9} {'slack ns':>8}  against int8"]
    for row in rows.values():
        base = rows.get("int8_pe" if row.get("lanes") == 1 else f"int8_dot{row.get('lanes')}")
        against = ""
        if base and base is not row and row["event"] == "mac":
            against = (f"area {1 - row['area_nand2'] / base['area_nand2']:+.1%}, "
                       f"energy {1 - row['energy_pj_per_mac'] / base['energy_pj_per_mac']:+.1%} saved")
        slack_text = "-" if row["setup_slack_ns"] is None else f"{row['setup_slack_ns']:.2f}"
        lines.append(f"{row['name']:22} {row['area_nand2']:8.0f} {row['energy_pj_per_event']:9.3f} {slack_text:>8}  {against}")
    return "\n".join(lines)
