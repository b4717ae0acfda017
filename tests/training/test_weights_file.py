"""Weights come back to the bit, and a wrong file says what is wrong with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evo_nas.errors import UserError
from evo_nas.training.weights import load_weights, save_weights

WEIGHTS = {"hidden_1/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "hidden_1/bias": np.zeros(3, np.float32)}
SHAPES = {name: value.shape for name, value in WEIGHTS.items()}
SHAPE = arrays.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4)


@given(st.dictionaries(st.text("abc/_", min_size=1, max_size=5), arrays.arrays(np.float32, SHAPE), min_size=1))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, weights: dict[str, np.ndarray]) -> None:
    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    save_weights(weights, path)
    loaded = load_weights(path, {name: value.shape for name, value in weights.items()})
    assert {name: value.tobytes() for name, value in loaded.items()} == {
        name: value.tobytes() for name, value in weights.items()
    }


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.safetensors: no weights can be read here"):
        load_weights(tmp_path / "a.safetensors", SHAPES)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 64])
def test_not_weights(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no weights can be read here"):
        load_weights(path, SHAPES)


def test_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(WEIGHTS, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(UserError, match="no weights can be read here"):
        load_weights(path, SHAPES)


def test_a_flipped_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(WEIGHTS, path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="changed since they were saved"):
        load_weights(path, SHAPES)


def test_of_another_depth(tmp_path: Path) -> None:
    save_weights(WEIGHTS, tmp_path / "a.safetensors")
    with pytest.raises(UserError, match="another network: only one of the two has hidden_2/bias"):
        load_weights(tmp_path / "a.safetensors", {**SHAPES, "hidden_2/bias": (3,)})


def test_of_another_width(tmp_path: Path) -> None:
    save_weights(WEIGHTS, tmp_path / "a.safetensors")
    with pytest.raises(UserError, match=r"hidden_1/kernel is float32 \(2, 3\), not float32 \(4, 3\)"):
        load_weights(tmp_path / "a.safetensors", {**SHAPES, "hidden_1/kernel": (4, 3)})


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.safetensors"
    save_weights(WEIGHTS, path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_weights({"x": np.ones(1, np.float32)}, path)
    assert {name: value.tolist() for name, value in load_weights(path, SHAPES).items()} == {
        name: value.tolist() for name, value in WEIGHTS.items()
    }
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]
