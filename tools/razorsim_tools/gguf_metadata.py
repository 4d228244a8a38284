# SPDX-License-Identifier: Apache-2.0
"""The metadata of a GGUF file as plain Python values, without its tensors.

`gguf.GGUFReader` makes an array of each string, which takes seconds for a vocabulary; this takes
a tenth of one. Source of the layout: the GGUF specification, docs/gguf.md of ggml, versions 2 and 3.
"""

import mmap
import struct
from pathlib import Path

MAGIC, VERSIONS = b"GGUF", (2, 3)
SCALARS = "BbHhIif?"  # by type, 0 to 7
STRING, ARRAY = 8, 9
WIDE = {10: "Q", 11: "q", 12: "d"}


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def numbers(self, letter: str, count: int = 1) -> tuple:
        """Throws struct.error beyond the end of the file."""
        layout = f"<{count}{letter}"
        found = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return found

    def string(self) -> str:
        (length,) = self.numbers("Q")
        self.at += length
        if self.at > len(self.data):
            raise ValueError("a string lies beyond the end of the file")
        return str(self.data[self.at - length : self.at], "utf-8", "replace")

    def value(self, kind: int, count: int | None = None):
        """A value, or a list of `count`."""
        if kind == STRING:
            return self.string() if count is None else [self.string() for _ in range(count)]
        if kind == ARRAY and count is None:
            (kind,), (count,) = self.numbers("I"), self.numbers("Q")
            return self.value(kind, count)
        letter = SCALARS[kind] if kind < len(SCALARS) else WIDE.get(kind)
        if letter is None:
            raise ValueError(f"a value of the unknown type {kind}")
        return self.numbers(letter)[0] if count is None else list(self.numbers(letter, count))


def read(path: Path) -> dict:
    """Values by key. ValueError, struct.error or OSError for a file that is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        cursor = Cursor(data)
        if data[:4] != MAGIC:
            raise ValueError("does not start with GGUF")
        cursor.at = 4
        (version,) = cursor.numbers("I")
        if version not in VERSIONS:
            raise ValueError(f"GGUF version {version}; known are 2 and 3")
        _, keys = cursor.numbers("Q", 2)
        found = {}
        for _ in range(keys):
            key = cursor.string()
            (kind,) = cursor.numbers("I")
            found[key] = cursor.value(kind)
        return found
