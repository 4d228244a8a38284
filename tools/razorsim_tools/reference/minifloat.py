# SPDX-License-Identifier: Apache-2.0
"""Small floating-point formats, one scalar at a time: FP16, E2M1, E4M3, E8M0.

Encoding is by nearest value with ties to the even code, found by search in the sorted list of all
values of the format rather than by bit manipulation: slow, and hard to get wrong.
Signs are kept: a negative number that rounds to zero encodes as negative zero.

Sources: OCP Microscaling Formats (MX) v1.0, sections 5.3.3 (E2M1) and 5.4.1 (E8M0); OCP 8-bit
Floating Point v1.0 (E4M3: no infinity, 0x7F is NaN, largest 448); IEEE 754-2019 (binary16).
"""

import numpy as np

E2M1_LARGEST = 6.0
E4M3_LARGEST = 448.0
E8M0_BIAS = 127  # code = exponent + 127; code 255 is NaN and never made here


def positive_values(exponent_bits: int, mantissa_bits: int, bias: int, codes: int) -> np.ndarray:
    """Values of the first `codes` non-negative codes, ascending, exact in float64."""
    code = np.arange(codes)
    exponent, fraction = code >> mantissa_bits, code & ((1 << mantissa_bits) - 1)
    normal = np.ldexp(1.0 + fraction / (1 << mantissa_bits), exponent - bias)
    subnormal = np.ldexp(fraction / (1 << mantissa_bits), 1 - bias)
    return np.where(exponent > 0, normal, subnormal)


E2M1_VALUES = positive_values(2, 1, bias=1, codes=8)
# The last code of E4M3 is NaN, so 127 finite magnitudes are left.
E4M3_VALUES = positive_values(4, 3, bias=7, codes=127)


def nearest_code(magnitude, values) -> np.ndarray:
    """Index of the nearest of the ascending `values`; ties to the even index; saturating.

    `magnitude` must be exact in float64 (any FP32 is), as are all midpoints of these formats.
    """
    magnitude = np.asarray(magnitude, dtype=np.float64)
    middles = (values[:-1] + values[1:]) / 2
    below = np.searchsorted(middles, magnitude, side="left")  # a tie takes the lower index
    tie = (below < len(middles)) & (middles[np.minimum(below, len(middles) - 1)] == magnitude)
    return np.where(tie & (below % 2 == 1), below + 1, below)


def encode_e2m1(x) -> np.ndarray:
    """4-bit codes (int64) of finite numbers; beyond +-6 saturates."""
    x = np.asarray(x, dtype=np.float64)
    return nearest_code(np.abs(x), E2M1_VALUES) | (np.signbit(x).astype(np.int64) << 3)


def decode_e2m1(code) -> np.ndarray:
    """float64 values of 4-bit codes."""
    code = np.asarray(code)
    return np.where(code & 8, -1.0, 1.0) * E2M1_VALUES[code & 7]


def encode_e4m3(x) -> np.ndarray:
    """8-bit codes (int64) of finite numbers; beyond +-448 saturates."""
    x = np.asarray(x, dtype=np.float64)
    return nearest_code(np.abs(x), E4M3_VALUES) | (np.signbit(x).astype(np.int64) << 7)


def decode_e4m3(code) -> np.ndarray:
    """float64 values of 8-bit codes; the two NaN codes decode to NaN."""
    code = np.asarray(code)
    magnitude = np.append(E4M3_VALUES, np.nan)[code & 127]
    return np.where(code & 128, -1.0, 1.0) * magnitude


def decode_e8m0(code) -> np.ndarray:
    """float64 scales 2^(code - 127); code 255 decodes to NaN."""
    code = np.asarray(code)
    return np.where(code == 255, np.nan, np.ldexp(1.0, code - E8M0_BIAS))


def encode_fp16(x) -> np.ndarray:
    """16-bit patterns (int64) of FP32 numbers, round to nearest even; overflow is infinity."""
    with np.errstate(over="ignore"):
        return np.asarray(x, dtype=np.float32).astype(np.float16).view(np.uint16).astype(np.int64)


def decode_fp16(code) -> np.ndarray:
    """FP32 values of 16-bit patterns."""
    return np.asarray(code).astype(np.uint16).view(np.float16).astype(np.float32)
