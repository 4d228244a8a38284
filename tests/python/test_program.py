# SPDX-License-Identifier: Apache-2.0
"""The razorsim program against the reference on operands drawn here."""

import itertools
import json
import subprocess

import numpy as np
import pytest
from built_program import PROGRAM, needs_program, run
from razorsim_tools.reference import dot, quantise, razor

pytestmark = needs_program


def commands() -> str:
    return subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout


def base(rng, bits, shape):
    limit = quantise.largest_integer(bits)
    return rng.integers(-limit, limit + 1, shape) >> rng.integers(0, bits - 1, shape)


@pytest.mark.parametrize("bits,group", [(8, 16), (8, 32), (16, 16), (16, 32), (16, 128)])
@pytest.mark.parametrize("magnitude_bits", (3, 7))
def test_razor(bits, group, magnitude_bits):
    rng = np.random.default_rng([bits, group, magnitude_bits])
    for rounding, overflow in itertools.product(razor.ROUNDINGS, razor.OVERFLOWS):
        q = base(rng, bits, 301)
        answer = run(
            "razor", "--bits", bits, "--group", group, "--magnitude-bits", magnitude_bits,
            "--rounding", rounding, "--overflow", overflow, "--json",
            text=json.dumps({"values": q.tolist()}),
        )  # fmt: skip
        expected = razor.razor(q, bits, group, magnitude_bits, rounding, overflow)
        assert answer["mantissas"] == expected.mantissas.tolist()
        assert answer["flags"] == expected.flags.tolist()
        assert answer["values"] == expected.values().tolist()


@pytest.mark.parametrize("bits", [(16, 8), (8, 8)])
@pytest.mark.parametrize("scheme", ("W4A4:g16", "W4A4:g32", "W4A8:g16", "W4A4:gw32:ga8"))
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 37, 5), (17, 96, 33)])
def test_gemm(tmp_path, bits, scheme, shape):
    if "gemm" not in commands():
        pytest.skip("this build has no gemm")
    from razorsim_tools import schemes

    m, k, n = shape
    rng = np.random.default_rng([*bits, *shape])
    operands = {"a": base(rng, bits[0], (m, k)), "w": base(rng, bits[1], (n, k))}
    text = {name: q.tolist() for name, q in operands.items()}
    text |= {"bits_a": bits[0], "bits_w": bits[1]}
    (tmp_path / "operands.json").write_text(json.dumps(text))
    answer = run("gemm", "--operands", tmp_path / "operands.json", "--scheme", scheme, "--json")
    formats = schemes.parse(scheme)
    rows = [
        razor.razor(q, b, f.group, f.magnitude_bits).values()
        for q, b, f in zip(
            operands.values(), bits, (formats.activations, formats.weights), strict=True
        )
    ]
    assert answer["accumulators"] == dot.integer_dot(*rows).tolist()
