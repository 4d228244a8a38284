# SPDX-License-Identifier: Apache-2.0
"""Searched scales of weight rows, as models/formats/row_scales.h defines them.

The scale of a row is one of 65 candidates, that of its absolute maximum times i/64 for i = 32..96:
the one with which the row, encoded and decoded again, has the least squared error.
"""

import numpy as np

from .quantise import as_float32, dequantise, quantise, scale_of_absmax
from .razor import razor

UNIT, SMALLEST, LARGEST = 64, 32, 96


def candidates(x, bits: int) -> np.ndarray:
    """FP32 scales [65, N] of the rows of `x` [N, K]."""
    most = np.abs(as_float32(x)).max(axis=-1, initial=np.float32(0))
    factors = np.arange(SMALLEST, LARGEST + 1, dtype=np.float32)[:, None] / np.float32(UNIT)
    return scale_of_absmax(most * factors, bits)


def squared_error(x, scale, bits: int, weights: dict) -> np.ndarray:
    """float64 [N]: of the rows of `x` at `scale` [N] in the format `weights`, a scheme's entry as
    traces have it. Formats without razoring are their base integers."""
    values = quantise(x, scale[:, None], bits)
    if weights["format"] == "sdr":
        rules = {key: weights[key] for key in ("group", "magnitude_bits", "rounding", "overflow")}
        values = razor(values, bits, **rules).values()
    real = dequantise(values, scale[:, None])
    return ((as_float32(x).astype(np.float64) - real) ** 2).sum(axis=-1)


def search(x, bits: int, weights: dict) -> np.ndarray:
    """FP32 scales [N]."""
    scales = candidates(x, bits)
    errors = np.stack([squared_error(x, scale, bits, weights) for scale in scales])
    return np.take_along_axis(scales, errors.argmin(axis=0)[None], axis=0)[0]
