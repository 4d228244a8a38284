# SPDX-License-Identifier: Apache-2.0
"""--vcd read by a parser that isn't ours (pyvcd): scopes, times, and every value recomputed."""

import json
from collections import defaultdict

import pytest
from built_program import needs_program, run
from vcd.reader import TokenKind, tokenize

pytestmark = needs_program

GEMM = ("gemm", "--scheme", "W4A4:g8", "--fidelity", "pe", "--json", "--set", "array.rows=3", "--set", "array.cols=4",
        "--operands")  # fmt: skip
PERIOD = 1000  # ps, at the default machine's 1 GHz
A = [[(7919 * (i * 40 + j)) % 60001 - 30000 for j in range(40)] for i in range(7)]
W = [[(104729 * (i * 40 + j)) % 255 - 127 for j in range(40)] for i in range(6)]


class Waves:
    """Signals by full name, each a list of (time, value); and the timescale."""

    def __init__(self, path):
        self.changes, self.bits, names, scope = defaultdict(list), {}, {}, []
        time = None
        with open(path, "rb") as file:
            for token in tokenize(file):
                if token.kind is TokenKind.TIMESCALE:
                    self.timescale = (int(token.timescale.magnitude), token.timescale.unit.value)
                elif token.kind is TokenKind.SCOPE:
                    scope.append(token.scope.ident)
                elif token.kind is TokenKind.UPSCOPE:
                    scope.pop()
                elif token.kind is TokenKind.VAR:
                    name = ".".join([*scope, token.var.reference])
                    assert token.var.id_code not in names
                    names[token.var.id_code], self.bits[name] = name, token.var.size
                elif token.kind is TokenKind.CHANGE_TIME:
                    assert time is None or token.time_change > time
                    time = token.time_change
                elif token.kind in (TokenKind.CHANGE_SCALAR, TokenKind.CHANGE_VECTOR) and time is not None:
                    change = token.scalar_change if token.kind is TokenKind.CHANGE_SCALAR else token.vector_change
                    name = names[change.id_code]
                    value = int(change.value)
                    if name.rsplit(".", 1)[1] not in ("clk", "works", "first") and value >> (self.bits[name] - 1):
                        value -= 1 << self.bits[name]
                    self.changes[name].append((time, value))
        assert scope == []

    def at(self, name, time):
        """The last value at or before `time`, None where there is none."""
        before = [value for at, value in self.changes[name] if at <= time]
        return before[-1] if before else None


def waves_of(tmp_path, *more):
    operands = tmp_path / "f.json"
    operands.write_text(json.dumps({"a": A, "w": W, "bits_a": 16, "bits_w": 8}))
    vcd = tmp_path / "w.vcd"
    result = run(*GEMM, operands, "--vcd", vcd, "--vcd-cycles", 400, *more)
    return Waves(vcd), result


def test_every_accumulator_is_the_sum_of_what_its_registers_held(tmp_path):
    """Output stationary: works through each element's history on its own and meets the program's sums."""
    lanes, latency = 8, 2
    waves, result = waves_of(tmp_path, "--set", "array.unit.lanes=8")
    assert waves.timescale == (1, "ps")
    seen, used = {}, 0
    for row in range(3):
        for col in range(4):
            pe = f"array.pe_{row}_{col}."
            acc = 0
            working = [t for t, works in waves.changes[pe + "works"] if works]
            if not working:
                continue
            start, end = working[0], waves.changes[pe + "works"][-1][0]
            for time in range(start, end, PERIOD):
                if not waves.at(pe + "works", time):
                    continue
                values = [[waves.at(f"{pe}{side}_{lane}", time) for lane in range(lanes)] for side in "aw"]
                acc = 0 if waves.at(pe + "first", time) else acc
                shift = waves.at(pe + "a_shift", time) + waves.at(pe + "w_shift", time)
                acc += sum(a * w for a, w in zip(*values, strict=True)) << shift
                assert waves.at(pe + "acc", time + latency * PERIOD) == acc, (pe, time)
                seen[waves.at(pe + "output_row", time), waves.at(pe + "output_col", time)] = acc
                used += 1
    assert used == 7 * 6 * 5  # outputs times groups of 8 in K = 40
    assert [[seen[i, j] for j in range(6)] for i in range(7)] == result["accumulators"]


@pytest.mark.parametrize("dataflow", ("os", "ws", "is"))
def test_modules_are_busy_as_long_as_the_result_says(tmp_path, dataflow):
    waves, result = waves_of(tmp_path, "--set", f"array.dataflow={dataflow}", "--set", "array.unit.lanes=8")
    end = result["totals"]["time_ns"] * 1000
    for module in result["modules"]:
        changes = [*waves.changes[module["name"] + ".activity"], (end, 0)]
        busy = sum(b - a for (a, activity), (b, _) in zip(changes, changes[1:], strict=False) if activity == 1)
        assert busy == module["time"]["busy_ps"], module["name"]
        assert waves.bits[module["name"] + ".activity"] == 2
    for name in ("weight_buffer", "activation_buffer", "output_buffer.sums", "output_buffer.outputs"):
        levels = [value for _, value in waves.changes[name + ".bytes"]]
        assert max(levels) > 0 and levels[-1] == 0, name
    clock = [time for time, value in waves.changes["array.clk"] if value]
    assert {b - a for a, b in zip(clock, clock[1:], strict=False)} == {PERIOD}


def test_a_waveform_changes_nothing(tmp_path):
    _, result = waves_of(tmp_path)
    assert run(*GEMM, tmp_path / "f.json") == result
