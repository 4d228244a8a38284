# SPDX-License-Identifier: Apache-2.0
"""The HTML report: the run's numbers reach the page, it stands alone, broken runs are named."""

import json
import re

import plotly.graph_objects
import pytest
from razorsim_tools import cli, report, report_page


def operation(name, layer=0, **more):
    return {
        "name": f"layers.{layer}.{name}",
        "kind": "linear",
        "m": 8, "k": 64, "n": 32,
        "macs": 16384,
        "cycles": 100,
        "stall_cycles": {"row_miss": 20, "fill_drain": 10, "refresh": 0},
        "dram_read_bytes": 4000,
        "dram_write_bytes": 96,
        "energy_by_component_pj": {"multipliers": 3.0, "dram_io": 7},
        "bound": "memory",
        "sqnr_db": 17.5 + layer,
        **more,
    }  # fmt: skip


def write(folder, operations, **more):
    result = {
        "totals": {
            "cycles": 12345,
            "time_ns": 6172.5,
            "utilization": 0.25,
            "energy_by_component_pj": {"dram_io": 7.0},
            "roofline": {"peak_gmac_per_s": 8192.0, "ridge_macs_per_byte": 80.0},
        },
        "operations": operations,
        "provenance": {"workload": "one <layer> & more", "scheme": "sdr4"},
        "remarks": ["45 nm </script> anchor"],
        **more,
    }
    (folder / "result.json").write_text(json.dumps(result))
    return folder


def figures(page):
    """Data of the figures in the page, by name; plotly refuses properties it does not know."""
    found = re.findall(r'newPlot\("(\w+)".*?\)\; \}\)\((.*)\);</script>', page)
    read = {name: json.loads(data) for name, data in found}
    for figure in read.values():
        plotly.graph_objects.Figure(figure)
    return read


def test_numbers_reach_the_page(tmp_path):
    run = write(tmp_path, [operation("q_proj"), operation("o_proj", sqnr_db=9.0)])
    page = report.html(run)
    shown = figures(page)
    assert set(shown) == {"roofline", "cycles", "energy", "error"}
    points, roofs = shown["roofline"]["data"]
    assert points["x"] == [4.0, 4.0] and points["y"] == [327.68, 327.68]
    assert roofs["x"][1] == 80.0 and roofs["y"] == [102.4, 8192.0, 8192.0]
    bars = {d["name"]: d["y"] for d in shown["cycles"]["data"]}
    assert bars == {
        "working": [70, 70],
        "waiting: row_miss": [20, 20],
        "waiting: fill_drain": [10, 10],
    }
    assert {d["name"]: d["y"] for d in shown["energy"]["data"]} == {
        "multipliers": [3, 3],
        "dram_io": [7, 7],
    }
    assert shown["error"]["data"][0]["y"] == [17.5, 9.0]
    assert "<td>12,345</td>" in page and "<td>sdr4</td>" in page


def test_page_stands_alone_and_names_cannot_break_it(tmp_path):
    page = report.html(write(tmp_path, [operation("</script><b>")]))
    assert not re.search(r"<(script|img)[^>]+src=|<link", page)
    assert "one &lt;layer&gt; &amp; more" in page
    assert page.count("</script>") == page.count("<script")
    assert page == report.html(tmp_path)


def test_many_layers_are_summed_and_errors_become_a_map(tmp_path):
    names = ("q_proj", "o_proj", "down_proj")
    run = write(tmp_path, [operation(n, layer) for layer in range(64) for n in names])
    shown = figures(report.html(run))
    assert shown["cycles"]["data"][0]["x"] == list(names)
    assert shown["cycles"]["data"][0]["y"] == [70 * 64] * 3
    heat = shown["error"]["data"][0]
    assert heat["x"] == list(range(64)) and heat["y"] == list(names)
    assert heat["z"][1][63] == 17.5 + 63


def test_decode_is_apart_and_phases_are_a_table(tmp_path):
    names = ("layers.{}.q_proj", "decode.layers.{}.q_proj")
    operations = [{**operation("q"), "name": n.format(i)} for i in range(64) for n in names]
    phases = [
        {"phase": "prefill", "cycles": 1000, "energy_pj": 2.5e9, "token_id": None},
        {"phase": "decode", "cycles": 5, "energy_pj": None, "token_id": None},
    ]
    page = report.html(write(tmp_path, operations, phases=phases))
    assert figures(page)["cycles"]["data"][0]["x"] == ["q_proj", "decode.q_proj"]
    assert "<tr><th>phase</th><td>prefill</td><td>decode</td></tr>" in page
    assert "<td>2,500,000,000 <small>2.5 mJ</small></td><td></td>" in page
    assert "token_id" not in page.split("<h2>Phases</h2>")[1].split("</table>")[0]


def test_a_token_over_the_context(tmp_path):
    prefill = {"phase": "prefill", "context": 0, "sequences": 2, "head_cycles": 9}
    prefill |= {"time_ns": 9e6, "energy_pj": 1e9}
    decode = [
        {**prefill, "phase": "decode", "context": c, "time_ns": 1e6 + c, "energy_pj": 4e9 + 2 * c}
        for c in (128, 129, 130)
    ]
    page = report.html(write(tmp_path, [operation("q_proj")], steps=[prefill, *decode]))
    speed, energy = figures(page)["tokens"]["data"]
    assert speed["x"] == energy["x"] == [128, 129, 130]
    assert speed["y"] == pytest.approx([2e9 / (1e6 + c) for c in (128, 129, 130)])
    assert energy["y"] == pytest.approx([(2e9 + c) * 1e-9 for c in (128, 129, 130)])
    # One step is no curve, and without the head no token is made.
    assert "tokens" not in figures(report.html(write(tmp_path, [operation("q")], steps=decode[:1])))
    headless = [{**s, "head_cycles": 0} for s in decode]
    assert "tokens" not in figures(report.html(write(tmp_path, [operation("q")], steps=headless)))


def test_figures_in_readable_units():
    said = {
        ("time_ns", 89485.0): "89.5 µs",
        ("energy_low_pj", 4.974e8): "497 µJ",
        ("area_um2", 5406325.0): "5.41 mm²",
        ("dram_read_bytes", 999): "999 B",
        ("time_ns", 0.0005): "0.5 ps",
        ("cycles", 7): "",
        ("energy_pj", 0.0): "",
    }
    assert {key: report_page.readable(*key) for key in said} == said


def test_names_below_bars_are_told_apart(tmp_path):
    one = report.load(write(tmp_path, [operation("q_proj", 15), operation("o_proj", 15)]))
    assert report.labels(one.operations) == ["q_proj", "o_proj"]
    two = report.load(write(tmp_path, [operation("q_proj", 0), operation("q_proj", 1)]))
    assert report.labels(two.operations) == ["layers.0.q_proj", "layers.1.q_proj"]


def test_what_a_run_lacks_is_said(tmp_path):
    entry = {k: v for k, v in operation("q_proj").items() if "energy" not in k and k != "sqnr_db"}
    run = write(tmp_path, [entry], totals={"cycles": 5, "time_ns": 5})
    page = report.html(run)
    assert set(figures(page)) == {"roofline", "cycles"}
    assert "Not in the results of this run: energy, error, tokens." in page


def test_operations_from_csv(tmp_path):
    write(tmp_path, [])
    (tmp_path / "operations.csv").write_text(
        "name,kind,macs,cycles,stall_cycles.refresh,dram_read_bytes,sqnr_db\n"
        "layers.0.q_proj,linear,100,50,5,20,\n"
    )
    shown = figures(report.html(tmp_path))
    assert {d["name"]: d["y"] for d in shown["cycles"]["data"]} == {
        "working": [45],
        "waiting: refresh": [5],
    }


def test_command_and_broken_runs(tmp_path, capsys):
    write(tmp_path, [operation("q_proj")])
    assert cli.main(["report", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size > 100_000
    assert cli.main(["report", str(tmp_path / "absent")]) == 3
    (tmp_path / "result.json").write_text('{"totals": 3}')
    assert cli.main(["report", str(tmp_path)]) == 3
    (tmp_path / "result.json").write_text("[")
    assert cli.main(["report", str(tmp_path)]) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 3
