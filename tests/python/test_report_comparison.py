# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: schemes beside each other, what the sources leave open, broken files."""

import json

import pytest
from razorsim_tools import cli, report
from test_report import figures


def scheme(name, energy, sqnr=20.0):
    return {
        "scheme": name,
        "formats": "W4A4",
        "array": {"rows": 16, "columns": 8, "unit": "sdr_dot"},
        "error": {"sqnr_db": sqnr},
        "energy_pj_per_mac": {
            "array": 0.1, "with_razor_unit": 0.2, "with_buffers": 0.3, "chip": 0.4, "machine": 2.0
        },
        "relative": {"cycles": 1.5, "energy_pj": energy / 1e9},
        "totals": {
            "cycles": 100,
            "busy_cycles": 60,
            "stall_cycles": {"bandwidth": 30, "refresh": 10, "port": 0},
            "energy_pj": energy,
            "energy_low_pj": energy * 0.5,
            "energy_high_pj": energy * 2,
            "energy_by_component_pj": {"multipliers": energy / 4, "dram_io": energy * 3 / 4},
            "area_by_component_um2": {"multipliers": 2e6},
        },
        "provenance": {"workload": "one <layer>", "scheme": name},
    }  # fmt: skip


def write(folder, schemes, **more):
    comparison = {
        "at": "equal-area",
        "baseline": schemes[0]["scheme"],
        "schemes": schemes,
        "ranking": [
            {
                "figure": "energy_pj",
                "order": ["sdr4", "int8"],
                "pairs": [{"smaller": "sdr4", "larger": "int8", "certain": False}],
            }
        ],
        **more,
    }
    (folder / "comparison.json").write_text(json.dumps(comparison))
    return folder


def test_schemes_stand_beside_each_other(tmp_path):
    page = report.html(write(tmp_path, [scheme("sdr4", 1e9), scheme("int8", 3e9, 30.0)]))
    shown = figures(page)
    assert list(shown) == ["trade", "energy", "mac", "cycles", "area"]
    points = shown["trade"]["data"]
    assert [(p["x"], p["y"]) for p in points] == [([20.0], [1e3]), ([30.0], [3e3])]
    assert points[1]["error_y"]["array"] == [3e3] and points[1]["error_y"]["arrayminus"] == [1.5e3]
    bars = {d["name"]: (d["x"], d["y"]) for d in shown["cycles"]["data"]}
    assert bars["working"] == (["sdr4", "int8"], [60, 60])
    assert bars["waiting: bandwidth"][1] == [30, 30] and "waiting: port" not in bars
    energy = {d["name"]: d["y"] for d in shown["energy"]["data"]}
    assert energy == {"multipliers": [250, 750], "dram_io": [750, 2250]}
    assert shown["area"]["data"][0]["y"] == [2, 2]
    assert [d["y"][-1] for d in shown["mac"]["data"]] == [2.0, 2.0]
    assert "<h1>RazorSim: one &lt;layer&gt;, equal area</h1>" in page
    assert "<tr><th>array</th><td>16 x 8 sdr_dot</td><td>16 x 8 sdr_dot</td></tr>" in page
    assert "energy: sdr4 &lt; int8 (within the spread: sdr4 or int8)" in page
    # A ratio has no unit, though its key is called as what it is of.
    assert "<h2>Relative to sdr4</h2>" in page and "<td>3</td>" in page


def test_claims_and_what_is_missing(tmp_path):
    silent = [{**scheme("sdr4", 1e9), "error": {"sqnr_db": None}}]
    claim = {
        "scheme": "sdr4", "against": "int8", "area_saving": 0.643, "claimed_area_saving": 0.612,
        "energy_saving_per_product": 0.599, "claimed_power_saving": 0.578,
        "energy_saving_of_machine": 0.428, "source": "a paper",
    }  # fmt: skip
    page = report.html(write(tmp_path, silent, unit_claims=[claim]))
    assert "Not in the results of this comparison: trade." in page
    assert "area 64.3% saved (claimed 61.2%)" in page and "42.8% of the whole machine" in page


@pytest.mark.parametrize("text", ["[", '{"schemes": []}', '{"schemes": [{"scheme": "sdr4"}]}'])
def test_broken_comparisons_are_named(tmp_path, capsys, text):
    (tmp_path / "comparison.json").write_text(text)
    assert cli.main(["report", str(tmp_path)]) == 3
    said = capsys.readouterr().err
    assert "comparison.json: not a comparison" in said and said.count("\n") == 1
