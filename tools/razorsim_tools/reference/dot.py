# SPDX-License-Identifier: Apache-2.0
"""The decompression-free dot product, the exact integer product, and narrow accumulators.

    acc += (sum over the group of s_a*t_a * s_w*t_w) << (flag_a + flag_w)

Operands are razored rows: a [M, K], w [N, K]; accumulators are int64 [M, N]. Two operands may have
different group sizes when one divides the other: the shift then happens at the smaller group.
The order is K ascending, one group at a time; it matters only to a narrow accumulator.

Source: QRazor, arXiv 2501.13331, section 4.3 (decompression-free arithmetic).
"""

from dataclasses import dataclass

import numpy as np

from .razor import Razored


@dataclass(frozen=True)
class GroupTerms:
    """What a dot-g unit puts on its wires, group after group.

    sums:   int64 [M, N, G], signed sum of the code products of one group.
    shifts: int64 [M, N, G], flag_a + flag_w.
    """

    sums: np.ndarray
    shifts: np.ndarray

    def accumulators(self) -> np.ndarray:
        """int64 [M, N] with an accumulator that is wide enough."""
        return (self.sums << self.shifts).sum(axis=-1)


def common_group(a: Razored, w: Razored) -> int:
    small, large = sorted((a.group, w.group))
    if large % small:
        raise ValueError(f"groups of {a.group} and {w.group}: one must divide the other")
    return small


def group_terms(a: Razored, w: Razored) -> GroupTerms:
    """Group sums and shifts of all M x N dot products."""
    length = a.mantissas.shape[-1]
    if w.mantissas.shape[-1] != length:
        raise ValueError("the operands reduce over different lengths")
    group = common_group(a, w)
    starts = range(0, length, group)
    sums = [a.mantissas[:, s : s + group] @ w.mantissas[:, s : s + group].T for s in starts]
    flags_a, flags_w = a.flags_per_element()[:, ::group], w.flags_per_element()[:, ::group]
    shifts = flags_a[:, None, :] + flags_w[None, :, :]
    if not sums:
        return GroupTerms(np.zeros(shifts.shape, np.int64), shifts)
    return GroupTerms(np.stack(sums, axis=-1), shifts)


def razored_dot(a: Razored, w: Razored) -> np.ndarray:
    """Accumulators int64 [M, N] of razored a [M, K] and w [N, K], without decoding an element."""
    return group_terms(a, w).accumulators()


def integer_dot(a, w) -> np.ndarray:
    """Exact int64 [M, N] product of integer rows a [M, K] and w [N, K].

    int64 must hold every prefix, which all bases here do up to K = 2^31.
    """
    return np.asarray(a, dtype=np.int64) @ np.asarray(w, dtype=np.int64).T


def integer_dot_blas(a, w) -> np.ndarray:
    """`integer_dot` through double precision, exact because every prefix stays under 2^53."""
    a, w = np.asarray(a), np.asarray(w)
    bound = int(np.abs(a).max(initial=0)) * int(np.abs(w).max(initial=0)) * a.shape[-1]
    if bound >= 1 << 53:
        return integer_dot(a, w)
    return (a.astype(np.float64) @ w.astype(np.float64).T).astype(np.int64)


def magnitude_bound(length: int, largest_shift: int, largest_product: int = 49) -> int:
    """Largest |accumulator| over `length` elements; 49 = 7*7, and 64 = 8*8 with saturation."""
    return largest_product * length << largest_shift


def accumulator_bits(length: int, largest_shift: int, largest_product: int = 49) -> int:
    """Signed accumulator width that never overflows: 37 for K = 11008 at a shift of 16."""
    bound = magnitude_bound(length, largest_shift, largest_product)
    return 1 + bound.bit_length()  # bit_length(x) = ceil(log2(x + 1))


def narrow_accumulate(terms: GroupTerms, bits: int, mode: str) -> tuple[np.ndarray, int]:
    """Accumulate in canonical order in `bits` signed bits.

    mode "saturate": each sum is clamped to -2^(bits-1) .. 2^(bits-1)-1; "wrap": taken modulo
    2^bits. Returns the accumulators int64 [M, N] and how many additions left the range.
    """
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    acc = np.zeros(terms.sums.shape[:-1], dtype=np.int64)
    overflows = 0
    for g in range(terms.sums.shape[-1]):
        acc = acc + (terms.sums[..., g] << terms.shifts[..., g])
        overflows += int(((acc < low) | (acc > high)).sum())
        if mode == "saturate":
            acc = np.clip(acc, low, high)
        elif mode == "wrap":
            acc = (acc - low) % (1 << bits) + low
        else:
            raise ValueError(f"accumulator mode {mode!r}: saturate or wrap")
    return acc, overflows


def rescale(acc, scale_a, scale_w) -> np.ndarray:
    """Real units: float(acc) * (scale_a * scale_w), all FP32.

    acc [M, N]; scale_a a scalar or [M, 1]; scale_w a scalar or [N]. The product of the scales is
    rounded first: hardware keeps that product, one number a channel.
    """
    scales = np.asarray(scale_a, np.float32) * np.asarray(scale_w, np.float32)
    return np.asarray(acc, np.int64).astype(np.float32) * scales
