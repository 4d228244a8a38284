# SPDX-License-Identifier: Apache-2.0
"""The results of a run as a report reads them."""

import csv
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import FileProblem

MOST_BARS = 120  # operations shown one by one; beyond that, summed over the layers


@dataclass
class Operation:
    """What the page shows of one operation; cycles are core cycles, energy is in pJ."""

    name: str
    kind: str
    macs: float
    cycles: float
    dram_bytes: float
    bound: str
    stalls: dict[str, float] = field(default_factory=dict)
    energy: dict[str, float] = field(default_factory=dict)
    sqnr_db: float | None = None

    @property
    def layer(self) -> int | None:
        match = re.search(r"layers\.(\d+)\.", self.name)
        return int(match[1]) if match else None

    @property
    def short(self) -> str:
        """Name without its layer, so that equal operations of all layers meet."""
        return re.sub(r"(^|\.)layers\.\d+\.", r"\1", self.name)


@dataclass
class Run:
    totals: dict
    operations: list[Operation]
    phases: list[dict]
    steps: list[dict]
    provenance: dict
    remarks: list[str]

    @property
    def ns_per_cycle(self) -> float:
        return number(self.totals.get("time_ns")) / (number(self.totals.get("cycles")) or 1)


def number(value) -> float:
    """A number, also one in text as CSV has it; 0 where there is none."""
    return float(value) if value not in (None, "") else 0.0


def operation_of(entry: dict) -> Operation:
    """One operation of result.json, or one line of operations.csv with its dotted columns."""
    nested: dict = {}
    for key, value in entry.items():
        head, _, tail = key.partition(".")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[key] = value
    energy = nested.get("energy_by_component_pj", {})
    sqnr = nested.get("sqnr_db")
    return Operation(
        name=str(nested["name"]),
        kind=str(nested.get("kind", "")),
        macs=number(nested.get("macs")),
        cycles=number(nested.get("cycles")),
        dram_bytes=number(nested.get("dram_read_bytes")) + number(nested.get("dram_write_bytes")),
        bound=str(nested.get("bound", "")),
        stalls={k: number(v) for k, v in nested.get("stall_cycles", {}).items()},
        energy={k: number(v) for k, v in energy.items()},
        sqnr_db=None if sqnr in (None, "") else number(sqnr),
    )


def load(run_dir: Path) -> Run:
    path = run_dir / "result.json"
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        entries = result.get("operations")
        if not entries:
            with (run_dir / "operations.csv").open(encoding="utf-8", newline="") as file:
                entries = list(csv.DictReader(file))
        totals = result["totals"]
        return Run(
            totals=totals,
            operations=[operation_of(entry) for entry in entries],
            phases=result.get("phases", []),
            steps=result.get("steps", []),
            provenance=result.get("provenance", {}),
            remarks=result.get("remarks", []),
        )
    except OSError as error:
        raise FileProblem(f"{error.filename}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileProblem(f"{path}: not the result of a run ({error!r})") from error


def summed(operations: list[Operation]) -> list[Operation]:
    """Operations one by one where they are few, else summed over the layers."""
    if len(operations) <= MOST_BARS:
        return operations
    kept: dict[str, Operation] = {}
    for op in operations:
        into = kept.setdefault(op.short, Operation(op.short, op.kind, 0, 0, 0, op.bound))
        into.macs += op.macs
        into.cycles += op.cycles
        into.dram_bytes += op.dram_bytes
        for mine, theirs in ((into.stalls, op.stalls), (into.energy, op.energy)):
            for key, value in theirs.items():
                mine[key] = mine.get(key, 0) + value
    return list(kept.values())


def labels(operations: list[Operation]) -> list[str]:
    """Names below bars, without what they have in common: the only layer there is."""
    short = [o.short for o in operations]
    return short if len(set(short)) == len(short) else [o.name for o in operations]
