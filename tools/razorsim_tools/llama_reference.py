# SPDX-License-Identifier: Apache-2.0
"""Second implementation of LLaMA inference, in numpy on the dequantised weights of a checkpoint.

It exists to be compared with the C++: FP32 logits, greedy text, perplexity, and perplexity of the
schemes computed by `razorsim_tools.reference`. All contexts go through one layer after the other,
so only one layer's weights are held at a time.

Shapes: C contexts of T tokens, hidden states x FP32 [C*T, hidden], heads [C, T, H, head_dim].

Rotary embedding is the half-split form of Hugging Face (element i pairs with i + head_dim/2). GGUF
files of the `llama` architecture store the rows of Q and K permuted so that pairs are neighbours;
they are permuted back on reading, because a razoring group along head_dim must see the order the
model was trained in (source: LlamaModel.permute of llama.cpp's convert_hf_to_gguf.py).
"""

import json
import struct
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from .errors import FileProblem
from .reference import block_formats, dot, quantise, razor, value_cache
from .schemes import Format, Scheme

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
# The tensor each linear operation reads; operations that read the same tensor share its scale.
INPUT_OF = {
    "q_proj": "attention_input",
    "k_proj": "attention_input",
    "v_proj": "attention_input",
    "o_proj": "context",
    "gate_proj": "mlp_input",
    "up_proj": "mlp_input",
    "down_proj": "gated",
}
GGUF_NAMES = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
    "attention_norm": "attn_norm",
    "mlp_norm": "ffn_norm",
}


HUGGING_FACE_NAMES = {
    **{n: f"self_attn.{n}" for n in ("q_proj", "k_proj", "v_proj", "o_proj")},
    **{n: f"mlp.{n}" for n in ("gate_proj", "up_proj", "down_proj")},
    "attention_norm": "input_layernorm",
    "mlp_norm": "post_attention_layernorm",
}


class ModelError(FileProblem):
    """A model file that cannot be read."""


class Model:
    """Weights and shape of a LLaMA-architecture checkpoint; tensors are read on demand.

    Readers set the shape and give `layer_tensor`, `tensor` and `has`. `hold` keeps the layers in
    FP32, for many passes over a small model.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    epsilon: np.float32
    theta: float
    EMBEDDING: str
    HEAD: str
    FINAL_NORM: str

    def __init__(self, hold: bool):
        self.held: dict[int, dict] | None = {} if hold else None

    def layer(self, index: int) -> dict[str, np.ndarray]:
        """All weights of one decoder layer in FP32, Q and K rows in the half-split order."""
        if self.held is not None and index in self.held:
            return self.held[index]
        weights = {n: self.layer_tensor(index, n) for n in (*LINEARS, "attention_norm", "mlp_norm")}
        if self.held is not None:
            self.held[index] = weights
        return weights

    @cached_property
    def embedding(self) -> np.ndarray:
        return self.tensor(self.EMBEDDING)

    @cached_property
    def head(self) -> np.ndarray:
        """Output head [vocabulary, hidden]; the embedding where the two are tied."""
        return self.tensor(self.HEAD) if self.has(self.HEAD) else self.embedding

    @cached_property
    def final_norm(self) -> np.ndarray:
        return self.tensor(self.FINAL_NORM)

    @cached_property
    def inverse_frequencies(self) -> np.ndarray:
        """Rotary frequencies float64 [head_dim/2], before any scaling."""
        return self.theta ** (-np.arange(0, self.head_dim, 2) / self.head_dim)


class GgufModel(Model):
    """A GGUF file, dequantised by the `gguf` package."""

    EMBEDDING, HEAD, FINAL_NORM = "token_embd.weight", "output.weight", "output_norm.weight"

    def __init__(self, path: Path, hold: bool = False):
        import gguf

        super().__init__(hold)
        try:
            self.reader = gguf.GGUFReader(path)
        except (OSError, ValueError, IndexError) as error:
            raise ModelError(f"{path}: not a readable GGUF file ({error})") from error
        self.dequantise = gguf.quants.dequantize
        self.tensors = {t.name: t for t in self.reader.tensors}
        architecture = self.metadata("general.architecture")
        if architecture != "llama":
            raise ModelError(f"{path}: architecture {architecture!r}; only 'llama' is implemented")
        self.layers = int(self.metadata("llama.block_count"))
        self.hidden = int(self.metadata("llama.embedding_length"))
        self.heads = int(self.metadata("llama.attention.head_count"))
        self.kv_heads = int(self.metadata("llama.attention.head_count_kv", self.heads))
        self.head_dim = int(self.metadata("llama.rope.dimension_count", self.hidden // self.heads))
        self.epsilon = np.float32(self.metadata("llama.attention.layer_norm_rms_epsilon"))
        self.theta = float(self.metadata("llama.rope.freq_base", 10000.0))

    def metadata(self, key: str, default=None):
        entry = self.reader.fields.get(key)
        if entry is None:
            if default is None:
                raise ModelError(f"the model has no {key}")
            return default
        return entry.contents()

    def has(self, name: str) -> bool:
        return name in self.tensors

    def tensor(self, name: str) -> np.ndarray:
        """FP32 tensor, rows = output channels."""
        if name not in self.tensors:
            raise ModelError(f"the model has no tensor {name}")
        t = self.tensors[name]
        return np.asarray(self.dequantise(t.data, t.tensor_type), dtype=np.float32)

    def layer_tensor(self, index: int, name: str) -> np.ndarray:
        rows = self.tensor(f"blk.{index}.{GGUF_NAMES[name]}.weight")
        heads = {"q_proj": self.heads, "k_proj": self.kv_heads}.get(name)
        return unpermute(rows, heads) if heads else rows

    @cached_property
    def inverse_frequencies(self) -> np.ndarray:
        """As `Model`; Llama-3 files carry the divisors of their scaling as a tensor."""
        inverse = self.theta ** (-np.arange(0, self.head_dim, 2) / self.head_dim)
        scaled = self.has("rope_freqs.weight")
        return inverse / self.tensor("rope_freqs.weight") if scaled else inverse


class HuggingFaceModel(Model):
    """A folder with config.json and one or many safetensors files in F32, F16 or BF16."""

    EMBEDDING, HEAD, FINAL_NORM = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"

    def __init__(self, path: Path, hold: bool = False):
        super().__init__(hold)
        try:
            config = json.loads((path / "config.json").read_text(encoding="utf-8"))
            self.places = {n: t for f in sorted(path.glob("*.safetensors")) for n, t in index_of(f)}
            if config.get("model_type") != "llama":
                kind = config.get("model_type")
                raise ModelError(f"{path}: architecture {kind!r}; only 'llama' is implemented")
            self.layers = config["num_hidden_layers"]
            self.hidden = config["hidden_size"]
            self.heads = config["num_attention_heads"]
            self.kv_heads = config.get("num_key_value_heads", self.heads)
            self.head_dim = config.get("head_dim") or self.hidden // self.heads
            self.epsilon = np.float32(config["rms_norm_eps"])
            self.theta = float(config.get("rope_theta", 10000.0))
            self.scaling = config.get("rope_scaling")
            if config.get("tie_word_embeddings"):
                self.places.pop(self.HEAD, None)
        except OSError as error:
            raise ModelError(f"{error.filename}: {error.strerror}") from error
        except (KeyError, TypeError, struct.error, json.JSONDecodeError) as error:
            raise ModelError(f"{path}: not a readable model folder ({error!r})") from error

    def has(self, name: str) -> bool:
        return name in self.places

    def tensor(self, name: str) -> np.ndarray:
        if name not in self.places:
            raise ModelError(f"the model has no tensor {name}")
        path, dtype, shape, offset = self.places[name]
        stored = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}.get(dtype)
        if stored is None:
            raise ModelError(f"tensor {name} is {dtype}; F32, F16 and BF16 are implemented")
        raw = np.memmap(path, dtype=stored, mode="r", offset=offset, shape=tuple(shape))
        if dtype == "BF16":  # the upper half of an FP32
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(np.float32)

    def layer_tensor(self, index: int, name: str) -> np.ndarray:
        return self.tensor(f"model.layers.{index}.{HUGGING_FACE_NAMES[name]}.weight")

    @cached_property
    def inverse_frequencies(self) -> np.ndarray:
        """As `Model`, with Llama-3's scaling: low frequencies divided, high ones kept, those
        between blended (source: Hugging Face, _compute_llama3_parameters)."""
        inverse = self.theta ** (-np.arange(0, self.head_dim, 2) / self.head_dim)
        if not self.scaling:
            return inverse
        kind = self.scaling.get("rope_type", self.scaling.get("type"))
        if kind != "llama3":
            raise ModelError(f"rope scaling {kind!r}; only 'llama3' is implemented")
        low, high = self.scaling["low_freq_factor"], self.scaling["high_freq_factor"]
        turns = self.scaling["original_max_position_embeddings"] * inverse / (2 * np.pi)
        keep = np.clip((turns - low) / (high - low), 0, 1)
        return inverse * (keep + (1 - keep) / self.scaling["factor"])


def index_of(path: Path):
    """(name, (file, dtype, shape, offset)) of every tensor of a safetensors file."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    for name, entry in header.items():
        if name != "__metadata__":
            start = 8 + length + entry["data_offsets"][0]
            yield name, (path, entry["dtype"], entry["shape"], start)


def open_model(path: Path, hold: bool = False) -> Model:
    """A GGUF file or a Hugging Face folder."""
    return HuggingFaceModel(path, hold) if path.is_dir() else GgufModel(path, hold)


def unpermute(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a GGUF Q or K weight [heads*head_dim, hidden] back to the half-split order."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def rms_norm(x, weight, epsilon) -> np.ndarray:
    mean = np.mean(np.square(x), axis=-1, keepdims=True, dtype=np.float32)
    return x / np.sqrt(mean + epsilon) * weight


def rotate(x, inverse_frequencies) -> np.ndarray:
    """Rotary embedding of heads [C, T, H, D] at positions 0..T-1."""
    angle = np.arange(x.shape[1])[:, None] * inverse_frequencies
    cos, sin = (f(angle).astype(np.float32)[None, :, None, :] for f in (np.cos, np.sin))
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def softmax(scores) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def silu(x) -> np.ndarray:
    # exp(-x) may overflow to infinity for very negative x, where the result is -0 as it should be.
    with np.errstate(over="ignore"):
        return x / (np.float32(1) + np.exp(-x))


class Fp32Arithmetic:
    """The reference: every product in FP32."""

    def prepare(self, layer: int, weights: dict) -> None:
        self.weights = weights

    def linear(self, layer: int, name: str, x) -> np.ndarray:
        return x @ self.weights[name].T

    def heads(self, layer: int, q, k) -> None:
        """Told of the rotated heads [C, T, H, D]."""

    def attention(self, layer: int, q, k, v) -> np.ndarray:
        """Causal attention of one context and one query head: q, k, v FP32 [T, D] -> [T, D]."""
        scores = (q @ k.T) * np.float32(1 / np.sqrt(q.shape[-1]))
        return softmax(masked(scores)) @ v


def masked(scores) -> np.ndarray:
    visible = np.tril(np.ones(scores.shape, dtype=bool))
    return np.where(visible, scores, np.float32(-np.inf))


class Calibration(Fp32Arithmetic):
    """FP32 arithmetic that notes the absolute maximum of every tensor a static scale is for."""

    def __init__(self):
        self.absmax: dict[tuple[int, str], np.float32] = {}

    def note(self, layer: int, tensor: str, x) -> None:
        key = (layer, tensor)
        self.absmax[key] = max(self.absmax.get(key, np.float32(0)), np.abs(x).max())

    def linear(self, layer, name, x):
        self.note(layer, INPUT_OF[name], x)
        return super().linear(layer, name, x)

    def attention(self, layer, q, k, v):
        for tensor, x in (("query", q), ("key", k), ("value", v)):
            self.note(layer, tensor, x)
        return super().attention(layer, q, k, v)


class Recorder(Fp32Arithmetic):
    """FP32 arithmetic that keeps inputs and outputs of the linear operations and the rotated heads
    of one context, under the names a trace gives them."""

    NAMES = {
        "attention_input": "input_norm.output",
        "context": "context.output",
        "mlp_input": "post_norm.output",
        "gated": "silu_gate.output",
    }

    def __init__(self):
        self.edges: dict[str, np.ndarray] = {}

    def linear(self, layer, name, x):
        self.edges[f"layers.{layer}.{self.NAMES[INPUT_OF[name]]}"] = x
        y = self.edges[f"layers.{layer}.{name}.output"] = super().linear(layer, name, x)
        return y

    def heads(self, layer, q, k):
        self.edges[f"layers.{layer}.rope_q.output"] = q
        self.edges[f"layers.{layer}.rope_k.output"] = k


@dataclass
class Operand:
    """A quantised matrix: `integers` (exact in float64) times `scale`, or FP32 `real` numbers."""

    integers: np.ndarray | None = None
    scale: np.ndarray | None = None
    real: np.ndarray | None = None
    groups: tuple | None = None  # codes and FP32 scales a group, of INT4 with FP16 group scales


class SchemeArithmetic(Fp32Arithmetic):
    """The products of a scheme: exact integers where its formats are integer ones."""

    def __init__(self, scheme: Scheme, absmax: dict):
        self.scheme = scheme
        self.absmax = absmax

    def prepare(self, layer, weights):
        super().prepare(layer, weights)
        self.operands = {n: self.encode(weights[n], self.scheme.weights, None) for n in LINEARS}
        self.encoded_inputs: dict = {}

    def encode(self, x, how: Format, absmax) -> Operand:
        """Encode rows [R, K]. `absmax` None: weights, whose scale is one a row; else a static
        maximum, which a dynamic format does not use."""
        if how.name == "fp32":
            return Operand(real=x)
        if how.name == "fp16":  # saturates, since an infinity tells nothing about error
            largest = np.finfo(np.float16).max
            return Operand(real=np.clip(x, -largest, largest).astype(np.float16).astype(np.float32))
        if how.name == "mxfp4":
            return Operand(real=block_formats.encode_mxfp4(x).values)
        if how.name == "nvfp4":
            scale = None if absmax is None else block_formats.nvfp4_tensor_scale(absmax)
            return Operand(real=block_formats.encode_nvfp4(x, scale).values)
        if how.name == "int_fp16":
            blocks = block_formats.encode_int_fp16_scale(x, how.group, how.bits)
            scales = block_formats.minifloat.decode_fp16(blocks.scales)
            return Operand(groups=(blocks.codes, scales, how.group))
        if absmax is None or how.dynamic:
            scale = quantise.scale_per_row(x, how.bits)[:, None]
        else:
            scale = quantise.scale_of_absmax(absmax, how.bits)
        q = quantise.quantise(x, scale, how.bits)
        if how.name == "sdr":
            q = razor.razor(q, how.bits, how.group, **how.rules()).values()
        return Operand(integers=q, scale=scale)

    def linear(self, layer, name, x):
        tensor = INPUT_OF[name]
        # q, k, v (and gate, up) read one tensor: encode it once.
        held = self.encoded_inputs.get(tensor)
        if held is None or held[0] is not x:
            operand = self.encode(x, self.scheme.activations, self.absmax[layer, tensor])
            held = self.encoded_inputs[tensor] = (x, operand)
        return product(held[1], self.operands[name])

    def attention(self, layer, q, k, v):
        s = self.scheme
        if not s.quantises_attention:
            return super().attention(layer, q, k, v)
        query, key = (
            self.encode(x, how, self.absmax[layer, tensor])
            for x, how, tensor in ((q, s.query, "query"), (k, s.key, "key"))
        )
        scores = product(query, key) * np.float32(1 / np.sqrt(q.shape[-1]))
        p = self.encode(softmax(masked(scores)), s.softmax, np.float32(1))
        return self.context(layer, p, v)

    def context(self, layer, p: Operand, v) -> np.ndarray:
        """P x V with V along tokens and an unrazored incomplete group, or along head_dim."""
        how = self.scheme.value
        scale = quantise.scale_of_absmax(self.absmax[layer, "value"], how.bits)
        base = quantise.quantise(v, scale, how.bits)
        if how.name == "int":
            acc = dot.integer_dot_blas(p.integers, base.T)
        elif self.scheme.value_axis == "head_dim":
            razored = razor.razor(base, how.bits, how.group, **how.rules()).values()
            acc = dot.integer_dot_blas(p.integers, razored.T)
        else:
            razored = razor.razor(base.T, how.bits, how.group, **how.rules()).values().T
            acc = value_cache.probabilities_times_values_fast(
                p.integers, base, razored, 0, how.group
            ).astype(np.int64)
        return dot.rescale(acc, p.scale, scale)


def product(a: Operand, w: Operand) -> np.ndarray:
    """FP32 [M, N] product of encoded rows."""
    if a.integers is not None and w.integers is not None:
        acc = dot.integer_dot_blas(a.integers, w.integers)
        return dot.rescale(acc, a.scale, np.asarray(w.scale).T)
    if a.groups is not None and w.groups is not None:
        return grouped_product(a.groups, w.groups)
    return decoded(a) @ decoded(w).T


def decoded(x: Operand) -> np.ndarray:
    if x.real is not None:
        return x.real
    if x.groups is not None:
        codes, scales, group = x.groups
        return codes.astype(np.float32) * block_formats.spread(scales, group, codes.shape[-1])
    return quantise.dequantise(x.integers, x.scale)


def grouped_product(a, w) -> np.ndarray:
    """One exact integer sum a group, scaled and added in FP32, K ascending."""
    (codes_a, scales_a, group), (codes_w, scales_w, _) = a, w
    out = np.zeros((codes_a.shape[0], codes_w.shape[0]), np.float32)
    for index, s in enumerate(range(0, codes_a.shape[-1], group)):
        acc = dot.integer_dot_blas(codes_a[:, s : s + group], codes_w[:, s : s + group])
        out += dot.rescale(acc, scales_a[:, index, None], scales_w[:, index])
    return out


@dataclass
class Trunk:
    """Result of the decoder layers: `x` FP32 [C*T, hidden], and each layer's output if asked."""

    x: np.ndarray
    outputs: list = field(default_factory=list)


def run_layers(model, tokens, arithmetic, keep_outputs=False, layers=None, progress=None) -> Trunk:
    """All decoder layers over token ids [C, T]."""
    contexts, length = tokens.shape
    if tokens.size and tokens.max() >= len(model.embedding):
        raise ModelError(f"token id {tokens.max()}: the vocabulary has {len(model.embedding)}")
    trunk = Trunk(model.embedding[tokens.ravel()])
    for index in range(model.layers if layers is None else layers):
        weights = model.layer(index)
        arithmetic.prepare(index, weights)
        h = rms_norm(trunk.x, weights["attention_norm"], model.epsilon)
        q, k, v = (
            arithmetic.linear(index, name, h).reshape(contexts, length, -1, model.head_dim)
            for name in ("q_proj", "k_proj", "v_proj")
        )
        q, k = (rotate(x, model.inverse_frequencies) for x in (q, k))
        arithmetic.heads(index, q, k)
        context = np.empty_like(q)
        share = model.heads // model.kv_heads  # query heads a KV head
        for c in range(contexts):
            for head in range(model.heads):
                kv = head // share
                context[c, :, head] = arithmetic.attention(
                    index, q[c, :, head], k[c, :, kv], v[c, :, kv]
                )
        context = context.reshape(contexts * length, -1)
        trunk.x = trunk.x + arithmetic.linear(index, "o_proj", context)
        h = rms_norm(trunk.x, weights["mlp_norm"], model.epsilon)
        gate, up = (arithmetic.linear(index, name, h) for name in ("gate_proj", "up_proj"))
        trunk.x = trunk.x + arithmetic.linear(index, "down_proj", silu(gate) * up)
        if keep_outputs:
            trunk.outputs.append(trunk.x)
        if progress:
            progress()
    return trunk


def logits_of(model, x) -> np.ndarray:
    """FP32 logits [rows, vocabulary] of final hidden states [rows, hidden]."""
    return rms_norm(x, model.final_norm, model.epsilon) @ model.head.T


def logits(model, tokens) -> np.ndarray:
    """FP32 logits [T, vocabulary] of one context of token ids."""
    return logits_of(model, run_layers(model, np.asarray(tokens)[None], Fp32Arithmetic()).x)


def greedy(model, tokens, count: int, stop: int | None = None) -> list[int]:
    """The `count` most likely next ids, one at a time; recomputed from scratch at each step."""
    tokens = list(tokens)
    made: list[int] = []
    while len(made) < count:
        x = run_layers(model, np.asarray(tokens)[None], Fp32Arithmetic()).x[-1:]
        made.append(int(logits_of(model, x)[0].argmax()))
        tokens.append(made[-1])
        if made[-1] == stop:
            break
    return made


def cut_contexts(ids, context: int, limit: int | None = None) -> list[np.ndarray]:
    """Non-overlapping contexts of the first `limit` ids, as [C, context] and maybe one shorter.

    A rest of a single token predicts nothing and is dropped.
    """
    ids = np.asarray(ids[:limit], dtype=np.int64)
    whole = len(ids) // context * context
    blocks = [ids[:whole].reshape(-1, context)] if whole else []
    if len(ids) - whole > 1:
        blocks.append(ids[None, whole:])
    return blocks


def calibrate(model, ids, context: int, progress=None) -> dict:
    """Absolute maxima {(layer, tensor): FP32} over the calibration tokens."""
    taps = Calibration()
    for block in cut_contexts(ids, context):
        run_layers(model, block, taps, progress=progress)
    return taps.absmax


def log_softmax(x) -> np.ndarray:
    x = x.astype(np.float64)
    x -= x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def sqnr_db(reference, x) -> float:
    """Signal to quantisation noise ratio in dB."""
    reference = reference.astype(np.float64)
    noise = np.sum((reference - x) ** 2)
    return float(10 * np.log10(np.sum(reference**2) / noise)) if noise else float("inf")


CHUNK = 128  # rows of logits held at a time


def evaluate(model, ids, context: int, schemes: list[Scheme], absmax: dict, progress=None):
    """Yield one result a scheme: perplexity, KL divergence from FP32 in nats, top-1 agreement with
    FP32, and the SQNR of each layer's output when errors accumulate.

    Every token but the first of each context is predicted and counts once.
    """
    blocks = cut_contexts(ids, context)
    exact = [run_layers(model, b, Fp32Arithmetic(), True, progress=progress) for b in blocks]
    for scheme in schemes:
        if scheme == Scheme(scheme.name):
            trunks = exact
        else:
            arithmetic = SchemeArithmetic(scheme, absmax)
            trunks = [run_layers(model, b, arithmetic, True, progress=progress) for b in blocks]
        nll, divergence, agree, count = 0.0, 0.0, 0, 0
        for block, trunk, truth in zip(blocks, trunks, exact, strict=True):
            predicts = np.ones(block.shape, dtype=bool)
            predicts[:, -1] = False  # the last token of a context predicts nothing
            rows = np.flatnonzero(predicts)
            targets = np.roll(block, -1, axis=1).ravel()
            for start in range(0, len(rows), CHUNK):
                part = rows[start : start + CHUNK]
                got = log_softmax(logits_of(model, trunk.x[part]))
                want = log_softmax(logits_of(model, truth.x[part]))
                nll -= got[np.arange(len(part)), targets[part]].sum()
                divergence += (np.exp(want) * (want - got)).sum()
                agree += int((got.argmax(-1) == want.argmax(-1)).sum())
                count += len(part)
        yield {
            "scheme": scheme.name,
            "perplexity": float(np.exp(nll / count)),
            "kl": float(divergence / count),
            "top1": agree / count,
            "tokens": count,
            "layer_sqnr_db": [
                sqnr_db(
                    np.concatenate([t.outputs[i] for t in exact]),
                    np.concatenate([t.outputs[i] for t in trunks]),
                )
                for i in range(len(exact[0].outputs))
            ],
        }
