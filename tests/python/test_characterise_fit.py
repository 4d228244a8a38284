# SPDX-License-Identifier: Apache-2.0
"""The fit of data-dependent energy: what ships keeps its promise, and the solver its bounds."""

import json
from pathlib import Path

import numpy as np
import pytest

from razorsim_tools.characterise import fit, operands, units

SHIPPED = json.loads(
    (Path(__file__).resolve().parents[2] / "configs/technology/characterised/osu018_fit.json").read_text()
)
USED = ("int8_dot16", "sdr4_base8_dot16", "sdr4_base16_dot16")


@pytest.mark.parametrize("name", USED)
def test_error_on_layers_that_were_not_fitted(name):
    row = next(r for r in SHIPPED["fits"] if r["unit"] == name)
    tested = [layer for layer in row["layers"] if layer["tested"]]
    assert len(tested) >= 5
    errors = [layer["predicted"] / layer["measured"] - 1 for layer in tested]
    assert max(map(abs, errors)) <= 0.10
    assert abs(row["total_error"]) <= 0.05
    assert row["largest_error_of_a_constant"] > row["largest_error"]


@pytest.mark.parametrize("name", USED)
def test_streams_of_zeros_do_not_break_the_fit(name):
    row = next(r for r in SHIPPED["fits"] if r["unit"] == name)
    assert [stream["tested"] for stream in row["nearly_zero"]] == [False, True]
    for stream in row["nearly_zero"]:
        assert stream["zero_activations"] > 0.85
        assert abs(stream["predicted"] / stream["measured"] - 1) <= 0.12  # INT8, measured
        assert stream["predicted"] >= row["floor"]


def test_solver_finds_what_it_was_made_from():
    stream = np.random.RandomState(3)
    x = np.c_[np.ones(12), stream.uniform(0, 4, (12, 2)), stream.uniform(0, 0.5, (12, 2))]
    made = np.array([0.3, 0.15, 0.05, -0.1, -0.02])
    assert fit.fit(x, x @ made, 0.2) == pytest.approx(made, abs=5e-3)


def test_solver_keeps_signs_and_floor():
    x = np.array([[1, 1, 1, 0, 0], [1, 2, 1, 0.5, 0.1], [1, 3, 2, 0.2, 0.3], [1, 0, 3, 0.9, 0.2]])
    c = fit.fit(x, np.array([2.0, 1.0, 0.5, 3.0]), 0.25)
    assert c[0] >= 0.25 and c[1] >= 0 and c[2] >= 0 and c[3] <= 0 and c[4] <= 0


def test_hamming_distance_is_of_stored_bits():
    codes = np.array([[1, -1, 0, 3]])
    # Sign-magnitude 0001 1001 0000 0011: 1 + 2 + 2 bits; two's complement 0001 1111 0000 0011: 3 + 4 + 2.
    assert fit.hamming(codes, 4, True) == pytest.approx(5 / 4)
    assert fit.hamming(codes, 4, False) == pytest.approx(9 / 4)


def test_features_of_the_reference():
    unit = units.all_units()["sdr4_base16_dot16"]
    constant, along_a, along_w, zero_a, zero_w = fit.features(unit, operands.reference_rows())
    assert constant == 1
    assert 0 < along_a < 4 and 0 < along_w < 4
    assert 0.1 < zero_a < 0.5 and 0.05 < zero_w < 0.3
