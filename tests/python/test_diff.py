# SPDX-License-Identifier: Apache-2.0
"""razorsim-tools diff: the first element that differs, by name, index and both values."""

import numpy as np
import pytest
from razorsim_tools import cli
from razorsim_tools.diff import first_difference
from safetensors.numpy import save_file


def tensors():
    return {
        "accumulators": np.arange(12, dtype=np.int64).reshape(3, 4),
        "output": np.linspace(-1, 1, 5, dtype=np.float32),
    }


def written(path, made):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(made, path)
    return str(path)


def run(capsys, *words):
    code = cli.main(["diff", *words])
    out = capsys.readouterr()
    return code, out.out.splitlines(), out.err


def test_equal_files_differ_in_nothing(tmp_path, capsys):
    paths = [written(tmp_path / name, tensors()) for name in ("a.safetensors", "b.safetensors")]
    assert run(capsys, *paths) == (0, [], "")


def test_the_first_element_is_named(tmp_path, capsys):
    a = written(tmp_path / "a.safetensors", tensors())
    other = tensors()
    other["accumulators"][1, 2] = 60
    other["accumulators"][2, 3] = -1
    b = written(tmp_path / "b.safetensors", other)
    assert run(capsys, a, b) == (1, ["accumulators: [1, 2] is 6 and 60; 2 of 12 differ"], "")


def test_bits_count():
    zeros = np.zeros(2, np.float32)
    assert first_difference(zeros, -zeros) == "[0] is 0.0 and -0.0; 2 of 2 differ"
    nan = np.full(2, np.nan, np.float32)
    assert first_difference(nan, nan.copy()) is None


@pytest.mark.parametrize("other", (np.zeros((4, 3), np.int64), np.zeros((3, 4), np.int32)))
def test_shapes_and_types_must_agree(other):
    assert "int64 [3, 4] and" in first_difference(tensors()["accumulators"], other)


def test_folders_and_what_only_one_has(tmp_path, capsys):
    made = tensors()
    written(tmp_path / "a" / "x" / "q.safetensors", made)
    written(tmp_path / "a" / "only.safetensors", made)
    del made["output"]
    written(tmp_path / "b" / "x" / "q.safetensors", made)
    code, lines, _ = run(capsys, str(tmp_path / "a"), str(tmp_path / "b"))
    assert code == 1
    assert lines == [
        f"only.safetensors: only in {tmp_path / 'a'}",
        f"x/q.safetensors: output: only in {tmp_path / 'a' / 'x' / 'q.safetensors'}",
    ]


def test_other_files_are_refused(tmp_path, capsys):
    good = written(tmp_path / "a.safetensors", tensors())
    (tmp_path / "bad.safetensors").write_bytes(b"no tensors here")
    for bad in (tmp_path / "bad.safetensors", tmp_path / "none.safetensors"):
        code, lines, error = run(capsys, good, str(bad))
        assert (code, lines) == (3, [])
        assert str(bad) in error and error.count("\n") == 1
    (tmp_path / "empty").mkdir()
    code, _, error = run(capsys, str(tmp_path / "empty"), str(tmp_path / "empty"))
    assert code == 3 and "no .safetensors" in error
