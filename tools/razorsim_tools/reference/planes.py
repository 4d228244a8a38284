# SPDX-License-Identifier: Apache-2.0
"""A wide operand on a narrow unit: its magnitude bits cut from the top into planes of 3 bits.

Each plane is an exact razored operand with one flag for all groups: 15 bits (base 16) give flags
12, 9, 6, 3, 0 and five passes, 7 bits (base 8, or an m = 7 code) give flags 4, 1, 0 and three.
Nothing is rounded, so the passes add up to the exact product. Two wide operands take the product
of both pass counts.
"""

import numpy as np

from .dot import razored_dot
from .quantise import check_base
from .razor import Razored

PLANE_BITS = 3  # magnitude bits of one 4-bit sign-magnitude multiplier input


def plane_flags(magnitude_bits: int, plane_bits: int = PLANE_BITS) -> list[int]:
    """Shift of each plane, top first; the last plane is narrower when the bits do not divide."""
    flags = list(range(magnitude_bits - plane_bits, 0, -plane_bits))
    return [*flags, 0]


def split(mantissas, flags, group: int, magnitude_bits: int) -> list[Razored]:
    """Planes of signed codes [..., K] of `magnitude_bits` with group flags, top plane first."""
    mantissas = np.asarray(mantissas, dtype=np.int64)
    sign, rest = np.sign(mantissas), np.abs(mantissas)
    planes = []
    for shift in plane_flags(magnitude_bits):
        part = rest >> shift
        rest = rest - (part << shift)
        planes.append(Razored(sign * part, np.asarray(flags) + shift, group))
    return planes


def base_planes(q, bits: int, group: int) -> list[Razored]:
    """Planes of unrazored base integers [..., K]; `group` is that of the other operand."""
    q = check_base(q, bits)
    flags = np.zeros((*q.shape[:-1], -(-q.shape[-1] // group)), dtype=np.int64)
    return split(q, flags, group, bits - 1)


def razored_planes(razored: Razored, magnitude_bits: int) -> list[Razored]:
    """Planes of a razored operand whose codes are wider than one plane (m = 7 of W4A8)."""
    return split(razored.mantissas, razored.flags, razored.group, magnitude_bits)


def dot_in_passes(planes_a: list[Razored], planes_w: list[Razored]) -> np.ndarray:
    """Accumulators int64 [M, N] of all pairs of planes; one pass each."""
    return sum(razored_dot(a, w) for a in planes_a for w in planes_w)
