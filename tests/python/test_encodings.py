# SPDX-License-Identifier: Apache-2.0
"""The C++ reader of GGUF against the package `gguf`: random blocks of every encoding, bit for bit.

What the program decoded is seen through a captured trace: the input of the first layer is the
embedding's rows, the output of a linear operation is its input times the decoded weight.
"""

import gguf
import numpy as np
import pytest
import tiny_model as tiny
from built_program import needs_program, run
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import load_file

pytestmark = needs_program

SHAPE = tiny.Shape(layers=1, hidden=256, heads=4, kv_heads=2, head_dim=64, inner=512)
# The little-endian FP16 numbers of a block, by their place (source: ggml-common.h). All other bytes
# of a block may be anything.
HALVES = {
    Type.Q8_0: (0,),
    Type.Q4_0: (0,),
    Type.Q4_1: (0, 2),
    Type.Q5_0: (0,),
    Type.Q5_1: (0, 2),
    Type.Q4_K: (0, 2),
    Type.Q6_K: (208,),
}
PLAIN = (Type.F32, Type.F16, Type.BF16)


def real_numbers(rng, count: int, smallest: int, largest: int) -> np.ndarray:
    """FP32 of either sign, magnitudes 2**smallest .. 2**largest, one in eight a zero."""
    numbers = rng.uniform(1, 2, count) * 2.0 ** rng.integers(smallest, largest, count)
    return (rng.choice([-1, 1], count) * numbers * (rng.random(count) > 1 / 8)).astype(np.float32)


def random_rows(rng, encoding: Type, rows: int, columns: int, largest: int = 3) -> np.ndarray:
    """Encoded rows uint8 [rows, row bytes] whose numbers, or scales, go up to 2**largest and down
    to the denormal ones of the encoding."""
    if encoding is Type.F32:
        return real_numbers(rng, rows * columns, -149, largest).reshape(rows, -1).view(np.uint8)
    if encoding is Type.BF16:
        numbers = real_numbers(rng, rows * columns, -140, largest).view(np.uint32) >> 16
        return numbers.astype(np.uint16).reshape(rows, -1).view(np.uint8)
    if encoding is Type.F16:
        numbers = real_numbers(rng, rows * columns, -26, largest).astype(np.float16)
        return numbers.reshape(rows, -1).view(np.uint8)
    elements, size = gguf.GGML_QUANT_SIZES[encoding]
    blocks = rng.integers(0, 256, (rows * columns // elements, size), dtype=np.uint8)
    for at in HALVES[encoding]:
        halves = real_numbers(rng, len(blocks), -26, largest).astype(np.float16)
        blocks[:, at : at + 2] = halves.view(np.uint8).reshape(-1, 2)
    return blocks.reshape(rows, -1)


@pytest.fixture(scope="module", params=(*PLAIN, *HALVES), ids=lambda e: e.name)
def captured(request, tmp_path_factory):
    """A model of random blocks in one encoding, and what the program made of it."""
    encoding, folder = request.param, tmp_path_factory.mktemp("encoding")
    rng = np.random.default_rng(int(encoding))
    tokens = len(tiny.vocabulary()[0])
    encoded = {"token_embd.weight": random_rows(rng, encoding, tokens, SHAPE.hidden)}
    for name, (rows, columns) in tiny.linear_shapes(SHAPE).items():
        # Small scales, so that a layer's output stays finite.
        encoded[f"blk.0.{name}.weight"] = random_rows(rng, encoding, rows, columns, -12)
    ones = {
        n: np.ones(SHAPE.hidden, np.float32)
        for n in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight")
    }
    tiny.write(folder / "m.gguf", encoded | ones, shape=SHAPE, encoding=encoding)
    ids = rng.permutation(tokens).tolist()
    (folder / "ids.json").write_text(str(ids))
    run(
        "capture", "--model", folder / "m.gguf", "--layers", "0", "--tokens", tokens,
        "--text", folder / "ids.json", "--calibration", folder / "ids.json",
        "--out", folder / "t.safetensors", "--json",
    )  # fmt: skip
    decoded = {n: gguf.quants.dequantize(t, encoding) for n, t in encoded.items()}
    return encoded, decoded, ids, load_file(folder / "t.safetensors")


def test_every_element_has_the_bits_of_the_package(captured):
    _, decoded, ids, trace = captured
    want = np.ascontiguousarray(decoded["token_embd.weight"][ids])
    got = trace["layers.0.input"]
    assert len(np.unique(want)) > 2000
    assert (got.view(np.uint32) == want.view(np.uint32)).all()


OPERATIONS = {
    "q_proj": ("attn_q", "input_norm.output"),
    "k_proj": ("attn_k", "input_norm.output"),
    "v_proj": ("attn_v", "input_norm.output"),
    "o_proj": ("attn_output", "context.output"),
    "gate_proj": ("ffn_gate", "post_norm.output"),
    "up_proj": ("ffn_up", "post_norm.output"),
    "down_proj": ("ffn_down", "silu_gate.output"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_matrices_multiply_as_decoded_rows_of_q_and_k_put_back(captured, operation):
    encoded, decoded, _, trace = captured
    ours, source = OPERATIONS[operation]
    name = f"blk.0.{ours}.weight"
    assert (trace[f"layers.0.{operation}.weight.source"] == encoded[name]).all()
    x = trace[f"layers.0.{source}"].astype(np.float64)
    w = decoded[name].astype(np.float64)
    got, want = trace[f"layers.0.{operation}.output"], x @ w.T
    # FP32 sums in order: each term may round once more than the one before it.
    bound = w.shape[1] * 2.0**-24 * (np.abs(x) @ np.abs(w).T)
    assert (np.abs(got - want) <= bound + 2.0**-149).all()
    assert np.abs(want).max() > 0
