# SPDX-License-Identifier: Apache-2.0
"""Sweeps with a stand-in for razorsim: points, cache, resume, shards, failures."""

import csv
import json
import sys
from pathlib import Path

import pytest
from razorsim_tools import cli
from razorsim_tools import sweep as sweeping

# Notes each run, fails where told, and answers with what it was asked.
STAND_IN = """#!{python}
import json, pathlib, sys
log = pathlib.Path({log!r})
with log.open("a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
if "array.rows=13" in sys.argv:
    sys.exit("array.rows: 13 is unlucky")
rows = next((a.split("=")[1] for a in sys.argv if a.startswith("array.rows=")), "1")
print(json.dumps({{"totals": {{"cycles": int(rows) * 10}}, "argv": sys.argv[1:]}}))
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "razorsim"
    program.write_text(STAND_IN.format(python=sys.executable, log=str(tmp_path / "log")))
    program.chmod(0o755)
    (tmp_path / "log").touch()
    (tmp_path / "base.json").write_text('{"array": {}}')
    (tmp_path / "machine.json").write_text('{"extends": "base.json"}')
    return tmp_path


def sweep(place, spec, *options):
    (place / "spec.json").write_text(json.dumps(spec))
    return cli.main(
        ["sweep", "spec.json", "--out", "out", "--razorsim", str(place / "razorsim"), *options]
    )


def runs(place):
    return len((place / "log").read_text().splitlines())


def rows(place):
    with (place / "out" / "results.csv").open() as file:
        return list(csv.DictReader(file))


SPEC = {
    "command": ["run", "machine.json"],
    "axes": {"--scheme": ["sdr4", "int8"], "--set array.rows": [8, 16, 32]},
    "metrics": ["totals.cycles", "argv.2", "totals.absent"],
}


def test_every_point_is_run_once(place):
    assert sweep(place, SPEC) == 0
    assert runs(place) == 6
    table = rows(place)
    assert [(r["scheme"], r["array.rows"], r["totals.cycles"]) for r in table] == [
        (s, str(n), str(10 * n)) for s in ("sdr4", "int8") for n in (8, 16, 32)
    ]
    assert table[0]["argv.2"] == "--scheme" and table[0]["totals.absent"] == ""
    first = (place / "out" / "results.csv").read_bytes()
    assert sweep(place, SPEC) == 0
    assert runs(place) == 6 and (place / "out" / "results.csv").read_bytes() == first


def test_new_points_only_and_changed_files_again(place):
    sweep(place, SPEC)
    larger = {**SPEC, "axes": {**SPEC["axes"], "--set array.rows": [8, 16, 32, 64]}}
    assert sweep(place, larger) == 0
    assert runs(place) == 8
    (place / "base.json").write_text('{"extends": "base.json", "x": "\\u0000"}')  # by "extends"
    assert sweep(place, larger) == 0
    assert runs(place) == 16


def test_shards_are_disjoint_and_complete(place):
    for index in (1, 2, 3, 4):
        assert sweep(place, SPEC, "--shard", f"{index}/4") == 0
    assert runs(place) == 6 and len(rows(place)) == 6
    with pytest.raises(SystemExit):
        sweep(place, SPEC, "--shard", "5/4")


def test_a_failing_point_is_named_and_tried_again(place, capsys):
    spec = {**SPEC, "axes": {"--set array.rows": [8, 13, 16]}}
    assert sweep(place, spec) == 1
    assert "array.rows=13 --json: exit code 1: array.rows: 13 is unlucky" in capsys.readouterr().err
    assert [r["array.rows"] for r in rows(place)] == ["8", "16"]
    assert sweep(place, spec) == 1
    assert runs(place) == 4


@pytest.mark.parametrize(
    "change,message",
    (
        ({"axis": {}}, "unknown key 'axis'"),
        ({"command": "run"}, "'command' must be"),
        ({"axes": {"--scheme": "sdr4"}}, "'axes' must"),
        ({"axes": {"scheme": ["sdr4"]}}, "must be an option"),
        ({"metrics": [1]}, "'metrics' must"),
    ),
)
def test_mistakes_are_usage_errors(place, capsys, change, message):
    assert sweep(place, {**SPEC, **change}) == 2
    assert message in capsys.readouterr().err
    assert runs(place) == 0


SHIPPED = sorted((Path(__file__).resolve().parents[2] / "configs" / "sweeps").glob("*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_sweeps_run(place, path):
    spec = sweeping.load(path)
    assert sweep(place, spec) == 0
    assert runs(place) == len(rows(place)) == len(sweeping.points(spec))
    assert list(rows(place)[0])[len(spec["axes"]) :] == spec["metrics"]
