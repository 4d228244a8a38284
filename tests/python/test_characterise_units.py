# SPDX-License-Identifier: Apache-2.0
"""The characterised units: streams and their expected outputs, the shipped table, a sample re-made."""

import contextlib
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from razorsim_tools import cli
from razorsim_tools.characterise import command, derive, flow, operands, synth, table, units
from razorsim_tools.reference import dot

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = json.loads((ROOT / "configs/technology/characterised/osu018.json").read_text())
ROWS = {row["name"]: row for row in SHIPPED["units"]}


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def test_reference_stream_is_the_one_of_the_shipped_table():
    assert operands.reference_rows().digest() == SHIPPED["stimulus"]["sha256"]


def test_dot_stream_ends_in_the_exact_integer_product():
    rows = operands.reference_rows()
    a, w = operands.integers(rows, 8, 8)
    stimulus = units.all_units()["int8_dot16"].stimulus(rows)
    # Latency 2 and 32 cycles a row: cycle 33 shows row 0 complete.
    assert stimulus.expected[33] == [int(a[0] @ w[0])]
    assert [c["first"] for c in stimulus.cycles[:34]] == [1, *[0] * 31, 1, 0]


def test_sdr_stream_ends_in_the_reference_s_razored_dot():
    rows = operands.reference_rows()
    a, w = operands.razored(rows, 16, 16)
    stimulus = units.all_units()["sdr4_base16_dot16"].stimulus(rows)
    assert stimulus.expected[33] == [int(dot.razored_dot(a, w)[0, 0])]


def test_words_hold_codes_as_the_unit_reads_them():
    assert operands.pack([1, -1, -128], 8) == 0x80FF01
    assert operands.sign_magnitude([3, -3, 0, -7], 3) == 0xF0B3
    assert signed(operands.pack([-5], 11), 11) == -5


def test_every_unit_has_its_sources_and_a_stream():
    rows = operands.reference_rows()
    for unit in units.all_units().values():
        assert all(path.exists() for path in unit.files()), unit.name
        stimulus = unit.stimulus(rows)
        assert len(stimulus.cycles) == len(stimulus.expected) > stimulus.warm_up
        for cycle in stimulus.cycles:
            assert cycle.keys() == stimulus.widths.keys()
            assert all(0 <= v < 1 << stimulus.widths[k] for k, v in cycle.items()), unit.name


def test_shipped_table_has_every_unit_checked_in_time():
    assert set(ROWS) == set(units.all_units())
    for row in SHIPPED["units"]:
        assert row["functional_check"] is True
        assert row["setup_slack_ns"] > 0, row["name"]
        assert sum(row["energy_pj_per_cycle"].values()) == pytest.approx(
            row["energy_pj_per_event"] * row["events_per_cycle"], rel=1e-4)


def test_second_library_s_table_has_every_unit_checked():
    second = json.loads((ROOT / "configs/technology/characterised/sky130hd.json").read_text())
    assert [row["name"] for row in second["units"]] == list(units.all_units())
    assert all(row["functional_check"] is True for row in second["units"])
    for key in ("words_sha256", "checked_cycles"):  # the same operands on both libraries, so that ratios compare
        assert [row[key] for row in second["units"]] == [ROWS[row["name"]][key] for row in second["units"]]


def test_integer_baseline_is_not_a_plain_star():
    # A multiplier left to synthesis takes 14469 gates and 38.6 pJ, which would flatter SDR.
    assert ROWS["int8_dot16"]["area_nand2"] <= 9000
    assert ROWS["int8_dot16"]["energy_pj_per_mac"] <= 23
    assert ROWS["int8_pe"]["area_nand2"] <= 1100


def test_savings_of_sdr_base_8():
    int8, sdr = ROWS["int8_dot16"], ROWS["sdr4_base8_dot16"]
    assert 0.65 <= 1 - sdr["area_nand2"] / int8["area_nand2"] <= 0.70
    assert 0.55 <= 1 - sdr["energy_pj_per_mac"] / int8["energy_pj_per_mac"] <= 0.65


def test_rule_lands_on_figures_it_does_not_use():
    for what, (rule, published) in derive.checks().items():
        assert rule == pytest.approx(published, rel=0.2), what


def test_shipped_technology_is_what_the_command_writes(tmp_path):
    out = tmp_path / "45nm.json"
    table.write(out)
    assert out.read_text() == (ROOT / "configs/technology/45nm.json").read_text()


needs_tools = pytest.mark.skipif(
    not (command.OSU018.exists() and shutil.which("yosys") and shutil.which("iverilog")),
    reason="needs yosys, iverilog and qflow-tech-osu018",
)


@needs_tools
def test_sample_of_the_shipped_table_is_re_made(tmp_path):
    names = "int8_pe,sdr4_base8_full,mxfp4_dot16"
    result = flow.characterise(command.OSU018, tmp_path / "t.json", names)
    if result["tools"] != SHIPPED["tools"] or result["library"] != SHIPPED["library"]:
        tolerance = 0.05  # another release of yosys maps a little differently
    else:
        tolerance = 1e-6
    assert [row["name"] for row in result["units"]] == names.split(",")
    for row in result["units"]:
        for key in ("area_nand2", "energy_pj_per_mac"):
            assert row[key] == pytest.approx(ROWS[row["name"]][key], rel=tolerance), (row["name"], key)


@needs_tools
def test_killed_run_goes_on_where_it_stopped(tmp_path):
    names = "int4_pe,sdr4_base8_lean,sdr4_base16_lean"

    def run(name: str, **options) -> subprocess.Popen:
        command_line = [sys.executable, "-m", "razorsim_tools.cli", "characterise", "--units", names, "--jobs", "1",
                        "--out", str(tmp_path / name)]
        return subprocess.Popen(command_line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                                cwd=ROOT / "tools", start_new_session=True, **options)

    whole = run("whole.json")
    told = whole.communicate()[1].splitlines()
    assert whole.returncode == 0
    assert [line.split("]")[0] for line in told] == ["[1/3", "[2/3", "[3/3"]  # progress

    killed = run("killed.json")
    first = killed.stderr.readline()
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stderr.close()
    assert first.startswith("[1/3] ")
    done = tmp_path / "killed.json.work" / first.split()[1].rstrip(":")
    assert not (tmp_path / "killed.json").exists()
    began = (done / "netlist.json").stat().st_mtime_ns

    again = run("killed.json")
    while again.poll() is None:
        with contextlib.suppress(FileNotFoundError):  # the folder goes when the table is written
            assert (done / "netlist.json").stat().st_mtime_ns == began, "a finished unit was made again"
        time.sleep(0.05)
    assert again.returncode == 0, again.stderr.read()
    again.stderr.close()
    assert (tmp_path / "killed.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    assert not (tmp_path / "killed.json.work").exists()


@needs_tools
def test_netlist_is_made_again_when_its_sources_change(tmp_path):
    library = flow.load(command.OSU018)
    unit = units.all_units()["sdr4_base8_lean"]

    def made(period_ns: float) -> tuple[int, str]:
        synth.synthesise(unit.module, unit.parameters, unit.files(), library, period_ns, tmp_path)
        return (tmp_path / "netlist.json").stat().st_mtime_ns, (tmp_path / "netlist.key").read_text()

    first = made(10.0)
    assert made(10.0) == first
    assert made(9.0)[1] != first[1]


@needs_tools
def test_wrong_result_fails(tmp_path, monkeypatch):
    right = units.integer_stimulus

    def wrong(*args):
        make = right(*args)

        def off_by_one(rows):
            stimulus = make(rows)
            stimulus.expected[-1] = [stimulus.expected[-1][0] + 1]
            return stimulus

        return off_by_one

    monkeypatch.setattr(units, "integer_stimulus", wrong)
    monkeypatch.setattr(flow.program, "found", lambda given: None)  # else the C++ unit would say so first
    with pytest.raises(flow.ToolError, match="int4_pe: cycle .* the model says"):
        flow.characterise(command.OSU018, tmp_path / "t.json", "int4_pe")
    assert not (tmp_path / "t.json").exists()


@needs_tools
def test_failing_unit_does_not_stop_the_others(tmp_path, monkeypatch, capsys):
    def never_right(rows):
        stimulus = units.integer_stimulus(4, 4, 1, 1)(rows)
        stimulus.expected[2] = [stimulus.expected[2][0] + 1]
        return stimulus

    known = units.all_units()
    known["int4_pe"] = dataclasses.replace(known["int4_pe"], stimulus=never_right, program=None)
    monkeypatch.setattr(units, "all_units", lambda: known)
    out = tmp_path / "t.json"
    assert cli.main(["characterise", "--out", str(out), "--jobs", "1", "--units", "int4_pe,sdr4_base8_lean"]) == 1
    assert re.search(r"razorsim-tools: int4_pe: cycle 2: acc is .*; 1 of 2 units are in ", capsys.readouterr().err)
    assert [row["name"] for row in json.loads(out.read_text())["units"]] == ["sdr4_base8_lean"]


def test_unknown_unit_is_refused(tmp_path):
    if not command.OSU018.exists():
        pytest.skip("needs qflow-tech-osu018")
    with pytest.raises(flow.LibertyError, match="no unit 'int9'"):
        flow.characterise(command.OSU018, tmp_path / "t.json", "int9")


class WithoutAdder:
    """All that choosing units asks of a library."""

    name = "adderless"

    def full_adder(self):
        return None


def test_dot_units_need_a_full_adder_cell():
    with pytest.raises(flow.LibertyError, match="adderless has no full adder cell: of int8_dot16 synthesis would"):
        flow.choose("int8_pe,int8_dot16", WithoutAdder())
    chosen = flow.choose(None, WithoutAdder())
    assert {"int8_pe", "sdr4_base16_full", "sdr4_base8_lean"} <= {unit.name for unit in chosen}
    assert all(unit.facts.get("lanes", 1) == 1 for unit in chosen)


def test_outlier_channels_of_the_reference():
    rows = operands.reference_rows()
    spread = rows.activations.std(axis=0)
    assert (spread > 8).sum() == round(operands.OUTLIERS * operands.K)
    assert np.allclose(rows.weights.std(), 1, atol=0.05)
