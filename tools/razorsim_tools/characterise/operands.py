# SPDX-License-Identifier: Apache-2.0
"""Operand streams: FP32 rows, from a fixed random stream or from a trace, as codes of a format."""

import hashlib
from dataclasses import dataclass

import numpy as np

from ..errors import FileProblem
from ..reference import quantise, razor

K = 512  # length of a reference row
ROWS = 16
OUTLIERS, GAIN = 0.01, 20.0  # one channel in a hundred is twenty times as large
SEED = 1


@dataclass(frozen=True)
class Rows:
    """Pairs of rows that meet in a product: activations[i] with weights[i], FP32 [rows, K]."""

    name: str
    activations: np.ndarray
    weights: np.ndarray
    absmax: float | None = None  # static maximum of the activations; None takes it from the rows

    def digest(self) -> str:
        """SHA-256 of the operands, which names the stimulus in a result."""
        h = hashlib.sha256(self.name.encode())
        for part in (self.activations, self.weights):
            h.update(np.ascontiguousarray(part, dtype="<f4").tobytes())
        h.update(repr(self.absmax).encode())
        return h.hexdigest()


def reference_rows() -> Rows:
    """Gaussian rows with outlier channels in the activations. The stream is MT19937's, which numpy
    keeps the same for ever."""
    stream = np.random.RandomState(SEED)
    activations = stream.standard_normal((ROWS, K))
    channels = stream.choice(K, max(1, round(OUTLIERS * K)), replace=False)
    activations[:, channels] *= GAIN
    weights = stream.standard_normal((ROWS, K))
    return Rows("reference", activations.astype(np.float32), weights.astype(np.float32))


def integers(rows: Rows, bits_a: int, bits_w: int) -> tuple[np.ndarray, np.ndarray]:
    """Base integers [rows, K]: activations by the static maximum, weights by the row's."""
    scale = (quantise.scale_per_tensor(rows.activations, bits_a) if rows.absmax is None
             else quantise.scale_of_absmax(rows.absmax, bits_a))
    a = quantise.quantise(rows.activations, scale, bits_a)
    w = quantise.quantise(rows.weights, quantise.scale_per_row(rows.weights, bits_w)[:, None], bits_w)
    return a, w


def razored(rows: Rows, base: int, group: int, magnitude_a: int = 3) -> tuple[razor.Razored, razor.Razored]:
    """Activations of base 8 or 16, weights of base 8 with 3 magnitude bits."""
    a, w = integers(rows, base, 8)
    return razor.razor(a, base, group, magnitude_a), razor.razor(w, 8, group)


def pack(values, bits: int) -> int:
    """A vector as one word, element 0 lowest, two's complement or unsigned in `bits` each."""
    word = 0
    for i, value in enumerate(values):
        word |= (int(value) & ((1 << bits) - 1)) << (i * bits)
    return word


def sign_magnitude(values, magnitude_bits: int) -> int:
    """Codes {sign, magnitude} as one word; zero has sign +."""
    return pack(((1 << magnitude_bits) | -v if v < 0 else v for v in map(int, values)), magnitude_bits + 1)


class StimulusError(FileProblem):
    """The trace can't be used as a stimulus; says why."""
