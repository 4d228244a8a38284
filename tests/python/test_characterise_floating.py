# SPDX-License-Identifier: Apache-2.0
"""Streams of the units with FP32 accumulators, and the C++ units' word on the integer ones."""

import numpy as np
import pytest

from razorsim_tools.characterise import floating, operands, program, units
from razorsim_tools.characterise.synth import ToolError
from razorsim_tools.reference import block_formats

ROWS = operands.reference_rows()


def fp32(bits: int) -> np.float32:
    return np.uint32(bits).view(np.float32)


@pytest.mark.parametrize("name, group", [("mxfp4", 32), ("int4_group", 64)])
def test_stream_ends_in_fp32_sums_of_exact_groups(name, group):
    stimulus = units.all_units()[f"{name}_dot16"].stimulus(ROWS)
    a, w = (floating.encode(name, x, group, None).values.astype(np.float64) for x in (ROWS.activations, ROWS.weights))
    expected = np.float32(0)
    for k in range(0, operands.K, group):  # values of few bits: the group's sum is exact in double
        expected += np.float32(a[0, k:k + group] @ w[0, k:k + group])
    latency = 3 if name == "mxfp4" else 4
    assert fp32(stimulus.expected[operands.K // 16 - 1 + latency][0]) == expected


def test_nvfp4_leaves_the_tensors_scales_to_the_vector_unit():
    stimulus = units.all_units()["nvfp4_dot16"].stimulus(ROWS)
    a, w = (block_formats.encode_nvfp4(x) for x in (ROWS.activations, ROWS.weights))
    row = float(fp32(stimulus.expected[operands.K // 16 - 1 + 4][0])) * float(a.tensor_scale) * float(w.tensor_scale)
    assert row == pytest.approx(float(a.values[0].astype(np.float64) @ w.values[0].astype(np.float64)), rel=1e-5)


def test_fp16_products_are_aligned_to_the_largest_that_is_not_zero():
    code = lambda x: np.array(x, dtype=np.float16).view(np.uint16).astype(np.int64)
    assert floating.fp16_dot(code([1, 2**-10]), code([1, 2**-11])) == np.float32(1 + 2**-21)
    assert floating.fp16_dot(code([1, -(2**-11)]), code([1, 2**-11])) == 1
    assert floating.fp16_dot(code([0, 2**-14]), code([30000, 2**-14])) == np.float32(2**-28)
    rng = np.random.RandomState(1)
    a, w = rng.standard_normal(2000).astype(np.float16), rng.standard_normal(2000).astype(np.float16)
    for x, y in zip(a, w):
        assert floating.fp16_dot(code([x]), code([y])) == np.float32(x) * np.float32(y)


needs_program = pytest.mark.skipif(program.found(None) is None, reason="needs razorsim: a release build, or $RAZORSIM_PROGRAM")


@needs_program
@pytest.mark.parametrize("name", ["int8_dot16", "int16x8_pe", "sdr4_base16_dot8", "sdr4a8_base16_dot16", "sdr4_base8_full"])
def test_cxx_unit_agrees_in_every_cycle_and_a_wrong_one_is_found(name):
    unit = units.all_units()[name]
    stimulus = unit.stimulus(ROWS)
    program.compare(program.found(None), unit, ROWS, stimulus)
    stimulus.expected[200] = [stimulus.expected[200][0] + 1]
    with pytest.raises(ToolError, match="the C\\+\\+ unit says"):
        program.compare(program.found(None), unit, ROWS, stimulus)
