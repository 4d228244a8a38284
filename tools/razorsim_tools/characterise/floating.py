# SPDX-License-Identifier: Apache-2.0
"""Units with FP32 accumulators: what they add up, and the streams that exercise and check them.

A group's products are summed exactly and multiplied by both scales, the result is rounded once to
FP32 and accumulated in FP32, K ascending. FP16 products are aligned to the largest exponent among
those of a cycle that aren't zero; what falls more than one bit below its lowest bit is cut off.
"""

import numpy as np

from ..reference import block_formats, minifloat
from .operands import Rows, pack
from .simulate import Stimulus

CYCLES = 320
FP16_CYCLES = 160
FP16_GUARD_BITS = 1


def fp32_bits(value) -> int:
    return int(np.float32(value).view(np.uint32))


def signed_magnitudes(codes) -> np.ndarray:
    """Twice the values of E2M1 codes: integers."""
    return (2 * minifloat.decode_e2m1(codes)).astype(np.int64)


def scale_of(name: str, codes) -> np.ndarray:
    decode = {"mxfp4": minifloat.decode_e8m0, "nvfp4": minifloat.decode_e4m3, "int4_group": minifloat.decode_fp16}
    return decode[name](codes).astype(np.float64)


def encode(name: str, rows: np.ndarray, group: int, absmax: float | None) -> block_formats.Blocks:
    if name == "mxfp4":
        return block_formats.encode_mxfp4(rows, group)
    if name == "nvfp4":
        static = None if absmax is None else block_formats.nvfp4_tensor_scale(absmax)
        return block_formats.encode_nvfp4(rows, static, group)
    return block_formats.encode_int_fp16_scale(rows, group)


def block_operands(name: str, rows: Rows, group: int) -> tuple[block_formats.Blocks, block_formats.Blocks]:
    """Activations, and weights, which have no static maximum."""
    return encode(name, rows.activations, group, rows.absmax), encode(name, rows.weights, group, None)


def block_stimulus(name: str, lanes: int, group: int, latency: int):
    """Groups of `group` elements in beats of `lanes`."""
    def make(rows: Rows) -> Stimulus:
        a, w = block_operands(name, rows, group)
        elements = [x.codes if name == "int4_group" else signed_magnitudes(x.codes) for x in (a, w)]
        halves = 1.0 if name == "int4_group" else 0.25  # both elements count double
        scales = [scale_of(name, x.scales) for x in (a, w)]
        beats, length = group // lanes, rows.activations.shape[1] // group * group
        count = max(1, min(len(rows.activations), CYCLES * lanes // max(1, length)))
        cycles, seen, acc = [], [], np.float32(0)
        for row in range(count):
            for k in range(0, length, lanes):
                g, beat = k // group, k // lanes % beats
                part, whole = slice(k, k + lanes), slice(g * group, (g + 1) * group)
                ends = beat == beats - 1
                if ends:
                    exact = int(elements[0][row, whole] @ elements[1][row, whole])
                    term = np.float32(exact * halves * (scales[0][row, g] * scales[1][row, g]))
                    acc = (np.float32(0) if g == 0 else acc) + term
                cycles.append({"begins": int(beat == 0), "ends": int(ends), "first": int(g == 0),
                               "a": pack(a.codes[row, part], 4), "w": pack(w.codes[row, part], 4),
                               "scale_a": int(a.scales[row, g]), "scale_w": int(w.scales[row, g])})
                seen.append([fp32_bits(acc)] if ends else None)
        expected = [None] * latency + seen[:len(seen) - latency]
        bits = 15 if name == "int4_group" else 8
        widths = {"begins": 1, "ends": 1, "first": 1, "a": 4 * lanes, "w": 4 * lanes, "scale_a": bits, "scale_w": bits}
        zeros = tuple(float((x == 0).mean()) for x in elements)
        return Stimulus(widths, cycles, ["acc"], expected, warm_up=beats + 4, zeros=zeros)

    return make


def fp16_parts(codes) -> tuple[np.ndarray, np.ndarray]:
    """Signed 11-bit significands and exponent fields, at least 1."""
    codes = np.asarray(codes, dtype=np.int64)
    field = codes >> 10 & 31
    magnitude = (codes & 1023) | np.where(field > 0, 1024, 0)
    return np.where(codes >> 15 & 1, -magnitude, magnitude), np.maximum(field, 1)


def fp16_dot(a, w) -> np.float32:
    """One cycle's term of codes a and w."""
    (left, left_field), (right, right_field) = fp16_parts(a), fp16_parts(w)
    product, exponent = left * right, left_field + right_field
    if not product.any():
        return np.float32(0)
    largest = exponent[product != 0].max()
    distance = np.minimum(np.maximum(largest - exponent, 0), 60)
    total = int((np.sign(product) * ((np.abs(product) << FP16_GUARD_BITS) >> distance)).sum())
    return np.float32(np.ldexp(float(total), int(largest) - 50 - FP16_GUARD_BITS))


def fp16_codes(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    a, w = (minifloat.encode_fp16(np.clip(x, -65504, 65504)) for x in (rows.activations, rows.weights))
    return np.asarray(a, dtype=np.int64), np.asarray(w, dtype=np.int64)


def fp16_stimulus(lanes: int, latency: int):
    def make(rows: Rows) -> Stimulus:
        a, w = fp16_codes(rows)
        length = a.shape[1] // lanes * lanes
        count = max(1, min(len(a), FP16_CYCLES * lanes // length))
        cycles, seen, acc = [], [], np.float32(0)
        for row in range(count):
            for k in range(0, length, lanes):
                part = slice(k, k + lanes)
                acc = (np.float32(0) if k == 0 else acc) + fp16_dot(a[row, part], w[row, part])
                cycles.append({"first": int(k == 0), "a": pack(a[row, part], 16), "w": pack(w[row, part], 16)})
                seen.append([fp32_bits(acc)])
        widths = {"first": 1, "a": 16 * lanes, "w": 16 * lanes}
        zeros = tuple(float((x & 0x7FFF == 0).mean()) for x in (a, w))
        expected = [None] * latency + seen[:len(seen) - latency]
        return Stimulus(widths, cycles, ["acc"], expected, warm_up=latency + 2, zeros=zeros)

    return make
