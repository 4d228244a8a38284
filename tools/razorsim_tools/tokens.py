# SPDX-License-Identifier: Apache-2.0
"""Text to token ids and back, by the vocabulary of the model itself.

A vocabulary comes from a GGUF file, a Hugging Face folder (or its tokenizer.json), or a
SentencePiece model. Special tokens written out in a text are plain text unless asked otherwise: a
text to measure perplexity on must not be able to switch them on. No BOS is added unless asked.

GGUF tells the kind of its vocabulary in `tokenizer.ggml.model` and, for byte-level BPE, the rule
that splits text into words in `tokenizer.ggml.pre` (source: llama.cpp, src/llama-vocab.cpp).
"""

from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from . import gguf_metadata
from .errors import FileProblem

# Splitting rules by `tokenizer.ggml.pre`; the regular expressions are data of the models.
GPT2_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPLITS = {
    "default": (GPT2_WORDS,),
    "gpt-2": (GPT2_WORDS,),
    "smollm": (r"\p{N}", GPT2_WORDS),  # every digit is a word of its own
    "llama-bpe": (LLAMA3_WORDS,),
    "llama3": (LLAMA3_WORDS,),
}
CONTROL = 3  # tokenizer.ggml.token_type of special tokens


class VocabularyError(FileProblem):
    """A vocabulary that cannot be read or is of an unknown kind."""


class Vocabulary:
    """encode/decode over a `tokenizers` tokenizer."""

    def __init__(self, tokenizer: Tokenizer, bos: int | None = None, eos: int | None = None):
        self.tokenizer, self.bos, self.eos = tokenizer, bos, eos

    def encode(self, text: str, bos: bool = False, special: bool = False) -> list[int]:
        self.tokenizer.encode_special_tokens = not special
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        if bos and self.bos is None:
            raise VocabularyError("this vocabulary names no BOS token")
        return [self.bos, *ids] if bos else ids

    def decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=False)


class SentencePieceVocabulary:
    """The same over a SentencePiece model."""

    def __init__(self, path: Path):
        import sentencepiece

        self.processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.bos, self.eos = self.processor.bos_id(), self.processor.eos_id()

    def encode(self, text: str, bos: bool = False, special: bool = False) -> list[int]:
        if special:
            raise VocabularyError("a SentencePiece model has no special tokens in text")
        return self.processor.encode(text, add_bos=bos)

    def decode(self, ids: list[int]) -> str:
        return self.processor.decode(ids)


def load(path: Path):
    """The vocabulary of a GGUF file, a Hugging Face folder, tokenizer.json or tokenizer.model."""
    if path.is_dir():
        for name in ("tokenizer.json", "tokenizer.model"):
            if (path / name).is_file():
                return load(path / name)
        raise VocabularyError(f"{path}: neither tokenizer.json nor tokenizer.model in it")
    try:
        if path.suffix == ".json":
            tokenizer = Tokenizer.from_file(str(path))
            bos = next(
                (
                    i
                    for t in ("<s>", "<|begin_of_text|>", "<|im_start|>")
                    if (i := tokenizer.token_to_id(t)) is not None
                ),
                None,
            )
            return Vocabulary(tokenizer, bos)
        if path.suffix == ".model":
            return SentencePieceVocabulary(path)
        return from_gguf(path)
    except VocabularyError:
        raise
    except Exception as error:  # the readers raise bare Exception for a file they cannot parse
        raise VocabularyError(f"{path}: not a readable vocabulary ({error})") from error


def from_gguf(path: Path) -> Vocabulary:
    get = gguf_metadata.read(path).get
    kind, pieces = get("tokenizer.ggml.model"), get("tokenizer.ggml.tokens")
    if kind == "gpt2":
        tokenizer = byte_level_bpe(
            pieces, get("tokenizer.ggml.merges"), get("tokenizer.ggml.pre", "default")
        )
    elif kind == "llama":
        tokenizer = sentencepiece_bpe(
            pieces, get("tokenizer.ggml.scores"), get("tokenizer.ggml.add_space_prefix", True)
        )
    else:
        raise VocabularyError(f"{path}: tokenizer {kind!r}; 'gpt2' and 'llama' are implemented")
    types = get("tokenizer.ggml.token_type", [])
    tokenizer.add_special_tokens([p for p, t in zip(pieces, types, strict=False) if t == CONTROL])
    return Vocabulary(
        tokenizer, get("tokenizer.ggml.bos_token_id"), get("tokenizer.ggml.eos_token_id")
    )


def byte_level_bpe(pieces, merges, pre) -> Tokenizer:
    """GPT-2's BPE over bytes."""
    if pre not in SPLITS:
        raise VocabularyError(f"pre-tokenizer {pre!r}; implemented: {', '.join(SPLITS)}")
    tokenizer = Tokenizer(
        models.BPE(
            vocab={p: i for i, p in enumerate(pieces)},
            merges=[tuple(m.split(" ", 1)) for m in merges],
            # Llama-3's vocabulary has words its merges do not reach.
            ignore_merges=pre in ("llama-bpe", "llama3"),
        )
    )
    splits = [pre_tokenizers.Split(Regex(rule), "isolated") for rule in SPLITS[pre]]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def sentencepiece_bpe(pieces, scores, space_prefix) -> Tokenizer:
    """SentencePiece's BPE: the pair whose union scores best merges first, bytes as a fallback."""
    ids = {p: i for i, p in enumerate(pieces)}
    merges = [
        (scores[i], piece[:cut], piece[cut:])
        for i, piece in enumerate(pieces)
        for cut in range(1, len(piece))
        if piece[:cut] in ids and piece[cut:] in ids
    ]
    merges.sort(key=lambda m: (-m[0], ids[m[1]], ids[m[2]]))
    tokenizer = Tokenizer(
        models.BPE(
            vocab=ids,
            merges=[m[1:] for m in merges],
            unk_token="<unk>" if "<unk>" in ids else None,
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    prefix = [normalizers.Prepend("▁")] if space_prefix else []
    tokenizer.normalizer = normalizers.Sequence([*prefix, normalizers.Replace(" ", "▁")])
    strip = [decoders.Strip(" ", 1, 0)] if space_prefix else []
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
    )
    return tokenizer
