# SPDX-License-Identifier: Apache-2.0
"""A LLaMA of a few hundred weights as a GGUF file, with grouped queries and a vocabulary of bytes.

Its Q and K rows are stored in GGUF's order of neighbouring pairs, as real files have them.
"""

import json
import struct
from typing import NamedTuple

import gguf
import numpy as np


class Shape(NamedTuple):
    layers: int = 2
    hidden: int = 32
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 8
    inner: int = 64


LAYERS, HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INNER = SHAPE = Shape()
THETA, EPSILON = 10000.0, 1e-5


def byte_letters() -> list[str]:
    """GPT-2's printable stand-in of each byte, in the order of bytes (source: GPT-2 encoder.py)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(spare)) for b in range(256)]


def vocabulary() -> tuple[list[str], list[str]]:
    """Tokens and merges: bytes, a few words, one special token last."""
    letters = byte_letters()
    space = letters[32]
    merges = [("t", "h"), ("th", "e"), (space, "the"), ("a", "n"), (space, "an")]
    tokens = [*letters, *(a + b for a, b in merges), "<|end|>"]
    return tokens, [f"{a} {b}" for a, b in merges]


def linear_shapes(shape: Shape) -> dict[str, tuple[int, int]]:
    """Rows and columns of a layer's matrices, in the order of operations."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    return {
        "attn_q": (queries, shape.hidden),
        "attn_k": (keys, shape.hidden),
        "attn_v": (keys, shape.hidden),
        "attn_output": (shape.hidden, queries),
        "ffn_gate": (shape.inner, shape.hidden),
        "ffn_up": (shape.inner, shape.hidden),
        "ffn_down": (shape.hidden, shape.inner),
    }


def weights(seed: int = 0, tied: bool = False) -> dict[str, np.ndarray]:
    """FP32 tensors under GGUF's names; Q and K in the half-split order of Hugging Face."""
    rng = np.random.default_rng(seed)
    tokens = len(vocabulary()[0])

    def matrix(rows, columns):
        return (rng.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    made = {"token_embd.weight": matrix(tokens, HIDDEN) * np.float32(4)}
    for i in range(LAYERS):
        made |= {f"blk.{i}.{n}.weight": matrix(*s) for n, s in linear_shapes(SHAPE).items()}
        for norm in ("attn_norm", "ffn_norm"):
            made[f"blk.{i}.{norm}.weight"] = rng.uniform(0.5, 1.5, HIDDEN).astype(np.float32)
    made["output_norm.weight"] = rng.uniform(0.5, 1.5, HIDDEN).astype(np.float32)
    if not tied:
        made["output.weight"] = matrix(tokens, HIDDEN)
    return made


def interleave(rows: np.ndarray, heads: int) -> np.ndarray:
    """Row order of GGUF: the two elements of a rotary pair are neighbours."""
    half = rows.shape[0] // heads // 2
    order = [h * 2 * half + j * half + i for h in range(heads) for i in range(half) for j in (0, 1)]
    return rows[order]


def write(
    path,
    tensors: dict[str, np.ndarray],
    architecture: str = "llama",
    shape: Shape = SHAPE,
    encoding: gguf.GGMLQuantizationType | None = None,
) -> None:
    """Q and K come in the half-split order. `encoding` is that of the tensors given as bytes."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(shape.layers)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(EPSILON)
    tokens, merges = vocabulary()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * (len(tokens) - 1) + [3])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(len(tokens) - 1)
    for name, tensor in tensors.items():
        if "attn_q" in name or "attn_k" in name:
            tensor = interleave(tensor, shape.heads if "attn_q" in name else shape.kv_heads)
        encoded = encoding if tensor.dtype == np.uint8 else None
        writer.add_tensor(name, np.ascontiguousarray(tensor), raw_dtype=encoded)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_folder(
    path, tensors: dict[str, np.ndarray], files: int = 2, dtype: str = "F32", **config
):
    """The same model as a Hugging Face folder of several safetensors files."""
    path.mkdir()
    inner = {
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_output": "self_attn.o_proj",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
        "attn_norm": "input_layernorm",
        "ffn_norm": "post_attention_layernorm",
    }
    outer = {
        "token_embd.weight": "model.embed_tokens.weight",
        "output_norm.weight": "model.norm.weight",
        "output.weight": "lm_head.weight",
    }
    named = {}
    for name, tensor in tensors.items():
        if name in outer:
            named[outer[name]] = tensor
        else:
            _, layer, part, _ = name.split(".")
            named[f"model.layers.{layer}.{inner[part]}.weight"] = tensor
    stored = {
        "F32": lambda t: t,
        "F16": np.float16,
        "BF16": lambda t: (t.view("<u4") >> 16).astype("<u2"),
    }
    for index in range(files):
        header, body = {}, b""
        for name in list(named)[index::files]:
            raw = np.asarray(stored[dtype](named[name])).tobytes()
            offsets = [len(body), len(body) + len(raw)]
            header[name] = {"dtype": dtype, "shape": named[name].shape, "data_offsets": offsets}
            body += raw
        text = json.dumps(header).encode()
        part = path / f"model-{index + 1:05}-of-{files:05}.safetensors"
        part.write_bytes(struct.pack("<Q", len(text)) + text + body)
    shape = {
        "model_type": "llama",
        "num_hidden_layers": LAYERS,
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIM,
        "vocab_size": len(vocabulary()[0]),
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "tie_word_embeddings": "output.weight" not in tensors,
    }
    (path / "config.json").write_text(json.dumps(shape | config))
