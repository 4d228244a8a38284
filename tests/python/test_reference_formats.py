# SPDX-License-Identifier: Apache-2.0
"""Small floating-point formats and block formats: every code, ties, saturation, block scales."""

import numpy as np
import pytest
from razorsim_tools.reference import block_formats, minifloat

E2M1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]  # OCP MX v1.0, table of E2M1


def test_every_e2m1_code():
    assert minifloat.E2M1_VALUES.tolist() == E2M1
    codes = np.arange(16)
    values = minifloat.decode_e2m1(codes)
    assert values.tolist() == E2M1 + [-v for v in E2M1]
    assert minifloat.encode_e2m1(values).tolist() == codes.tolist()


def test_e2m1_ties_go_to_the_even_code_and_saturate():
    ties = [0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0]
    assert minifloat.decode_e2m1(minifloat.encode_e2m1(ties)).tolist() == [0, 1, 1, 2, 2, 4, 4]
    assert minifloat.decode_e2m1(minifloat.encode_e2m1([7.9, -1e9, np.inf])).tolist() == [6, -6, 6]


def test_e4m3_landmarks():
    values = minifloat.E4M3_VALUES
    assert (
        len(values) == 127 and values[-1] == 448 and values[8] == 2.0**-6 and values[1] == 2.0**-9
    )
    codes = np.delete(np.arange(256), [127, 255])
    assert minifloat.encode_e4m3(minifloat.decode_e4m3(codes)).tolist() == codes.tolist()
    assert np.isnan(minifloat.decode_e4m3([127, 255])).all()
    assert minifloat.encode_e4m3([1e6, 464, 463.9]).tolist() == [126, 126, 126]


@pytest.mark.parametrize("values", (minifloat.E2M1_VALUES, minifloat.E4M3_VALUES))
def test_nearest_of_all(values):
    x = np.random.default_rng(0).uniform(0, values[-1] * 1.1, 4000)
    got = values[minifloat.nearest_code(x, values)]
    assert (np.abs(got - x) == np.abs(values[None] - x[:, None]).min(axis=1)).all()


def test_fp16_rounds_to_nearest_even():
    x = np.array([1 + 2.0**-11, 1 + 3 * 2.0**-11, 65519.0, 65520.0, 2.0**-25, 2.0**-24], np.float32)
    assert minifloat.encode_fp16(x).tolist() == [0x3C00, 0x3C02, 0x7BFF, 0x7C00, 0, 1]


def test_mxfp4_scale_is_a_power_of_two_from_the_block_maximum():
    for peak, exponent in ((1.0, -2), (1.99, -2), (2.0, -1), (6.0, 0), (7.99, 0), (8.0, 1)):
        got = block_formats.encode_mxfp4([peak, 0.0, -peak])
        assert got.scales.tolist() == [exponent + 127]
    # 7.99 / 2^0 is beyond the largest element and saturates.
    assert block_formats.encode_mxfp4([7.99, 1.2]).values.tolist() == [6.0, 1.0]


def test_mxfp4_blocks_are_independent_and_may_be_ragged():
    x = np.random.default_rng(4).standard_normal((3, 75)).astype(np.float32)
    whole = block_formats.encode_mxfp4(x)
    assert whole.scales.shape == (3, 3)
    parts = [block_formats.encode_mxfp4(x[:, s : s + 32]) for s in (0, 32, 64)]
    assert (whole.values == np.concatenate([p.values for p in parts], axis=-1)).all()


def test_mxfp4_handles_zeros_and_the_ends_of_the_range():
    zeros = block_formats.encode_mxfp4(np.zeros(5))
    assert zeros.scales.tolist() == [0] and not zeros.codes.any()
    tiny = block_formats.encode_mxfp4(np.array([1e-45, -1e-40], np.float32))
    assert tiny.scales.tolist() == [0] and np.isfinite(tiny.values).all()
    huge = block_formats.encode_mxfp4(np.array([3.4e38], np.float32))
    assert huge.scales.tolist() == [125 + 127] and np.isfinite(huge.values).all()


def test_nvfp4_scales():
    x = np.zeros((1, 32), np.float32)
    x[0, 0], x[0, 16] = 2688.0, 6.0  # the second block is 448 times smaller
    got = block_formats.encode_nvfp4(x)
    assert got.tensor_scale == 1.0
    assert minifloat.decode_e4m3(got.scales).tolist() == [[448.0, 1.0]]
    assert got.values[0, [0, 16]].tolist() == [2688.0, 6.0]


def test_nvfp4_error_of_normal_data():
    x = np.random.default_rng(5).standard_normal((20, 160)).astype(np.float32)
    got = block_formats.encode_nvfp4(x)
    step = block_formats.spread(minifloat.decode_e4m3(got.scales), 16, 160) * float(
        got.tensor_scale
    )
    # The widest gap of E2M1 is 2, so rounding costs at most 1 step; the E4M3 scale may be up to
    # 1/16 too small, which clips the block's maximum by 6/16 step.
    assert (np.abs(got.values - x) <= 1.0001 * step).all()


def test_nvfp4_block_below_the_smallest_scale_is_zero():
    x = np.zeros((1, 32), np.float32)
    x[0, 0], x[0, 16] = 2688.0, -1e-3
    got = block_formats.encode_nvfp4(x)
    assert got.scales.tolist() == [[126, 0]]
    assert not got.codes[0, 16:].any()
    assert not block_formats.encode_nvfp4(np.zeros(20)).codes.any()


def test_int4_with_fp16_scale_uses_the_scale_as_rounded():
    x = np.linspace(-1, 1, 64, dtype=np.float32)[None]
    got = block_formats.encode_int_fp16_scale(x, 64)
    scale = minifloat.decode_fp16(got.scales)[0, 0]
    assert scale == np.float32(np.float16(np.float32(1) / np.float32(7)))
    assert (got.values == got.codes.astype(np.float32) * scale).all()
    assert np.abs(got.codes).max() == 7
    assert not block_formats.encode_int_fp16_scale(np.full((1, 4), 1e-9), 64).codes.any()
