# SPDX-License-Identifier: Apache-2.0
"""SmolLM2-135M itself: the C++ forward pass against the numpy one, and whether it writes sense.

`tools/setup model` fetches it (93 MB); without it these tests are skipped.
"""

import json

import numpy as np
import pytest
from built_program import ROOT, needs_program, run
from razorsim_tools import llama_reference, tokens
from razorsim_tools.schemes import parse
from safetensors.numpy import load_file

MODEL = ROOT / "build" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
DATA = ROOT / "traces" / "data"
LAST_LAYER = 29

pytestmark = [
    needs_program,
    pytest.mark.skipif(not MODEL.exists(), reason=f"no {MODEL}: tools/setup model fetches it"),
]


@pytest.fixture(scope="module")
def vocabulary():
    return tokens.load(MODEL)


@pytest.fixture(scope="module")
def model():
    return llama_reference.GgufModel(MODEL, hold=True)


def text_ids(folder, ids) -> str:
    path = folder / f"{len(ids)}.json"
    path.write_text(json.dumps(ids))
    return str(path)


@pytest.mark.parametrize("text,count", [("alice", 24), ("pride-and-prejudice", 7)])
def test_logits_of_two_implementations_agree(tmp_path, model, text, count):
    ids = json.loads((DATA / f"{text}.tokens.json").read_text())[:count]
    out = tmp_path / "t.safetensors"
    path = text_ids(tmp_path, ids)
    run(
        "capture", "--model", MODEL, "--layers", LAST_LAYER, "--head", "--tokens", count,
        "--text", path, "--calibration", path, "--out", out, "--json",
    )  # fmt: skip
    got = load_file(out)["head.output"][0]
    want = llama_reference.logits(model, ids)[-1]
    assert got.shape == want.shape == (49152,)
    assert np.abs(got - want).max() <= 1e-3 * np.abs(want).max()
    assert got.argmax() == want.argmax()


def test_perplexity_of_two_implementations_agrees(tmp_path, model):
    ids = json.loads((DATA / "pride-and-prejudice.tokens.json").read_text())[:96]
    path = text_ids(tmp_path, ids)
    answer = run(
        "eval", "--model", MODEL, "--text", path, "--calibration", path,
        "--schemes", "fp32", "--context", 48, "--max-tokens", 96, "--json",
    )  # fmt: skip
    (got,) = answer["schemes"]
    (want,) = llama_reference.evaluate(model, ids, 48, [parse("fp32")], {})
    assert got["perplexity"] == pytest.approx(want["perplexity"], rel=1e-3)
    assert 2 < got["perplexity"] < 100  # knows English, and not the text by heart


@pytest.mark.parametrize(
    "prompt,goes_on", [("The capital of France is", " Paris"), ("One, two, three, four,", " five,")]
)
def test_greedy_text_makes_sense_in_both(tmp_path, vocabulary, model, prompt, goes_on):
    ids = vocabulary.encode(prompt)
    answer = run(
        "run", "--model", MODEL, "--text", text_ids(tmp_path, ids), "--phase", "generate",
        "--prompt", len(ids), "--generate", 2, "--json",
    )  # fmt: skip
    written = [step["reference_token_id"] for step in answer["steps"]]
    assert len(written) == 2  # the prefill's, and that of one decode step
    assert written == llama_reference.greedy(model, ids, len(written))
    assert vocabulary.decode(written).startswith(goes_on)
