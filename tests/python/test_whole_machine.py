# SPDX-License-Identifier: Apache-2.0
"""The table and figure of docs/energy.md are what its CSV file says."""

import importlib.util
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "docs/figures/whole_machine.csv"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("whole_machine", ROOT / "tools/reproduce/whole_machine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_table_and_figure_are_made_from_the_file(script):
    text = DATA.read_text()
    assert script.svg(text) == (ROOT / "docs/figures/whole_machine.svg").read_text()
    assert script.BLOCK.search((ROOT / "docs/energy.md").read_text())[0].count(script.table(text)) == 1


def test_figure_is_an_image_with_a_bar_a_scheme(script):
    text = DATA.read_text()
    root = ElementTree.fromstring(script.svg(text))
    bars = [e for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("height") == "14"]
    assert len(bars) == len(script.LEVELS) * (len(text.splitlines()) - 1)
    width = float(root.get("width"))
    assert all(float(e.get("x")) + float(e.get("width")) <= width for e in bars)


def test_savings_are_of_the_file_s_own_figures(script):
    text = DATA.read_text()
    for rows in script.grouped(text).values():
        for row in rows:
            ratio = float(row["energy_pj_per_mac.machine"]) / float(rows[0]["energy_pj_per_mac.machine"])
            assert float(row["relative.energy_low"]) <= float(row["relative.energy_pj"]) <= float(row["relative.energy_high"])
            # Schemes skip different causal tiles, so energies a MAC and energies differ by that.
            assert float(row["relative.energy_pj"]) == pytest.approx(ratio, rel=0.02)
