# SPDX-License-Identifier: Apache-2.0
"""Technology tables to Accelergy's ERT and ART and back."""

import json
from pathlib import Path

import pytest

from razorsim_tools.characterise import accelergy
from razorsim_tools.errors import FileProblem, UsageProblem

yaml = pytest.importorskip("yaml")
TECHNOLOGY = Path(__file__).resolve().parents[2] / "configs/technology/45nm.json"


@pytest.fixture
def table():
    return json.loads(TECHNOLOGY.read_text())


@pytest.fixture
def files(tmp_path, table):
    ert, art = tmp_path / "ert.yaml", tmp_path / "art.yaml"
    for path, text in zip((ert, art), accelergy.export(table)):
        path.write_text(text)
    return ert, art


def test_export_is_accelergy_s_form(files):
    ert = yaml.safe_load(files[0].read_text())["ERT"]
    assert ert["version"] == "0.4"
    by_name = {row["name"]: row["actions"] for row in ert["tables"]}
    assert len(by_name) == len(ert["tables"])
    assert by_name["razorsim.vector_lane"][0] == {"name": "add", "arguments": {}, "energy": 0.9}
    art = yaml.safe_load(files[1].read_text())["ART"]
    assert {row["name"] for row in art["tables"]} == set(by_name)


def test_what_was_exported_comes_back(files, table):
    back = accelergy.import_tables(table, *files)
    energy, area = accelergy.slots(table)
    energy_back, area_back = accelergy.slots(back)
    for name, actions in energy.items():
        for action, slot in actions.items():
            assert accelergy.nominal(energy_back[name][action]) == accelergy.nominal(slot)
    for name, slot in area.items():
        assert accelergy.nominal(area_back[name]) == accelergy.nominal(slot)


def test_import_replaces_what_is_named_and_keeps_the_spread(tmp_path, table):
    ert = tmp_path / "ert.yaml"
    ert.write_text("ERT: {version: '0.4', tables: [{name: razorsim.vector_lane, actions: [{name: add, energy: 9}]}]}")
    back = accelergy.import_tables(table, ert, None)
    old, new = table["vector_unit"]["add_pj"], back["vector_unit"]["add_pj"]
    assert new["nominal"] == 9
    assert new["high"] / 9 == pytest.approx(old["high"] / old["nominal"])
    assert back["vector_unit"]["multiply_pj"] == table["vector_unit"]["multiply_pj"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ERT: {tables: [{name: mac, actions: []}]}", UsageProblem),
        ("ERT: {tables: [{name: vector_lane, actions: [{name: subtract, energy: 1}]}]}", UsageProblem),
        ("ERT: {tables: [{name: vector_lane, actions: [{name: add, energy: -1}]}]}", FileProblem),
        ("ERT: {tables: [{name: vector_lane, actions: [{name: add, energy: much}]}]}", FileProblem),
        ("ART: {}", FileProblem),
        ("[", FileProblem),
    ],
)
def test_other_files_are_refused(tmp_path, table, text, problem):
    ert = tmp_path / "ert.yaml"
    ert.write_text(text)
    with pytest.raises(problem):
        accelergy.import_tables(table, ert, None)
