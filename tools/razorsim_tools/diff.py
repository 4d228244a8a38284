# SPDX-License-Identifier: Apache-2.0
"""Where two safetensors files, or two folders of them, part: the first element that differs of each
tensor, by name, index and both values.

Made for what `razorsim run --dump-tensors` and `razorsim eval --dump-tensors` write; traces,
calibrations and checkpoints are compared alike. Bits count, not values: -0.0 is not 0.0.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import FileProblem


@dataclass(frozen=True)
class Difference:
    """What of one tensor differs; `where` is "<file>: <tensor>", or only one of the two."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def first_difference(a: np.ndarray, b: np.ndarray) -> str | None:
    """ "[3, 17] is 5 and 6; 2 of 64 differ", or None where `a` and `b` have the same bits."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"is {a.dtype} {list(a.shape)} and {b.dtype} {list(b.shape)}"
    bits = np.dtype(f"u{a.dtype.itemsize}")
    flat = [np.ascontiguousarray(each).reshape(-1) for each in (a, b)]
    differs = np.flatnonzero(flat[0].view(bits) != flat[1].view(bits))
    if not differs.size:
        return None
    first = int(differs[0])
    index = [int(i) for i in np.unravel_index(first, a.shape)]
    values = [each[first].item() for each in flat]
    return f"{index} is {values[0]!r} and {values[1]!r}; {differs.size} of {a.size} differ"


def tensors_of(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except OSError as error:
        raise FileProblem(f"{path}: {error.strerror or error}") from error
    except (SafetensorError, KeyError) as error:  # KeyError: a dtype that numpy lacks
        raise FileProblem(f"{path}: no safetensors file of numpy's types ({error})") from error


def diff_files(a: Path, b: Path, where: str = "") -> list[Difference]:
    first, second = tensors_of(a), tensors_of(b)
    found = []
    for name in sorted(first.keys() | second.keys()):
        if name in first and name in second:
            what = first_difference(first[name], second[name])
        else:
            what = f"only in {a if name in first else b}"
        if what:
            found.append(Difference(where + name, what))
    return found


def diff(a: Path, b: Path) -> list[Difference]:
    """Two files, or every *.safetensors below two folders. FileProblem for anything else."""
    if not (a.is_dir() and b.is_dir()):
        return diff_files(a, b)
    names = [{str(f.relative_to(top)) for f in top.rglob("*.safetensors")} for top in (a, b)]
    if not names[0] | names[1]:
        raise FileProblem(f"{a}: holds no .safetensors file")
    found = []
    for name in sorted(names[0] | names[1]):
        if name in names[0] and name in names[1]:
            found += diff_files(a / name, b / name, f"{name}: ")
        else:
            found.append(Difference(name, f"only in {a if name in names[0] else b}"))
    return found
