# SPDX-License-Identifier: Apache-2.0
"""Buffers from a user's CACTI, and tables scaled to another node."""

import json
import stat
from pathlib import Path

import pytest

from razorsim_tools.characterise import cacti, scaling, table
from razorsim_tools.errors import FileProblem, UsageProblem

TECHNOLOGY = Path(__file__).resolve().parents[2] / "configs/technology/45nm.json"

# What CACTI 7 prints of a run, as far as we read it.
PRINTED = """
Cache Parameters:
    Total cache size (bytes): {size}
    Number of banks: 1
    Block size (bytes): {block}
    Technology size (nm): 45

    Access time (ns): 0.651761
    Total dynamic read energy per access (nJ): 0.00316221
    Total dynamic write energy per access (nJ): 0.00324418
    Total leakage power of a bank (mW): 0.115913
    Cache height x width (mm): 0.121508 x 0.216295
"""
KEYS = "\n".join(f"{key} 1\n//{key} 2" for key in cacti.settings(8, 64, 45, "lop")) + "\n-Wire signaling - x\n"


def shipped():
    return json.loads(TECHNOLOGY.read_text())


def test_a_point_is_read_with_its_units():
    point = cacti.point_of(PRINTED.format(size=8192, block=8), "run")
    assert point == next(p for p in shipped()["sram"]["points"] if (p["size_kib"], p["port_bits"]) == (8, 64))


@pytest.mark.parametrize("text", ["", "Cache Parameters:\n", PRINTED.replace("nJ", "pJ")])
def test_other_text_is_refused(text):
    with pytest.raises(FileProblem):
        cacti.point_of(text.replace("{size}", "8192").replace("{block}", "8"), "run")


def test_the_program_runs_on_its_own_configuration_with_our_settings(tmp_path):
    (tmp_path / "cache.cfg").write_text(KEYS)
    program = tmp_path / "cacti"
    program.write_text(  # prints what it was configured for
        "#!/usr/bin/env python3\nimport re, sys\ntext = open(sys.argv[2]).read()\n"
        "get = lambda key: re.search('^' + re.escape(key) + ' (.*)$', text, re.M)[1]\n"
        "assert get('-technology (u)') == '0.045' and get('-cache type') == '\"ram\"' and '-Wire' in text\n"
        f"print({PRINTED!r}.format(size=get('-size (bytes)'), block=get('-block size (bytes)')))\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    points = cacti.run_program(program, [8, 16], [64, 128], 45, "lop")
    assert [(p["size_kib"], p["port_bits"]) for p in points] == [(8, 64), (8, 128), (16, 64), (16, 128)]
    made = cacti.with_points(shipped(), points, "ours", "own")
    assert made["name"] == "own" and made["sram"]["points"] == points and made["units"] == shipped()["units"]


def test_holes_in_the_grid_and_other_nodes_are_refused():
    a, b, c = (cacti.point_of(PRINTED.format(size=s, block=w), "run") for s, w in ((8192, 8), (8192, 16), (16384, 8)))
    with pytest.raises(UsageProblem, match="full grid"):
        cacti.with_points(shipped(), [a, b, c], "", "")
    with pytest.raises(UsageProblem, match="mixes nodes"):
        cacti.with_points(shipped(), [a | {"node_nm": 22}], "", "")


def test_scaling_is_one_at_home_and_falls_with_the_node():
    assert scaling.energy_factor(45, 45, 0.9) == scaling.area_factor(45, 45) == 1
    # By hand at 0.9 V: (0.9559 0.81 - 0.7823 0.9 + 0.471) / (1.103 0.81 - 0.362 0.9 + 0.2767)
    assert scaling.energy_factor(45, 32, 0.9) == pytest.approx(0.541209 / 0.84433, rel=1e-5)
    assert scaling.area_factor(45, 32) == 0.46
    assert scaling.energy_factor(45, 32, 0.9) > scaling.energy_factor(45, 22, 0.9) > scaling.energy_factor(45, 20, 0.9)
    with pytest.raises(ValueError):
        scaling.energy_factor(45, 5, 0.9)


def test_a_scaled_table_is_of_one_node_and_says_so():
    made = table.at_node(shipped(), 22)
    assert made["name"] == "22nm-scaled" and "Stillmaker" in made["scaling"] and shipped().get("scaling", "") == ""
    nodes = {each["node_nm"] for part in ("units", "razor_units") for each in made[part]}
    assert nodes | {p["node_nm"] for p in made["sram"]["points"]} | {made["vector_unit"]["node_nm"]} == {22}
    energy, area = scaling.energy_factor(45, 22, 0.9), scaling.area_factor(45, 22)
    old, new = shipped()["units"][0]["multiply"], made["units"][0]["multiply"]
    assert new["energy_pj"]["high"] == pytest.approx(old["energy_pj"]["high"] * energy, abs=1e-6)
    assert new["area_um2"]["low"] == pytest.approx(old["area_um2"]["low"] * area, abs=1e-6)
    assert made["dram_interfaces"] == shipped()["dram_interfaces"]
    assert made["logic_leakage_nw_per_um2"] == shipped()["logic_leakage_nw_per_um2"]
    assert made["units"][0]["ratio"] == shipped()["units"][0]["ratio"]
