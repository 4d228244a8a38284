# SPDX-License-Identifier: Apache-2.0
"""The committed golden vectors are what the reference says, and hold no rounded decimal text."""

import json
from pathlib import Path

import pytest
from razorsim_tools import cli, vectors

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "reference_vectors.json"


@pytest.fixture(scope="module")
def golden():
    return json.loads(GOLDEN.read_text())


def test_golden_vectors_are_reproduced(tmp_path, golden):
    out = tmp_path / "vectors.json"
    assert cli.main(["vectors", "--out", str(out), "--seed", str(golden["seed"])]) == 0
    assert out.read_bytes() == GOLDEN.read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_golden_vectors_stay_small():
    assert GOLDEN.stat().st_size < 300_000


def test_another_seed_is_another_file(golden):
    assert vectors.generate(golden["seed"] + 1)["razor"] != golden["razor"]


def test_only_integers_and_strings(golden):
    def walk(node):
        if isinstance(node, dict):
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                walk(part)
        else:
            assert isinstance(node, (int, str)), node

    walk(golden)


def test_every_combination_of_rules_is_present(golden):
    seen = {
        (c["bits"], c["group"], c["magnitude_bits"], c["rounding"], c["overflow"])
        for c in golden["razor"]
    }
    assert len({s for s in seen if s[1] in vectors.GROUPS}) == 2 * 5 * 2 * 3 * 2
