# SPDX-License-Identifier: Apache-2.0
"""Formats that share a scale among a block of elements: MXFP4, NVFP4, INT4 with an FP16 scale.

Rows are [..., K]; blocks run along the last axis, the last one of a row may be shorter.

    MXFP4   block 32, E8M0 scale 2^(floor(log2(block absmax)) - 2), 2 being the exponent of the
            largest E2M1 value; elements x / scale to E2M1, nearest even, saturating.
            Source: OCP MX v1.0, section 6.3. A block of zeros takes the smallest scale (chosen).
    NVFP4   block 16; tensor scale = tensor absmax / (6 * 448), FP32; block scale =
            E4M3((block absmax / 6) / tensor scale); elements x / (block scale * tensor scale) to
            E2M1. Every operation here is FP32. Source: NVIDIA's NVFP4 recipe; order of the
            operations chosen. A block scale that rounds to zero makes all its elements +0.
    INT4-g  symmetric -7..7; scale = max(block absmax, 1e-12) / 7 in FP32, rounded to FP16, and
            used as rounded. A scale that rounds to zero makes all its elements 0; one that would
            overflow is 65504 (both chosen).
"""

from dataclasses import dataclass

import numpy as np

from . import minifloat
from .quantise import as_float32, largest_integer, quantise, scale_of_absmax

MXFP4_BLOCK = 32
NVFP4_BLOCK = 16
E2M1_LARGEST_EXPONENT = 2  # 6 = 1.5 * 2^2
FP16_LARGEST = np.float32(65504)


@dataclass(frozen=True)
class Blocks:
    """Encoded rows: `codes` int64 [..., K]; `scales` int64 codes (E8M0, E4M3 or FP16 patterns)
    [..., ceil(K/block)]; `tensor_scale` FP32, 1 where the format has none; `values` FP32."""

    codes: np.ndarray
    scales: np.ndarray
    tensor_scale: np.float32
    values: np.ndarray


def block_absmax(x, block: int) -> np.ndarray:
    """FP32 [..., ceil(K/block)]."""
    x = np.abs(x)
    return np.stack([x[..., s : s + block].max(axis=-1) for s in range(0, x.shape[-1], block)], -1)


def spread(per_block, block: int, length: int) -> np.ndarray:
    """Repeat one entry a block along the elements."""
    return np.repeat(per_block, block, axis=-1)[..., :length]


def encode_mxfp4(x, block: int = MXFP4_BLOCK) -> Blocks:
    x = as_float32(x)
    absmax = block_absmax(x, block)
    # frexp gives absmax = f * 2^e with f in [0.5, 1), so floor(log2) is e - 1, subnormals too.
    exponent = np.frexp(absmax)[1].astype(np.int64) - 1 - E2M1_LARGEST_EXPONENT
    exponent = np.where(
        absmax > 0, np.maximum(exponent, -minifloat.E8M0_BIAS), -minifloat.E8M0_BIAS
    )
    scale = spread(np.ldexp(1.0, exponent), block, x.shape[-1])
    codes = minifloat.encode_e2m1(x.astype(np.float64) / scale)  # exact: a power of two
    values = (minifloat.decode_e2m1(codes) * scale).astype(np.float32)
    return Blocks(codes, exponent + minifloat.E8M0_BIAS, np.float32(1), values)


def nvfp4_tensor_scale(absmax) -> np.float32:
    """FP32 scale of a whole tensor from its (static or dynamic) absolute maximum."""
    return np.float32(absmax) / np.float32(minifloat.E2M1_LARGEST * minifloat.E4M3_LARGEST)


def divide_or_zero(x, y) -> np.ndarray:
    """FP32 x / y, 0 where y is 0."""
    x, y = np.broadcast_arrays(np.float32(x), np.float32(y))
    with np.errstate(over="ignore"):
        return np.divide(x, y, out=np.zeros(x.shape, np.float32), where=y != 0)


def encode_nvfp4(x, tensor_scale=None, block: int = NVFP4_BLOCK) -> Blocks:
    """`tensor_scale` None: dynamic, from this tensor; a static one may make scales saturate."""
    x = as_float32(x)
    if tensor_scale is None:
        tensor_scale = nvfp4_tensor_scale(np.abs(x).max(initial=np.float32(0)))
    sixth = block_absmax(x, block) / np.float32(minifloat.E2M1_LARGEST)
    scales = minifloat.encode_e4m3(divide_or_zero(sixth, tensor_scale))
    step = minifloat.decode_e4m3(scales).astype(np.float32) * np.float32(tensor_scale)
    step = spread(step, block, x.shape[-1])
    codes = np.where(step > 0, minifloat.encode_e2m1(divide_or_zero(x, step)), 0)
    values = minifloat.decode_e2m1(codes).astype(np.float32) * step
    return Blocks(codes, scales, np.float32(tensor_scale), values)


def encode_int_fp16_scale(x, block: int, bits: int = 4) -> Blocks:
    """INT4 (or another width) with an FP16 scale a block: the `int4:g64` scheme."""
    x = as_float32(x)
    scale = np.minimum(scale_of_absmax(block_absmax(x, block), bits), FP16_LARGEST)
    scales = minifloat.encode_fp16(scale)
    step = spread(minifloat.decode_fp16(scales), block, x.shape[-1])
    safe = np.where(step > 0, step, np.float32(1))
    codes = np.where(step > 0, quantise(x, safe, bits), 0)
    assert np.abs(codes).max(initial=0) <= largest_integer(bits)
    return Blocks(codes, scales, np.float32(1), codes.astype(np.float32) * step)
