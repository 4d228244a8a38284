# SPDX-License-Identifier: Apache-2.0
"""Stage 1: FP32 numbers to symmetric base integers by their absolute maximum.

    scale = max(absmax, 1e-12) / (2^(b-1) - 1)
    q     = clamp(round_half_to_even(x / scale), -(2^(b-1) - 1), 2^(b-1) - 1)

Everything is IEEE FP32 and the division is correctly rounded (numpy's float32 division is; a
product with a reciprocal is not). The zero point is 0, and -2^(b-1) never occurs.
The same two lines are the plain INT4, INT8 and INT16 formats (b = 4, 8, 16); what differs is only
over which axis the maximum is taken.

Source: QRazor, arXiv 2501.13331, section 3 (absolute-max quantisation); the 1e-12 floor is chosen.
"""

import numpy as np

# Smallest absolute maximum a scale is made from, so that a tensor of zeros divides by a number.
SMALLEST_ABSMAX = np.float32(1e-12)


def largest_integer(bits: int) -> int:
    """Largest base integer of `bits` bits, sign included: 7, 127, 32767."""
    if not 2 <= bits <= 16:
        raise ValueError(f"base of {bits} bits: 2 to 16 are defined")
    return (1 << (bits - 1)) - 1


def as_float32(x) -> np.ndarray:
    """`x` as a finite FP32 array; NaN and infinity have no base integer and are refused."""
    x = np.asarray(x, dtype=np.float32)
    if not np.isfinite(x).all():
        raise ValueError("a number to quantise is not finite")
    return x


def scale_of_absmax(absmax, bits: int) -> np.ndarray:
    """FP32 scale (real units per base integer) of an absolute maximum; elementwise."""
    absmax = as_float32(absmax)
    return np.maximum(absmax, SMALLEST_ABSMAX) / np.float32(largest_integer(bits))


def scale_per_tensor(x, bits: int) -> np.float32:
    """One scale for all of `x`, any shape."""
    x = as_float32(x)
    return np.float32(scale_of_absmax(np.abs(x).max(initial=np.float32(0)), bits))


def scale_per_row(x, bits: int) -> np.ndarray:
    """One scale a row: per output channel of weights [N, K] -> [N], per token of activations."""
    x = as_float32(x)
    return scale_of_absmax(np.abs(x).max(axis=-1, initial=np.float32(0)), bits)


def quantise(x, scale, bits: int) -> np.ndarray:
    """Base integers (int64, shape of `x`) of FP32 `x` at FP32 `scale`, which must broadcast."""
    limit = largest_integer(bits)
    # A static scale may be far below the data: an overflowing quotient is infinite and clamps.
    with np.errstate(over="ignore"):
        quotient = as_float32(x) / as_float32(scale)
    return np.clip(np.rint(quotient), -limit, limit).astype(np.int64)


def dequantise(q, scale) -> np.ndarray:
    """FP32 numbers `float(q) * scale`; `scale` must broadcast against `q`."""
    return np.asarray(q).astype(np.float32) * np.asarray(scale, dtype=np.float32)


def check_base(q, bits: int) -> np.ndarray:
    """`q` as int64, refused unless every entry is a base integer of `bits` bits."""
    q = np.asarray(q)
    if q.dtype.kind not in "iu" and q.size:
        raise ValueError(f"base integers expected, got {q.dtype}")
    q = q.astype(np.int64)
    limit = largest_integer(bits)
    if (np.abs(q) > limit).any():
        raise ValueError(f"outside the base of {bits} bits: -{limit} to {limit} are allowed")
    return q
