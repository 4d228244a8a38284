# SPDX-License-Identifier: Apache-2.0
"""The C++ units' word on a stream: the accumulator of every cycle, by the razorsim program.

A cycle's accumulator is the product of all operands up to it, so one matrix product of rows cut
after each cycle's last element holds them all. The numbers are compared with the stream's own
expectation, which the gates are then held to.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from ..errors import UsageProblem
from ..sweep import find_program
from . import operands
from .operands import Rows
from .synth import ToolError
from .units import Program, pairs


def found(given: Path | None) -> Path | None:
    """The program; None where it isn't built and nobody named it."""
    if given is not None:
        return find_program(given)
    try:
        return find_program(None)
    except UsageProblem:
        return None


LATENCY = {"int_dot": 2, "sdr_dot": 2, "int_pe": 1, "sdr_full": 2}  # register stages to the accumulator


def accumulators(program: Path, a: np.ndarray, w: np.ndarray, how: Program, lanes: int) -> np.ndarray:
    """Exact sums [rows of a, rows of w] on the C++ unit. Throws ToolError."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "operands.json"
        file.write_text(json.dumps({"a": a.tolist(), "w": w.tolist(), "bits_a": how.bits[0], "bits_w": how.bits[1]}))
        command = [str(program), "gemm", "--operands", str(file), "--scheme", how.scheme, "--json", "--set",
                   f"array.unit.unit={how.unit}", "--set", f"array.unit.lanes={lanes}", "--set", "array.unit.accumulator_bits=64"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"{program}: {done.stderr.strip()}")
    return np.array(json.loads(done.stdout)["accumulators"], dtype=object)


def compare(program: Path, unit, rows: Rows, stimulus) -> None:
    """Holds a stream's expected accumulators to the C++ unit's. Throws ToolError at the first cycle
    that differs."""
    how, lanes = unit.program, unit.facts["lanes"]
    walk = [(row, (start + lanes) // how.group * how.group) for row, start in pairs(rows, lanes, how.cycles)]
    a, w = operands.integers(rows, *how.bits)
    cut = np.zeros((len(walk), a.shape[1]), dtype=np.int64)
    for i, (row, end) in enumerate(walk):
        cut[i, :end] = a[row, :end]
    # Until its first group has ended, a new output is not in the accumulator.
    shown = list(walk)
    for i in range(1, len(walk)):
        if walk[i][1] == 0:
            shown[i], cut[i] = shown[i - 1], cut[i - 1]
    used = max(row for row, _ in walk) + 1
    sums = accumulators(program, cut, w[:used], how, lanes)
    latency = len(walk) - len(stimulus.cycles) + LATENCY[unit.module]
    for cycle, got in enumerate(stimulus.expected[latency:]):
        said = sums[cycle, shown[cycle][0]]
        if got is not None and got[0] != said:
            raise ToolError(f"cycle {cycle}: the stream expects {got[0]}, the C++ unit says {said}")
