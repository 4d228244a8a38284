# SPDX-License-Identifier: Apache-2.0
"""Golden vectors made by the reference: `razorsim-tools vectors --out FILE.json --seed N`.

The C++ tests read this file and compare bit for bit. It holds integers and strings only: an FP32
number is a hexadecimal float string (C's %a, Python's float.hex; strtof reads it back exactly), so
no decimal text is rounded anywhere. The same seed gives the same bytes.

Schema (version 1); all matrices are row major, one list a row:

    version, seed
    razor[]         one per base x group x m x rounding x overflow, plus the edge cases
        bits          base width: 8 or 16
        group         elements a group; the last group of the row may be shorter
        magnitude_bits, rounding ("half_away"|"half_even"|"truncate"),
        overflow ("floor"|"saturate")
        q             base integers, one row
        mantissas     signed codes
        words         the 1 + m stored bits as unsigned integers (floor: sign above magnitude;
                      saturate: two's complement)
        flags         one a group
        values        mantissa * 2^flag
    matmul[]        razored products through the decompression-free dot
        a, w          base integers [M][K], [N][K];  bits_a, bits_w
        group_a, group_w, magnitude_bits_a, magnitude_bits_w, rounding, overflow
        razored_a, razored_w   false: this operand is left at its base (wide operand)
        accumulators  [M][N], exact
    narrow[]        the same with an accumulator of `accumulator_bits`, canonical order, both
                    operands razored at m = 3, half_away, floor
        mode          "saturate" | "wrap";  accumulators;  overflows: additions out of range
    planes[]        q, bits, flags (of the planes, top first), planes [plane][element] signed
    value_cache[]   causal P x V; row r of p is the query at position first_position + r
        p [Q][T], v [T][D] (base 8), group, first_position, accumulators [Q][D]; m = 3, default
        rules for V, p at its base
    quantise[]      x (hex floats), bits, scale (hex float), q; `static` true: the scale is given,
                    false: it is that of the row's own absolute maximum
    rescale[]       accumulator, scale_a, scale_w, result (hex floats)
    fp16[]          x, code, value
    e2m1[], e4m3[]  x, code, value (encode: nearest even, saturating)
    mxfp4[]         x (one row), codes, scales (E8M0 codes), values
    nvfp4[]         x, tensor_scale, static, codes, scales (E4M3 codes), values
    int_fp16[]      x, bits, block, codes, scales (FP16 patterns), values
"""

import itertools
import json
from pathlib import Path

import numpy as np

from .reference import block_formats, dot, minifloat, planes, quantise, razor, value_cache

VERSION = 1
GROUPS = (8, 16, 32, 64, 128)


def hexes(x) -> list[str]:
    """Hexadecimal float strings of FP32 numbers."""
    return [float(v).hex() for v in np.asarray(x, dtype=np.float32).ravel()]


def random_base(rng, bits: int, shape) -> np.ndarray:
    """Base integers with the many small and few large magnitudes of real tensors."""
    limit = quantise.largest_integer(bits)
    magnitude = rng.randint(0, limit + 1, shape) >> rng.randint(0, bits - 1, shape)
    return magnitude * rng.choice([-1, 1], shape)


def edge_rows(bits: int) -> list[list[int]]:
    """Rows made by hand: each names the rule it pins down."""
    limit = quantise.largest_integer(bits)
    top = limit.bit_length() - 1  # index of the highest magnitude bit
    return [
        [0] * 19,  # all zero, ragged
        [limit, -limit, limit - 1, 1 - limit, 0, 1, -1, limit],  # overflow on both signs
        [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 0, 7, -7],  # flag 0 at m = 3
        [8, -8, 9, -9, 10, -10, 11, -11, 12, -12, 13, -13, 14, -14, 15, -15],  # first flag, ties
        [1 << b for b in range(top + 1)],  # every bit position under one razoring point
        [-((1 << b) - 1) for b in range(1, top + 2)],
        [(1 << top) | half for half in (1 << (top - 3), (1 << (top - 3)) - 1, 3 << (top - 3), 0)]
        + [-(1 << (top - 3)), -((1 << (top - 3)) + 1), (1 << (top - 3)) - 1, 1 << (top - 3)],
        [-limit],  # a group of one
    ]


def razor_case(q, bits, group, magnitude_bits, rounding, overflow) -> dict:
    r = razor.razor(q, bits, group, magnitude_bits, rounding, overflow)
    return {
        "bits": bits,
        "group": group,
        "magnitude_bits": magnitude_bits,
        "rounding": rounding,
        "overflow": overflow,
        "q": np.asarray(q).tolist(),
        "mantissas": r.mantissas.tolist(),
        "words": razor.code_words(r, magnitude_bits, overflow).tolist(),
        "flags": r.flags.tolist(),
        "values": r.values().tolist(),
    }


def razor_cases(rng) -> list[dict]:
    rules = list(itertools.product((3, 7), razor.ROUNDINGS, razor.OVERFLOWS))
    cases = []
    for bits in (8, 16):
        for group in GROUPS:
            for rule in rules:
                # One whole group and a ragged one.
                cases.append(
                    razor_case(random_base(rng, bits, group + group // 4 + 1), bits, group, *rule)
                )
        for row, rule in itertools.product(edge_rows(bits), rules):
            cases.append(razor_case(row, bits, 8, *rule))
        cases += [razor_case(random_base(rng, bits, 23), bits, 5, *rule) for rule in rules]
    return cases


def matmul_case(rng, shape, bits, groups, m, rules=("half_away", "floor"), razored=(True, True)):
    rows, columns, length = shape
    a, w = random_base(rng, bits[0], (rows, length)), random_base(rng, bits[1], (columns, length))
    operands = [
        razor.razor(q, b, g, k, *rules).values() if on else q
        for q, b, g, k, on in zip((a, w), bits, groups, m, razored, strict=True)
    ]
    return {
        "a": a.tolist(),
        "w": w.tolist(),
        "bits_a": bits[0],
        "bits_w": bits[1],
        "group_a": groups[0],
        "group_w": groups[1],
        "magnitude_bits_a": m[0],
        "magnitude_bits_w": m[1],
        "rounding": rules[0],
        "overflow": rules[1],
        "razored_a": razored[0],
        "razored_w": razored[1],
        "accumulators": dot.integer_dot(*operands).tolist(),
    }


def matmul_cases(rng) -> list[dict]:
    cases = [
        matmul_case(rng, (3, 4, 2 * g + 3), (bits, 8), (g, g), (m, 3))
        for g in (8, 16, 32)
        for bits in (8, 16)
        for m in (3, 7)
    ]
    cases += [
        matmul_case(rng, (2, 3, 37), (16, 8), (16, 16), (3, 3), rules)
        for rules in itertools.product(razor.ROUNDINGS, razor.OVERFLOWS)
    ]
    for groups in ((8, 32), (32, 8), (16, 64)):
        cases.append(matmul_case(rng, (2, 2, 70), (16, 8), groups, (3, 3)))
    for on in ((False, True), (True, False), (False, False)):  # wide operands in passes
        for bits in ((16, 8), (8, 8)):
            cases.append(matmul_case(rng, (2, 3, 35), bits, (16, 16), (3, 3), razored=on))
    return cases


def narrow_cases(rng) -> list[dict]:
    cases = []
    for accumulator_bits, mode in itertools.product((12, 16, 20, 24), ("saturate", "wrap")):
        a, w = random_base(rng, 16, (3, 50)), random_base(rng, 8, (3, 50))
        terms = dot.group_terms(razor.razor(a, 16, 16), razor.razor(w, 8, 16))
        acc, overflows = dot.narrow_accumulate(terms, accumulator_bits, mode)
        cases.append(
            {
                "a": a.tolist(),
                "w": w.tolist(),
                "bits_a": 16,
                "bits_w": 8,
                "group": 16,
                "accumulator_bits": accumulator_bits,
                "mode": mode,
                "accumulators": acc.tolist(),
                "overflows": overflows,
            }
        )
    return cases


def plane_cases(rng) -> list[dict]:
    cases = []
    for bits in (8, 16):
        limit = quantise.largest_integer(bits)
        q = np.append(random_base(rng, bits, 20), [limit, -limit, 0, 1, -1])
        cases.append(
            {
                "bits": bits,
                "q": q.tolist(),
                "flags": planes.plane_flags(bits - 1),
                "planes": [p.mantissas.tolist() for p in planes.base_planes(q, bits, 16)],
            }
        )
    return cases


def value_cache_cases(rng) -> list[dict]:
    cases = []
    for group, tokens, queries in ((8, 21, 21), (16, 32, 32), (16, 15, 15), (4, 9, 3), (16, 40, 1)):
        first = tokens - queries
        p = np.abs(random_base(rng, 16, (queries, tokens)))
        p[np.arange(tokens) > first + np.arange(queries)[:, None]] = 0
        v = random_base(rng, 8, (tokens, 3))
        acc = value_cache.probabilities_times_values(p, v, first, group)
        cases.append(
            {
                "p": p.tolist(),
                "v": v.tolist(),
                "group": group,
                "first_position": first,
                "accumulators": acc.tolist(),
            }
        )
    return cases


def random_floats(rng, count: int, exponents=(-6, 3)) -> np.ndarray:
    """FP32 numbers of 24 random significant bits and an exponent drawn evenly; no libm involved."""
    significand = rng.randint(1 << 23, 1 << 24, count) * rng.choice([-1, 1], count)
    return np.ldexp(significand, rng.randint(*exponents, count) - 23).astype(np.float32)


def quantise_cases(rng) -> list[dict]:
    cases = []
    for bits in (4, 8, 16):
        limit = np.float32(quantise.largest_integer(bits))
        rows = [random_floats(rng, 24) for _ in range(3)]
        rows += [np.zeros(3), [1e-13, -1e-13, 0], [1e-38, 1e-45, -3e38], [3e38, -1.0, 1e30]]
        # Ties: halves of the scale, exactly representable because the scale is 1.
        rows.append(np.append(limit, np.arange(-6, 7) + 0.5))
        for row in rows:
            scale = quantise.scale_per_tensor(row, bits)
            cases.append((np.asarray(row, np.float32), bits, scale, False))
        for scale in (np.float32(0.01), np.float32(1 / 3)):  # a static scale the data exceeds
            row = np.append(random_floats(rng, 12), [1e4, -1e4, 3e38])
            cases.append((row.astype(np.float32), bits, scale, True))
    return [
        {
            "x": hexes(x),
            "bits": bits,
            "static": static,
            "scale": hexes(scale)[0],
            "q": quantise.quantise(x, scale, bits).tolist(),
        }
        for x, bits, scale, static in cases
    ]


def rescale_cases(rng) -> list[dict]:
    accumulators = [
        0,
        1,
        -1,
        (1 << 24) + 1,
        -(1 << 24) - 3,
        (1 << 36) - 1,
        -(1 << 36),
        49 * 11008 << 16,
    ]
    accumulators += rng.randint(-(1 << 36), 1 << 36, 12, np.int64).tolist()
    cases = []
    for acc in accumulators:
        a, w = np.abs(random_floats(rng, 2, (-14, -6)))
        cases.append(
            {
                "accumulator": acc,
                "scale_a": hexes(a)[0],
                "scale_w": hexes(w)[0],
                "result": hexes(dot.rescale(acc, a, w))[0],
            }
        )
    return cases


def scalar_cases(rng, encode, decode, edges) -> list[dict]:
    edges = np.asarray(edges, np.float32)
    near = [np.nextafter(edges, np.float32(side), dtype=np.float32) for side in (-np.inf, np.inf)]
    x = np.concatenate([edges, *near, random_floats(rng, 20)])
    x = np.concatenate([x, -x])
    x = x[np.isfinite(x)]
    codes = encode(x)
    return [
        {"x": a, "code": int(c), "value": v}
        for a, c, v in zip(hexes(x), codes, hexes(decode(codes)), strict=True)
    ]


def middles(values) -> np.ndarray:
    return (values[:-1] + values[1:]) / 2


def block_case(x, blocks, **more) -> dict:
    return {
        "x": hexes(x),
        **more,
        "codes": blocks.codes.tolist(),
        "scales": blocks.scales.tolist(),
        "values": hexes(blocks.values),
    }


def block_rows(rng, block: int) -> list[np.ndarray]:
    rows = [random_floats(rng, 2 * block + 5), random_floats(rng, block, (-30, 10))]
    rows.append(np.zeros(block + 1, np.float32))
    # Absolute maxima around the powers of two and the largest element value.
    for peak in (4.0, 6.0, 7.0, 7.999, 8.0):
        rows.append(
            np.array([peak, -peak, 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0, -5.0], np.float32)
        )
    return rows


def float_cases(rng) -> dict:
    fp16_edges = [0, 1, 65504, 2.0**-14, 2.0**-24, 2.0**-25, 1 + 2.0**-11, 1 + 3 * 2.0**-11]
    fp16_edges += [65519.996, 65520, 1e6]
    out = {
        "fp16": scalar_cases(rng, minifloat.encode_fp16, minifloat.decode_fp16, fp16_edges),
        "e2m1": scalar_cases(
            rng,
            minifloat.encode_e2m1,
            minifloat.decode_e2m1,
            [0, 6, 7, 100, *middles(minifloat.E2M1_VALUES)],
        ),
        "e4m3": scalar_cases(
            rng,
            minifloat.encode_e4m3,
            minifloat.decode_e4m3,
            [0, 448, 464, 1e5, *middles(minifloat.E4M3_VALUES)[::7]],
        ),
    }
    rows = block_rows(rng, block_formats.MXFP4_BLOCK)
    rows += [np.array([1e-38, 1e-40, -1e-45], np.float32), np.array([3e38, -1e38], np.float32)]
    out["mxfp4"] = [block_case(x, block_formats.encode_mxfp4(x)) for x in rows]
    nvfp4 = []
    for x in block_rows(rng, block_formats.NVFP4_BLOCK):
        for scale in (None, np.float32(2.0**-10)):
            blocks = block_formats.encode_nvfp4(x, scale)
            more = {"tensor_scale": hexes(blocks.tensor_scale)[0], "static": scale is not None}
            nvfp4.append(block_case(x, blocks, **more))
    out["nvfp4"] = nvfp4
    out["int_fp16"] = [
        block_case(x, block_formats.encode_int_fp16_scale(x, 64), bits=4, block=64)
        for x in [random_floats(rng, 140), np.zeros(3), random_floats(rng, 64, (-40, -20))]
    ]
    return out


def generate(seed: int) -> dict:
    """All vectors, as plain lists. Each topic has its own stream, so adding one moves no other."""
    streams = itertools.count()

    def rng():
        # RandomState is frozen by numpy's policy: every release draws the same integers.
        return np.random.RandomState([seed, next(streams)])

    return {
        "version": VERSION,
        "seed": seed,
        "razor": razor_cases(rng()),
        "matmul": matmul_cases(rng()),
        "narrow": narrow_cases(rng()),
        "planes": plane_cases(rng()),
        "value_cache": value_cache_cases(rng()),
        "quantise": quantise_cases(rng()),
        "rescale": rescale_cases(rng()),
        **float_cases(rng()),
    }


def to_text(vectors: dict) -> str:
    """JSON with one case a line, so that a difference in version control names the case."""
    lines = []
    for key, value in vectors.items():
        if isinstance(value, list):
            cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in value)
            lines.append(f'"{key}":[\n{cases}\n]')
        else:
            lines.append(f'"{key}":{json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(path: Path, seed: int) -> None:
    """Write the file whole or not at all."""
    temporary = path.with_name(path.name + ".partial")
    temporary.write_text(to_text(generate(seed)), encoding="ascii")
    temporary.replace(path)
