# SPDX-License-Identifier: Apache-2.0
"""Operand rows of a trace's linear operations, for the stimulus and for the energy model's fit."""

from pathlib import Path

import numpy as np

from ..check_trace import TraceFile, real_numbers
from .operands import ROWS, Rows, StimulusError


def evenly(count: int, wanted: int) -> np.ndarray:
    """`wanted` indices below `count`, evenly spread; fewer when there aren't as many."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(int))


def operation_rows(trace: TraceFile, operation: dict, rows: int = ROWS) -> Rows:
    """Tokens and output channels, evenly spread, paired one to one."""
    edge, weight = operation["inputs"][0], operation["weight"]
    a, w = real_numbers(trace, edge), real_numbers(trace, weight)
    if a is None or w is None or a.shape[-1] != w.shape[-1]:
        raise StimulusError(f"operation {operation['name']} has no operands")
    pick_a, pick_w = evenly(len(a), rows), evenly(len(w), rows)
    pairs = min(len(pick_a), len(pick_w))
    absmax = float(trace.tensors[f"{edge}.absmax"][0]) if trace.has(f"{edge}.absmax") else None
    return Rows(operation["name"], a[pick_a[:pairs]], w[pick_w[:pairs]], absmax)


def linear_operations(trace: TraceFile) -> list[dict]:
    return [o for o in trace.operations if o.get("kind") == "linear" and trace.has(f"{o['weight']}.source")]


def trace_rows(stimulus: str) -> Rows:
    """Rows of TRACE:OPERATION, or of every linear operation of TRACE in turn, cut to equal lengths.
    Throws StimulusError or TraceError."""
    path, _, name = stimulus.rpartition(":")
    if not path or Path(stimulus).exists():
        path, name = stimulus, ""
    trace = TraceFile(Path(path))
    chosen = [o for o in linear_operations(trace) if not name or o["name"] == name]
    if not chosen:
        known = ", ".join(o["name"] for o in linear_operations(trace)) or "none with values"
        raise StimulusError(f"no linear operation '{name}'; there are {known}")
    if len(chosen) == 1:
        return operation_rows(trace, chosen[0])
    # One pair of rows of each operation: every operation is quantised by its own scales, so the rows
    # are brought to the same static maximum, which changes no integer.
    parts = [operation_rows(trace, o, max(1, ROWS // len(chosen))) for o in chosen]
    length = min(p.activations.shape[1] for p in parts) // 32 * 32
    a = np.concatenate([p.activations[:, :length] / (p.absmax or np.abs(p.activations).max()) for p in parts])
    w = np.concatenate([p.weights[:, :length] for p in parts])
    return Rows(Path(path).name, a.astype(np.float32), w, 1.0)
