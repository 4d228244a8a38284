# SPDX-License-Identifier: Apache-2.0
"""check-trace on a small trace made here: intact, wrong in one element, and corrupt."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest
import tiny_model as tiny
from razorsim_tools import check_trace, cli
from razorsim_tools.reference import quantise, razor, row_scales

TOKENS, K, N = 5, 37, 4
NAMES = {"<f4": "F32", "|i1": "I8", "<i2": "I16", "|u1": "U8"}


def packed(rows, bits):
    """Codes two a byte, low half first, and flags, as a trace stores them."""
    r = razor.razor(rows, bits, 16)
    nibbles = np.pad(r.mantissas & 15, ((0, 0), (0, r.mantissas.shape[1] % 2)))
    codes = nibbles[:, ::2] | nibbles[:, 1::2] << 4
    return codes.astype(np.uint8), r.flags.astype(np.uint8)


def tensors():
    """One linear operation and the V operand of a P x V product."""
    rng = np.random.default_rng(11)
    made = {}

    def add(name, real, bits, absmax=None, down=False):
        if absmax is None:
            scale, column = (s := quantise.scale_per_row(real, bits)), s[:, None]
            made[f"{name}.source"] = real.astype(np.float16).view(np.uint8)
        else:
            scale = column = quantise.scale_of_absmax(np.array([absmax]), bits)
            made[name], made[f"{name}.absmax"] = real, np.array([absmax], np.float32)
        q = quantise.quantise(real, column, bits)
        made[f"{name}.base{bits}"] = q.astype(np.int8 if bits == 8 else np.int16)
        made[f"{name}.base{bits}.scale"] = scale
        made[f"{name}.sdr4.codes"], made[f"{name}.sdr4.flags"] = packed(q.T if down else q, bits)

    add("x", rng.standard_normal((TOKENS, K)).astype(np.float32), 16, absmax=2.5)
    # Weights as FP16, so that the checkpoint's own bytes are the numbers.
    add("w", rng.standard_normal((N, K)).astype(np.float16).astype(np.float32), 8)
    add("v", rng.standard_normal((TOKENS, 6)).astype(np.float32), 8, absmax=3.0, down=True)
    return made


OPERATIONS = [
    {
        "name": "q_proj",
        "kind": "linear",
        "m": TOKENS,
        "k": K,
        "n": N,
        "inputs": ["x"],
        "weight": "w",
    },
    {
        "name": "context",
        "kind": "context",
        "m": TOKENS,
        "k": TOKENS,
        "n": 6,
        "inputs": ["p", "v"],
        "weight": "",
    },
]


def write(path, made, operations=OPERATIONS, tokens=(), more=None):
    metadata = {
        **(more or {}),
        "format": "razorsim trace",
        "header_sha256": "0" * 64,
        "operations": json.dumps(operations),
        "tokens": json.dumps(list(tokens)),
        "encodings": json.dumps({"w": "F16"}),
        "tensor_sha256": json.dumps(
            {n: hashlib.sha256(t.tobytes()).hexdigest() for n, t in made.items()}
        ),
    }
    header, body = {"__metadata__": metadata}, b""
    for name, tensor in made.items():
        end = len(body) + tensor.nbytes
        dtype = NAMES[tensor.dtype.str]
        header[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": [len(body), end]}
        body += tensor.tobytes()
    text = json.dumps(header).encode()
    text = text.replace(b"0" * 64, hashlib.sha256(text).hexdigest().encode(), 1)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def test_an_intact_trace_is_equal_in_every_bit(tmp_path):
    findings = check_trace.check(write(tmp_path / "t.safetensors", tensors()))
    assert findings.differences == []
    assert findings.compared == {
        "scales": N + 2,
        "base": TOKENS * K + N * K + TOKENS * 6,
        "codes": TOKENS * K + N * K + TOKENS * 6,
        "flags": TOKENS * 3 + N * 3 + 6,
        "accumulators": TOKENS * N,
    }


@pytest.mark.parametrize(
    "name", ("x.base16", "w.base8", "w.base8.scale", "v.sdr4.codes", "x.sdr4.flags")
)
def test_one_wrong_element_is_found(tmp_path, name, capsys):
    made = tensors()
    made[name] = made[name].copy()
    made[name].flat[0] += 1
    write(tmp_path / "t.safetensors", made)
    assert cli.main(["check-trace", str(tmp_path / "t.safetensors")]) == 3
    out = capsys.readouterr().out
    index = [0] * made[name].ndim
    assert f"differs: {name}, in the file and by the reference: {index} is " in out
    assert "; 1 of " in out


def test_any_flipped_bit_and_any_truncation_is_refused(tmp_path):
    path = write(tmp_path / "t.safetensors", tensors())
    data = path.read_bytes()
    for at in np.random.default_rng(0).integers(0, len(data), 60):
        broken = bytearray(data)
        broken[at] ^= 4
        path.write_bytes(broken)
        with pytest.raises(check_trace.TraceError):
            check_trace.check(path)
    for length in (0, 7, 100, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(check_trace.TraceError):
            check_trace.check(path)


def test_other_files_are_refused(tmp_path, capsys):
    (tmp_path / "x").write_text("hello, this is no trace at all")
    assert cli.main(["check-trace", str(tmp_path / "x")]) == 3
    assert cli.main(["check-trace", str(tmp_path / "absent")]) == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


def test_fp32_tensors_are_compared_with_the_numpy_llama(tmp_path):
    """Edges in float64 arithmetic of the test's own, through the model file and back."""
    weights = tiny.weights()
    tiny.write(tmp_path / "m.gguf", weights)
    ids = [3, 141, 59, 26]
    x = weights["token_embd.weight"][ids].astype(np.float64)
    x = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + tiny.EPSILON)
    normed = x * weights["blk.0.attn_norm.weight"]
    name = "layers.0.v_proj.output"
    made = {name: (normed @ weights["blk.0.attn_v.weight"].T).astype(np.float32)}
    operations = [{"name": "v", "kind": "add", "layer": 0}]
    path = write(tmp_path / "t.safetensors", made, operations, ids)
    findings = check_trace.check(path, tmp_path / "m.gguf")
    assert findings.differences == [] and findings.compared == {"fp32": made[name].size}
    assert 0 < findings.largest_fp32_error < 1e-5
    made[name][2, 3] += 0.1
    write(path, made, operations, ids)
    (difference,) = check_trace.check(path, tmp_path / "m.gguf").differences
    assert difference.startswith(f"{name}: off by")


SHIPPED = sorted((Path(__file__).resolve().parents[2] / "traces" / "data").glob("*.safetensors"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_shipped_traces_are_equal_in_every_bit(path):
    findings = check_trace.check(path)
    assert findings.differences == []
    assert min(findings.compared[what] for what in ("base", "codes", "accumulators")) > 0


SEARCHED = {
    "provenance": json.dumps({"calibration": "percentile 100; row scales searched"}),
    "scheme": json.dumps(
        {
            "weights": {
                "format": "sdr",
                "magnitude_bits": 3,
                "group": 16,
                "rounding": "half_away",
                "overflow": "floor",
            }
        }
    ),
}


def with_searched_scales(change=1):
    made = tensors()
    real = made["w.source"].view(np.float16).astype(np.float32).reshape(N, K)
    scale = row_scales.search(real, 8, json.loads(SEARCHED["scheme"])["weights"])
    scale[0] *= np.float32(change)
    base = quantise.quantise(real, scale[:, None], 8)
    made["w.base8"], made["w.base8.scale"] = base.astype(np.int8), scale
    made["w.sdr4.codes"], made["w.sdr4.flags"] = packed(base, 8)
    return made


def test_searched_row_scales_are_searched_again(tmp_path):
    made = with_searched_scales()
    assert (made["w.base8.scale"] != tensors()["w.base8.scale"]).any()
    path = write(tmp_path / "t.safetensors", made, more=SEARCHED)
    assert check_trace.check(path).differences == []
    # The same scales where nobody says that they were searched, and one that is no candidate.
    for made, more in ((made, None), (with_searched_scales(1.001), SEARCHED)):
        differences = check_trace.check(write(tmp_path / "u.safetensors", made, more=more)).differences
        assert any(each.startswith("w.base8.scale") for each in differences)


def test_no_candidate_of_the_search_is_better():
    real = np.random.default_rng(5).standard_normal((6, 50)).astype(np.float32)
    weights = json.loads(SEARCHED["scheme"])["weights"]
    best = row_scales.squared_error(real, row_scales.search(real, 8, weights), 8, weights)
    for scale in row_scales.candidates(real, 8):
        assert (best <= row_scales.squared_error(real, scale, 8, weights)).all()
    assert (best <= row_scales.squared_error(real, quantise.scale_per_row(real, 8), 8, weights)).all()
