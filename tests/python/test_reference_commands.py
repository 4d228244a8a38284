# SPDX-License-Identifier: Apache-2.0
"""The commands around the second LLaMA, on a tiny model and as a user calls them."""

import json

import numpy as np
import pytest
import tiny_model as tiny
from razorsim_tools import cli, llama_reference

TEXT = "the quick brown fox and the lazy dog an the than a hat " * 4


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("commands")
    tiny.write(place / "m.gguf", tiny.weights())
    (place / "text.txt").write_text(TEXT)
    (place / "ids.json").write_text(json.dumps([5, 9, 200, 14, 77, 32, 32, 8]))
    return place


def evaluate(place, capsys, *options, text="text.txt"):
    words = ["reference-eval", "--model", place / "m.gguf", "--text", place / text]
    code = cli.main([str(w) for w in (*words, *options)])
    return code, capsys.readouterr()


def test_eval(place, capsys):
    code, printed = evaluate(
        place, capsys, "--calibration", place / "text.txt", "--calibration-tokens", 64,
        "--schemes", "fp32,W8A16,sdr4", "--context", 32, "--max-tokens", 100, "--json",
    )  # fmt: skip
    assert code == 0
    results = json.loads(printed.out)["schemes"]
    assert [r["scheme"] for r in results] == ["fp32", "W8A16", "sdr4"]
    assert all(r["tokens"] == 100 - 4 for r in results)  # 32 + 32 + 32 + 4 tokens
    assert results[0]["kl"] == 0 < results[1]["kl"] < results[2]["kl"]
    assert len(results[2]["layer_sqnr_db"]) == tiny.LAYERS


def test_eval_as_a_table_needs_calibration_only_for_schemes(place, capsys):
    code, printed = evaluate(place, capsys, "--context", 32)
    assert code == 0 and printed.out.splitlines()[1].startswith("fp32")
    code, printed = evaluate(place, capsys, "--schemes", "W8A16")
    assert code == 2 and "calibration" in printed.err
    code, printed = evaluate(place, capsys, "--schemes", "W8A17")
    assert code == 2 and "W8A17" in printed.err


@pytest.mark.parametrize("content", ("[1, -2]", "[1", '{"a": 1}', "[1.5]", "[true]"))
def test_ids_that_are_no_ids(place, capsys, content):
    (place / "bad.json").write_text(content)
    code, printed = evaluate(place, capsys, text="bad.json")
    assert code == 3 and "bad.json" in printed.err


def test_an_id_outside_the_vocabulary(place, capsys):
    (place / "large.json").write_text("[1, 999999]")
    code, printed = evaluate(place, capsys, text="large.json")
    assert code == 3 and "999999" in printed.err


def test_a_text_of_one_token_predicts_nothing(place, capsys):
    (place / "one.json").write_text("[1]")
    code, printed = evaluate(place, capsys, text="one.json")
    assert code == 2 and "predict" in printed.err


def test_logits(place):
    out = place / "logits.npy"
    words = ["--model", place / "m.gguf", "--text", place / "ids.json", "--out", out]
    assert cli.main(["reference-logits", *map(str, words)]) == 0
    model = llama_reference.open_model(place / "m.gguf")
    expected = llama_reference.logits(model, json.loads((place / "ids.json").read_text()))
    assert (np.load(out) == expected).all() and np.load(out).dtype == np.float32
    assert not list(place.glob("*.partial"))


def test_generate(place, capsys):
    words = ["reference-generate", "--model", str(place / "m.gguf"), "--prompt", "the an"]
    assert cli.main([*words, "--count", "3", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert len(made) == 3
    # Each is the most likely token after the text so far.
    model = llama_reference.open_model(place / "m.gguf")
    ids = [tiny.vocabulary()[0].index(piece) for piece in ("the", "Ġan")]
    for token in made:
        assert llama_reference.logits(model, ids)[-1].argmax() == token
        ids.append(token)
