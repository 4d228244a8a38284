# SPDX-License-Identifier: Apache-2.0
"""P x V with V razored along tokens and a residual group at the INT8 base.

P x V reduces over tokens, so a shift a group needs V grouped along tokens. A group of g tokens
gets its flags only when its last token has been written; until then its tokens stay base integers
in a residual buffer. A query at position i therefore sees razored tokens in the groups that end at
or before i and base integers in the rest: it never sees a flag made with a later token.

Prefill and decode agree by construction: row i of a prefill is what decode computes at step i.
"""

import numpy as np

from .quantise import check_base
from .razor import Razored, razor


def complete_groups(position: int, group: int) -> int:
    """How many groups are full for a query at `position` (tokens 0..position are visible)."""
    return (position + 1) // group


def razor_along_tokens(v, group: int, bits: int = 8, **rules) -> Razored:
    """Razor the complete groups of v [T, D] along tokens.

    Returns rows [D, T'] (one a channel, T' = complete tokens) with flags [D, T'/group].
    """
    v = check_base(v, bits)
    complete = complete_groups(v.shape[0] - 1, group) * group
    return razor(v[:complete].T, bits, group, **rules)


def visible_values(v, position: int, group: int, bits: int = 8, **rules) -> np.ndarray:
    """Integers a query at `position` multiplies: int64 [position + 1, D], in units of the base."""
    seen = check_base(v, bits)[: position + 1].copy()
    razored = razor_along_tokens(seen, group, bits, **rules)
    seen[: razored.mantissas.shape[-1]] = razored.values().T
    return seen


def probabilities_times_values(
    p, v, first_position: int, group: int, bits: int = 8, **rules
) -> np.ndarray:
    """Accumulators int64 [Q, D] of causal P x V.

    p: base integers [Q, T], row r being the query at position first_position + r; v: base integers
    [T, D]. Entries of p beyond a row's position are masked and must be 0.
    """
    p, v = np.asarray(p, dtype=np.int64), check_base(v, bits)
    out = np.zeros((p.shape[0], v.shape[1]), dtype=np.int64)
    for row in range(p.shape[0]):
        position = first_position + row
        if p[row, position + 1 :].any():
            raise ValueError(f"the query at {position} has weight on a later token")
        out[row] = p[row, : position + 1] @ visible_values(v, position, group, bits, **rules)
    return out


def probabilities_times_values_fast(p, base, razored, first_position: int, group: int):
    """`probabilities_times_values` in two products, for whole networks.

    `razored` [T, D] holds the razored integers of every group (what an incomplete last group holds
    there is never read), `base` [T, D] the base integers; p as above. Float64, so exact below 2^53.
    """
    p = np.asarray(p, dtype=np.float64)
    positions = first_position + np.arange(p.shape[0])
    complete = complete_groups(positions, group) * group
    sees_razored = np.arange(p.shape[1]) < complete[:, None]
    return (p * sees_razored) @ razored + (p * ~sees_razored) @ base


class DecodedValues:
    """The decode side of the same cache: one token at a time, as a buffer would hold it.

    `residual` holds base integers [< group, D]; `groups` the values of full groups [group, D].
    """

    def __init__(self, group: int, bits: int = 8, **rules):
        self.group, self.bits, self.rules = group, bits, rules
        self.groups: list[np.ndarray] = []
        self.residual: list[np.ndarray] = []

    def append(self, v_row) -> None:
        """Write the value row [D] of one token; a full residual buffer is razored and emptied."""
        self.residual.append(check_base(v_row, self.bits))
        if len(self.residual) == self.group:
            columns = np.stack(self.residual).T
            self.groups.append(razor(columns, self.bits, self.group, **self.rules).values().T)
            self.residual = []

    def attend(self, p_row) -> np.ndarray:
        """Accumulators int64 [D] of probabilities [tokens so far] x V."""
        rows = [*self.groups, *(r[None, :] for r in self.residual)]
        return np.asarray(p_row, dtype=np.int64) @ np.concatenate(rows)
