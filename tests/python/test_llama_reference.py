# SPDX-License-Identifier: Apache-2.0
"""The numpy LLaMA against a plain one, and its schemes."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_model as tiny
from razorsim_tools import llama_reference, schemes
from razorsim_tools.schemes import parse


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    tiny.write(path, tiny.weights())
    return path


@pytest.fixture(scope="module")
def model(path):
    return llama_reference.GgufModel(path)


@pytest.fixture(scope="module")
def ids():
    return np.random.default_rng(7).integers(0, 256, 150).tolist()


def plain_logits(weights, ids):
    """LLaMA in float64, one token and one head at a time, rotary pairs as complex numbers."""

    def norm(x, w):
        return x / np.sqrt(np.mean(x * x) + tiny.EPSILON) * w

    def turn(vector, position):
        half = len(vector) // 2
        pairs = vector[:half] + 1j * vector[half:]
        angles = position * tiny.THETA ** (-2 * np.arange(half) / len(vector))
        turned = pairs * np.exp(1j * angles)
        return np.concatenate([turned.real, turned.imag])

    w = {name: t.astype(np.float64) for name, t in weights.items()}
    stream = [w["token_embd.weight"][i] for i in ids]
    dim, share = tiny.HEAD_DIM, tiny.HEADS // tiny.KV_HEADS
    for layer in range(tiny.LAYERS):
        part = {n.split(".")[2]: t for n, t in w.items() if n.startswith(f"blk.{layer}.")}
        keys, values = [], []
        for position, x in enumerate(stream):
            h = norm(x, part["attn_norm"])
            q, k, v = ((part[f"attn_{n}"] @ h).reshape(-1, dim) for n in "qkv")
            keys.append([turn(head, position) for head in k])
            values.append(v)
            mixed = []
            for head in range(tiny.HEADS):
                query = turn(q[head], position)
                scores = np.array([key[head // share] @ query for key in keys]) / np.sqrt(dim)
                p = np.exp(scores - scores.max())
                p /= p.sum()
                mixed.append(
                    sum(a * value[head // share] for a, value in zip(p, values, strict=True))
                )
            x = x + part["attn_output"] @ np.concatenate(mixed)
            h = norm(x, part["ffn_norm"])
            gate = part["ffn_gate"] @ h
            stream[position] = x + part["ffn_down"] @ (
                gate / (1 + np.exp(-gate)) * (part["ffn_up"] @ h)
            )
    head = w.get("output.weight", w["token_embd.weight"])
    return np.stack([head @ norm(x, w["output_norm.weight"]) for x in stream])


@pytest.mark.parametrize("tied", (False, True))
def test_logits_equal_a_plain_implementation(tmp_path, tied):
    weights = tiny.weights(3, tied)
    tiny.write(tmp_path / "m.gguf", weights)
    ids = [1, 200, 37, 37, 90, 255, 3]
    got = llama_reference.logits(llama_reference.GgufModel(tmp_path / "m.gguf"), ids)
    want = plain_logits(weights, ids)
    assert np.abs(got - want).max() < 1e-5 * np.abs(want).max()


@pytest.mark.parametrize("dtype", ("F32", "F16", "BF16"))
def test_a_folder_is_the_same_model_as_the_file(tmp_path, dtype):
    narrow = {
        "F32": lambda t: t,
        "F16": lambda t: t.astype(np.float16).astype(np.float32),
        "BF16": lambda t: (t.view(np.uint32) & 0xFFFF0000).view(np.float32),
    }[dtype]
    weights = {name: narrow(t) for name, t in tiny.weights(5).items()}
    tiny.write(tmp_path / "m.gguf", weights)
    tiny.write_folder(tmp_path / "folder", weights, dtype=dtype)
    ids = [1, 200, 37, 90]
    file, folder = (
        llama_reference.logits(llama_reference.open_model(tmp_path / n), ids)
        for n in ("m.gguf", "folder")
    )
    assert (file == folder).all()


def test_llama3_rope_scaling(tmp_path):
    scaling = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    tiny.write_folder(tmp_path / "plain", tiny.weights())
    tiny.write_folder(tmp_path / "scaled", tiny.weights(), rope_scaling=scaling)
    plain, scaled = (
        llama_reference.open_model(tmp_path / n).inverse_frequencies for n in ("plain", "scaled")
    )
    # Wavelengths 6.3, 63, 628, 6283 of 64 positions: below 64/4 kept, above 64/1 divided by 8.
    assert scaled[0] == plain[0] and (scaled[2:] == plain[2:] / 8).all()
    assert plain[1] / 8 < scaled[1] < plain[1]
    # The blend by the formula of the release: turns 64/62.8, smooth = (turns - 1) / 3.
    smooth = (64 * plain[1] / (2 * np.pi) - 1) / 3
    assert scaled[1] == pytest.approx((1 - smooth) * plain[1] / 8 + smooth * plain[1])


def test_another_architecture_is_named(tmp_path):
    tiny.write(tmp_path / "m.gguf", {}, "gptneox")
    with pytest.raises(llama_reference.ModelError, match="gptneox"):
        llama_reference.GgufModel(tmp_path / "m.gguf")
    (tmp_path / "text.gguf").write_bytes(b"not a model")
    with pytest.raises(llama_reference.ModelError, match="not a readable GGUF"):
        llama_reference.GgufModel(tmp_path / "text.gguf")
    tiny.write_folder(tmp_path / "folder", tiny.weights(), model_type="mistral")
    with pytest.raises(llama_reference.ModelError, match="mistral"):
        llama_reference.open_model(tmp_path / "folder")


def test_contexts_do_not_overlap_and_lose_no_prediction():
    blocks = llama_reference.cut_contexts(list(range(11)), 4)
    assert [b.tolist() for b in blocks] == [[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9, 10]]]
    assert len(llama_reference.cut_contexts(list(range(9)), 4)) == 1  # the ninth predicts nothing
    assert llama_reference.cut_contexts([1, 2, 3], 512)[0].shape == (1, 3)


def test_perplexity_is_that_of_the_logits(model, ids):
    (result,) = llama_reference.evaluate(model, ids, 40, [parse("fp32")], {})
    nll = []
    for start in range(0, 150, 40):
        part = ids[start : start + 40]
        log_p = llama_reference.log_softmax(llama_reference.logits(model, part))
        nll += [-log_p[i, part[i + 1]] for i in range(len(part) - 1)]
    assert result["tokens"] == len(nll) == 150 - 4
    assert result["perplexity"] == pytest.approx(np.exp(np.mean(nll)), rel=1e-6)
    assert (result["kl"], result["top1"]) == (0.0, 1.0)


SCHEMES = [
    "W8A16",
    "W8A8",
    "W8A8:static",
    "W4A16:g16",
    "W4A8:g16",
    "W4A4:g16",
    "W4A4:gw32:ga16",
    "W4A4:base8",
    "W4A4:half_even",
    "W4A4:saturate",
    "W4A4:dynamic",
    "sdr4",
    "W4A4KV4Q4P4",
    "W4A4KV4:head_dim",
    "W8A8KV8",
    "W8A16KV8",
    "int4",
    "int4:g64",
    "int16x8",
    "mxfp4",
    "nvfp4",
]


def test_every_scheme_runs_and_the_coarser_is_worse(model, ids):
    absmax = llama_reference.calibrate(model, ids, 50)
    results = llama_reference.evaluate(model, ids, 50, [parse(s) for s in SCHEMES], absmax)
    kl = {r["scheme"]: r["kl"] for r in results}
    assert all(np.isfinite(v) and v > 0 for v in kl.values())
    assert kl["W8A16"] < kl["W4A8:g16"] < kl["W4A4:g16"] < kl["sdr4"]
    assert kl["W8A16"] == kl["int16x8"] < kl["W8A16KV8"]


def test_prefix_of_a_context_does_not_depend_on_its_rest(model, ids):
    """Causality through razored V: flags of later tokens must not leak into earlier rows."""
    absmax = llama_reference.calibrate(model, ids, 64)
    for name in ("sdr4", "W4A4KV4Q4P4:g8", "W4A4KV4:head_dim"):
        arithmetic = llama_reference.SchemeArithmetic(parse(name), absmax)
        whole, part = (
            llama_reference.run_layers(model, np.asarray(ids[:n])[None], arithmetic).x
            # Multiples of the SIMD width, so that numpy sums a softmax row in the same order.
            for n in (64, 32)
        )
        assert (whole[:32] == part).all(), name


def test_calibration_covers_every_static_scale(model, ids):
    absmax = llama_reference.calibrate(model, ids[:60], 30)
    tensors = {*llama_reference.INPUT_OF.values(), "query", "key", "value"}
    assert set(absmax) == {(i, t) for i in range(tiny.LAYERS) for t in tensors}
    more = llama_reference.calibrate(model, ids, 30)
    # The FP32 products of another number of rows may differ in their last bits.
    assert all(more[key] >= absmax[key] * 0.99999 > 0 for key in absmax)


@pytest.mark.parametrize(
    "name", ("W3A4", "W8A4", "sdr5", "W4A4:g0", "W4A4:loud", "fp32:g16", "mxfp4:g16", "int4:g16:g8")
)
def test_names_that_mean_nothing_are_refused(name):
    with pytest.raises(schemes.SchemeError, match=name.split(":")[0]):
        parse(name)


def test_names_mean_what_the_scheme_table_says():
    sdr4 = parse("sdr4")
    assert (sdr4.weights.bits, sdr4.activations.bits, sdr4.key.bits) == (8, 16, 8)
    assert sdr4.query.name == sdr4.softmax.name == "int" and sdr4.query.bits == 16
    assert not parse("W4A4").quantises_attention and parse("W4A4KV8").quantises_attention
    assert parse("W4A8").activations.magnitude_bits == 7
    assert parse("W8A8").activations.dynamic and not parse("W8A8:static").activations.dynamic
    split = parse("W4A4:gw32:ga8")
    assert (split.weights.group, split.activations.group) == (32, 8)


SHIPPED = sorted((Path(__file__).resolve().parents[2] / "configs" / "schemes").glob("*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_names_mean_what_the_shipped_schemes_spell_out(path):
    shipped = json.loads(path.read_text())
    scheme = parse(shipped["name"])
    operands = ["weights", "activations"]
    if scheme.quantises_attention:
        operands += ["query", "key", "value", "softmax"]
    for operand in operands:
        spelt, ours = shipped[operand], getattr(scheme, operand)
        name = spelt["format"]
        if name.startswith("int"):
            per_group = spelt["granularity"] == "group"
            assert (ours.name, ours.bits) == ("int_fp16" if per_group else "int", int(name[3:]))
        else:
            assert ours.name == name
        if name == "sdr":
            assert ours.bits == spelt["base_bits"]
            assert all(spelt[rule] == value for rule, value in ours.rules().items())
        if name == "sdr" or spelt["granularity"] == "group" and name == "int4":
            assert ours.group == spelt["group"]
        assert ours.dynamic == (spelt["calibration"] == "dynamic"), operand
    assert scheme.value_axis == shipped["value_axis"]
