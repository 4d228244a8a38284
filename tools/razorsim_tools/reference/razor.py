# SPDX-License-Identifier: Apache-2.0
"""Stage 2: significant data razoring of base integers, and its decoding.

A group is g consecutive elements along the last axis (the reduction dimension); the last group of
a row may be shorter. All magnitudes of a group are OR-ed; the index of the leading one of that OR
is the razoring point; `flag` counts the low bits cut off so that m magnitude bits are left:

    flag = max(0, point - (m - 1)),     0 for a group of zeros

Rounding looks at the bits cut off, always on the magnitude, so it is symmetric in sign:

    half_away   up when the first bit cut off is set (what an incrementer in hardware does)
    half_even   up above the half, and at exactly the half when the kept part is odd
    truncate    never up

Overflow is what happens when rounding up would need bit m of the kept part:

    floor       the rounding up is dropped, codes are sign-magnitude -(2^m - 1) .. 2^m - 1
    saturate    codes are two's complement -2^m .. 2^m - 1: a negative reaches -2^m, a positive is
                clamped to 2^m - 1

Truncation cannot overflow, so both rules agree on it. A zero magnitude carries sign +.

Source: QRazor, arXiv 2501.13331, section 4; half_even and saturate follow the first author's later
public code (dnotitia/qllm-infer). Where those are silent the choice is ours.
"""

from dataclasses import dataclass

import numpy as np

from .quantise import check_base, largest_integer

ROUNDINGS = ("half_away", "half_even", "truncate")
OVERFLOWS = ("floor", "saturate")


@dataclass(frozen=True)
class Razored:
    """Razored rows.

    mantissas: int64 [..., K], signed codes sign*t.
    flags:     int64 [..., ceil(K/group)], bits cut off in each group.
    group:     elements a group.
    """

    mantissas: np.ndarray
    flags: np.ndarray
    group: int

    def flags_per_element(self) -> np.ndarray:
        """Flags repeated along the groups: int64 [..., K]."""
        length = self.mantissas.shape[-1]
        return np.repeat(self.flags, self.group, axis=-1)[..., :length]

    def values(self) -> np.ndarray:
        """Decoded integers `sign * t * 2^flag`, int64 [..., K], in units of the base."""
        return self.mantissas * (np.int64(1) << self.flags_per_element())


def leading_one(x) -> np.ndarray:
    """Index of the highest set bit of non-negative integers; -1 where there is none."""
    x = np.asarray(x, dtype=np.int64)
    point = np.full(x.shape, -1, dtype=np.int64)
    for bit in range(int(x.max(initial=0)).bit_length()):
        point[(x >> bit) & 1 == 1] = bit
    return point


def largest_flag(bits: int, magnitude_bits: int) -> int:
    """Largest flag that can occur: 4 for base 8 and 12 for base 16 at m = 3."""
    return max(0, (largest_integer(bits).bit_length() - 1) - (magnitude_bits - 1))


def group_flags(q, group: int, magnitude_bits: int) -> np.ndarray:
    """Flags of the groups of `q` [..., K]: int64 [..., ceil(K/group)]."""
    magnitude = np.abs(np.asarray(q, dtype=np.int64))
    starts = range(0, magnitude.shape[-1], group)
    ored = [np.bitwise_or.reduce(magnitude[..., s : s + group], axis=-1) for s in starts]
    if not ored:
        return np.zeros((*magnitude.shape[:-1], 0), dtype=np.int64)
    return np.maximum(0, leading_one(np.stack(ored, axis=-1)) - (magnitude_bits - 1))


def razor(
    q,
    bits: int,
    group: int,
    magnitude_bits: int = 3,
    rounding: str = "half_away",
    overflow: str = "floor",
) -> Razored:
    """Razor base integers `q` [..., K] of a base of `bits` bits; -2^(bits-1) is refused."""
    if rounding not in ROUNDINGS or overflow not in OVERFLOWS:
        raise ValueError(f"rounding {rounding!r} / overflow {overflow!r} is not defined")
    if group < 1 or magnitude_bits < 1:
        raise ValueError("a group has at least one element and a code one magnitude bit")
    q = check_base(q, bits)
    flags = group_flags(q, group, magnitude_bits)
    flag = np.repeat(flags, group, axis=-1)[..., : q.shape[-1]]

    magnitude = np.abs(q)
    kept = magnitude >> flag
    cut = magnitude - (kept << flag)
    # Twice the part cut off against one unit of the part kept: with a flag of 0 nothing is cut off,
    # and 0 is neither above nor equal to 1, so that case needs no word of its own.
    unit = np.int64(1) << flag
    above, tie = 2 * cut > unit, 2 * cut == unit
    if rounding == "half_away":
        up = above | tie
    elif rounding == "half_even":
        up = above | (tie & (kept % 2 == 1))
    else:
        up = np.zeros_like(above)

    top = (1 << magnitude_bits) - 1
    rounded = kept + up
    if overflow == "floor":
        rounded = np.minimum(rounded, top)
        mantissas = np.where(q < 0, -rounded, rounded)
    else:
        mantissas = np.clip(np.where(q < 0, -rounded, rounded), -top - 1, top)
    return Razored(mantissas, flags, group)


def code_words(razored: Razored, magnitude_bits: int, overflow: str = "floor") -> np.ndarray:
    """The 1 + m stored bits of each element as unsigned integers.

    floor: sign bit above the magnitude; saturate: two's complement.
    """
    s = razored.mantissas
    if overflow == "saturate":
        return s & ((2 << magnitude_bits) - 1)
    return np.where(s < 0, (1 << magnitude_bits) | np.abs(s), s)


def effective_bits(length: int, group: int, magnitude_bits: int, flag_bits: int = 4) -> float:
    """Stored bits an element of a row of `length`, flags counted: 4.25 at g = 16, m = 3."""
    groups = -(-length // group)
    return ((1 + magnitude_bits) * length + flag_bits * groups) / length
