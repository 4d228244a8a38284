# SPDX-License-Identifier: Apache-2.0
"""Vocabularies from GGUF, tokenizer.json and SentencePiece give their own libraries' ids."""

import json

import gguf
import pytest
import tiny_model as tiny
from razorsim_tools import cli, gguf_metadata, tokens
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

PROSE = (
    "It was the best of times, it was the worst of times; it was the age of wisdom. "
    "Call me Ishmael, some years ago. The cat sat on the mat, and the dog ate 12345 bones.\n"
    "  Two spaces, a tab\tand naïve café: it's we'll they'd!\n\n"
)


@pytest.fixture
def model(tmp_path):
    tiny.write(tmp_path / "tiny.gguf", {})
    return tmp_path / "tiny.gguf"


def test_merges_and_bytes(model):
    vocabulary = tokens.load(model)
    ids = vocabulary.encode("the an é")
    pieces = [tiny.vocabulary()[0][i] for i in ids]
    assert pieces == ["the", "Ġan", "Ġ", "Ã", "©"]
    assert vocabulary.decode(ids) == "the an é"
    assert vocabulary.decode(vocabulary.encode(PROSE)) == PROSE


def test_special_tokens_are_text_unless_asked(model):
    vocabulary = tokens.load(model)
    end = len(tiny.vocabulary()[0]) - 1
    assert end not in vocabulary.encode("a<|end|>")
    assert vocabulary.encode("a<|end|>", special=True)[-1] == end
    assert vocabulary.encode("a", bos=True)[0] == end


@pytest.mark.parametrize("pre", ("gpt-2", "smollm", "llama-bpe"))
def test_byte_level_vocabulary_equals_the_trained_tokenizer(tmp_path, pre):
    """A tokenizer trained on prose, through GGUF and back."""
    # Built from tokenizers' own components where it has one for the rule, as the models' own
    # tokenizer.json files are.
    if pre == "llama-bpe":
        split = pre_tokenizers.Split(tokens.Regex(tokens.LLAMA3_WORDS), "isolated")
        rules = [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    else:
        digits = [pre_tokenizers.Digits(individual_digits=True)] if pre == "smollm" else []
        rules = [*digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Sequence(rules)
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(
        [PROSE] * 3, trainers.BpeTrainer(vocab_size=330, initial_alphabet=alphabet)
    )
    state = json.loads(trained.to_str())["model"]
    pieces = sorted(state["vocab"], key=state["vocab"].get)

    writer = gguf.GGUFWriter(tmp_path / "v.gguf", "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(pieces)
    writer.add_token_types([1] * len(pieces))
    writer.add_token_merges([" ".join(m) for m in state["merges"]])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    text = PROSE + "unseen words: zebra 007 — ok?  \n"
    assert tokens.load(tmp_path / "v.gguf").encode(text) == trained.encode(text).ids

    trained.save(str(tmp_path / "tokenizer.json"))
    assert tokens.load(tmp_path).encode(text) == trained.encode(text).ids


def test_sentencepiece_vocabulary_in_gguf_equals_sentencepiece(tmp_path):
    sentencepiece = pytest.importorskip("sentencepiece")
    (tmp_path / "prose.txt").write_text(PROSE * 4)
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "prose.txt"),
        model_prefix=str(tmp_path / "tokenizer"),
        model_type="bpe",
        vocab_size=360,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
    )
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model"))
    size = theirs.get_piece_size()
    writer = gguf.GGUFWriter(tmp_path / "v.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list([theirs.id_to_piece(i) for i in range(size)])
    writer.add_token_scores([theirs.get_score(i) for i in range(size)])
    writer.add_token_types(
        [6 if theirs.is_byte(i) else 3 if i in (1, 2) else 1 for i in range(size)]
    )
    writer.add_bos_token_id(theirs.bos_id())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ours = tokens.load(tmp_path / "v.gguf")
    for text in ("the cat sat on the mat", "zebra — 007?", PROSE.replace("\n", " ").strip()):
        assert ours.encode(text, bos=True) == theirs.encode(text, add_bos=True)
        assert ours.decode(ours.encode(text)) == text
        assert tokens.load(tmp_path).encode(text) == theirs.encode(text)


def test_command(model, tmp_path, capsys):
    (tmp_path / "t.txt").write_text("the an")
    arguments = ["tokenize", "--model", str(model), "--text", str(tmp_path / "t.txt")]
    assert cli.main(arguments) == 0
    ids = json.loads(capsys.readouterr().out)
    assert cli.main([*arguments, "--count"]) == 0
    assert capsys.readouterr().out == f"{len(ids)}\n"
    assert cli.main([*arguments, "--max-tokens", "1", "--out", str(tmp_path / "ids.json")]) == 0
    assert json.loads((tmp_path / "ids.json").read_text()) == ids[:1]
    assert (
        cli.main(
            ["tokenize", "--model", str(model), "--decode", "--text", str(tmp_path / "ids.json")]
        )
        == 0
    )
    assert capsys.readouterr().out == "the\n"


def test_broken_files_are_one_line_and_exit_code_3(tmp_path, capsys):
    for name in ("m.gguf", "tokenizer.json", "tokenizer.model"):
        (tmp_path / name).write_bytes(b"\x00garbage")
        assert (
            cli.main(["tokenize", "--model", str(tmp_path / name), "--text", str(tmp_path / name)])
            == 3
        )
    assert cli.main(["tokenize", "--model", str(tmp_path / "absent"), "--text", "-"]) == 3
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 4


def test_text_that_is_not_utf8_is_refused(model, tmp_path, capsys):
    (tmp_path / "t.txt").write_bytes(b"abc\xff")
    assert cli.main(["tokenize", "--model", str(model), "--text", str(tmp_path / "t.txt")]) == 3
    assert "not UTF-8" in capsys.readouterr().err


def test_metadata_is_what_the_gguf_package_reads(model):
    read = gguf_metadata.read(model)
    fields = gguf.GGUFReader(model).fields
    assert {k: f.contents() for k, f in fields.items() if not k.startswith("GGUF.")} == read


def test_metadata_cut_anywhere_is_refused(model, tmp_path):
    whole = model.read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in (0, 3, 4, 20, 100, 1000):
        cut.write_bytes(whole[:length])
        with pytest.raises(tokens.VocabularyError):
            tokens.load(cut)
    cut.write_bytes(whole[:16] + b"\xff" * 8 + whole[24:])  # more keys than a file can hold
    with pytest.raises(tokens.VocabularyError):
        tokens.load(cut)
