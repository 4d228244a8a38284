# SPDX-License-Identifier: Apache-2.0
"""The page of a sweep: who is beaten and by whom, what is no goal, broken folders."""

import json

import pytest
from razorsim_tools import cli, report, report_sweep
from test_report import figures

METRICS = ["totals.cycles", "totals.energy_pj", "totals.sqnr_db", "totals.bound"]


def write(folder, lines, metrics=METRICS):
    (folder / "sweep.json").write_text(json.dumps({"axes": ["scheme", "rows"], "metrics": metrics}))
    text = [",".join(["scheme", "rows", *metrics]), *lines]
    (folder / "results.csv").write_text("\n".join(text) + "\n")
    return folder


POINTS = [
    "sdr4,8,100,5e6,14,array",
    "sdr4,16,50,6e6,14,memory",
    "sdr4,32,50,7e6,14,memory",  # beaten by the second: more energy for nothing
    "int8,8,200,9e6,27,memory",  # the slowest, and the most exact
]


def test_what_none_beats_is_told_apart(tmp_path):
    page = report.html(write(tmp_path, POINTS))
    assert "Better is less cycles, less energy_pj, more sqnr_db. Nothing beats 3 of the points." in page
    shown = figures(page)
    sdr, int8 = shown["front"]["data"]
    assert sdr["name"] == "scheme sdr4" and sdr["x"] == [100, 50, 50]
    assert sdr["marker"]["symbol"] == ["circle", "circle", "circle-open"]
    assert int8["y"] == [9e6] and int8["text"] == ["4: scheme int8, rows 8"]
    lines = shown["lines"]["data"][0]["dimensions"]
    assert lines[0]["ticktext"] == ["sdr4", "int8"] and lines[0]["values"] == [0, 0, 0, 1]
    assert lines[2]["values"] == [100, 50, 50, 200]
    beaten = page.split("<h2>Beaten</h2>")[1]
    assert beaten.startswith('<div class="grid"><table><tr><th>point</th><th>beaten by</th><th>scheme</th>')
    assert "<tr><td>3</td><td>2</td><td>sdr4</td><td>32</td><td>50</td>" in beaten
    assert "7 µJ" in beaten and page == report.html(tmp_path)


def test_equal_points_are_both_on_the_front():
    rows = [{"a.cycles": "5", "a.area_um2": "2"}, {"a.cycles": "5", "a.area_um2": "2"}]
    goals = {"a.cycles": True, "a.area_um2": True}
    assert report_sweep.beaten_by(rows, goals) == [None, None]


def test_without_goals_points_are_a_table(tmp_path):
    page = report.html(write(tmp_path, ["sdr4,8,100,x"], ["totals.cycles", "totals.bound"]))
    assert "Fewer than two of the metrics are goals" in page and not figures(page)
    assert "<td>sdr4</td><td>8</td><td>100</td><td>x</td>" in page


@pytest.mark.parametrize("columns", ["[", '{"axes": 3}', '{"axes": [], "metrics": ["absent"]}'])
def test_broken_folders_are_named(tmp_path, capsys, columns):
    write(tmp_path, POINTS)
    (tmp_path / "sweep.json").write_text(columns)
    assert cli.main(["report", str(tmp_path)]) == 3
    said = capsys.readouterr().err
    assert str(tmp_path) in said and said.count("\n") == 1


def test_a_sweep_that_has_no_table_yet(tmp_path, capsys):
    write(tmp_path, POINTS)
    (tmp_path / "results.csv").unlink()
    assert cli.main(["report", str(tmp_path)]) == 3
    assert "results.csv: No such file" in capsys.readouterr().err
