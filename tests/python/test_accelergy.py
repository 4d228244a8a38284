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


# The shapes that Accelergy 0.3 and 0.2 write: an action listed for several arguments, ranges in names.
VERSION_3 = """
ERT:
  version: 0.3
  tables:
  - name: System.DRAM
    actions:
    - {name: read, arguments: null, energy: 512}
  - name: System.PE[0..15].Buffer[0..3]
    actions:
    - {name: write, arguments: {address_delta: 0, data_delta: 0}, energy: 0.25}
    - {name: write, arguments: {address_delta: 1, data_delta: 1}, energy: 2.5}
    - {name: write, arguments: {address_delta: 1, data_delta: 0}, energy: 1.5}
    - {name: idle, arguments: null, energy: 0.5}
  - name: System.PE[0..15].MAC
    actions:
    - {name: compute, arguments: null, energy: 0.5}
    - {name: leak, arguments: null, energy: 0.1}
"""
VERSION_2 = """
ERT:
  tables:
    glb:
      idle: {arguments: null, energy: 0}
      write:
      - {arguments: {address_delta: 0}, energy: 1}
      - {arguments: {address_delta: 1}, energy: 3}
  version: 0.2
"""


def test_import_of_a_design_s_own_names(tmp_path, table):
    ert, art = tmp_path / "ert.yaml", tmp_path / "art.yaml"
    ert.write_text(VERSION_3)
    art.write_text("ART: {version: 0.3, tables: [{name: 'System.PE[0..15].MAC', area: 1239.5}]}")
    names = {"System.PE[0..15].Buffer[0..3]": "sram_16_64", "System.PE[0..15].MAC": "razorsim.int8_16_32.multiply"}
    energy, area = accelergy.slots(accelergy.import_tables(table, ert, art, names))
    assert accelergy.nominal(energy["sram_16_64"]["write"]) == 2.5  # a new address and new data
    assert accelergy.nominal(energy["int8_16_32.multiply"]["use"]) == 0.5
    assert accelergy.nominal(area["int8_16_32.multiply"]) == 1239.5
    assert accelergy.slots(table)[0]["sram_16_64"]["read"][0]["read_pj"] == energy["sram_16_64"]["read"][0]["read_pj"]


def test_import_of_version_2(tmp_path, table):
    ert = tmp_path / "ert.yaml"
    ert.write_text(VERSION_2)
    energy, _ = accelergy.slots(accelergy.import_tables(table, ert, None, {"glb": "sram_16_64"}))
    assert accelergy.nominal(energy["sram_16_64"]["write"]) == 3


@pytest.mark.parametrize("names", [{"System.DRAM": "nothing"}, {"System.Sram": "sram_16_64"}])
def test_a_map_to_or_from_nothing_is_refused(tmp_path, table, names):
    ert = tmp_path / "ert.yaml"
    ert.write_text(VERSION_3)
    with pytest.raises(UsageProblem):
        accelergy.import_tables(table, ert, None, names)
