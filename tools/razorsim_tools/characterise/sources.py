# SPDX-License-Identifier: Apache-2.0
"""Where the figures of a technology table come from, in words, and how one with a spread is written."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NODE_NM = 45
HOROWITZ = "M. Horowitz, Computing's Energy Problem, ISSCC 2014, 45 nm, 0.9 V"
ALADDIN = "Aladdin (Shao et al., ISCA 2014), 40 nm tables"


def estimate(nominal: float, low: float = 1.0, high: float = 1.0) -> dict:
    """`low` and `high` are factors of `nominal`."""
    return bounds(nominal * low, nominal, nominal * high)


def bounds(low: float, nominal: float, high: float) -> dict:
    return {"low": round(low, 6), "nominal": round(nominal, 6), "high": round(high, 6)}
