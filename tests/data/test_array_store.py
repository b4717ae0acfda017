"""Arrays on disk: what is read is what was written, or nothing; and no more is kept than was allowed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.data import ArrayStore
from evo_nas.data.array_store import HEADER

ARRAYS = {
    "inputs": np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32),
    "truth": np.arange(9),
    "nothing": np.empty((0, 3), dtype=np.float32),
}
BESIDE = {"task": "binary", "mean": 0.1}
PLENTY = 2**20


@pytest.fixture
def store(tmp_path: Path) -> ArrayStore:
    return ArrayStore(tmp_path / "rows", PLENTY)


def test_what_is_read_is_what_was_written(store: ArrayStore) -> None:
    assert store.read("a") is None
    store.write("a", ARRAYS, BESIDE)
    found = store.read("a")
    assert found is not None
    arrays, beside = found
    assert beside == BESIDE
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert arrays[name].tobytes() == array.tobytes()
    assert [path.name for path in store.folder.iterdir()] == ["a"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


def pickle_it(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([{}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink, pickle_it])
@pytest.mark.parametrize("name", ["inputs.npy", HEADER])
def test_what_is_damaged_is_missing_and_written_again(store: ArrayStore, name: str, damage: Any) -> None:
    store.write("a", ARRAYS, BESIDE)
    damage(store.folder / "a" / name)
    assert store.read("a") is None
    store.write("a", ARRAYS, BESIDE)
    assert store.read("a") is not None


@pytest.mark.parametrize("content", ["[]", "{}", '{"hashes": 3, "beside": {}}', '{"hashes": {"truth": "00"}}', "\x00"])
def test_a_foreign_header(store: ArrayStore, content: str) -> None:
    store.write("a", ARRAYS, BESIDE)
    (store.folder / "a" / HEADER).write_text(content)
    assert store.read("a") is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    one = ArrayStore(tmp_path, PLENTY)
    one.write("probe", ARRAYS, BESIDE)
    size = sum(file.stat().st_size for file in (tmp_path / "probe").iterdir())
    store = ArrayStore(tmp_path, 3 * size)
    for number, key in enumerate(["probe", "b", "c"]):
        store.write(key, ARRAYS, BESIDE)
        os.utime(tmp_path / key / HEADER, (1000 + number, 1000 + number))
    assert store.read("probe") is not None  # used just now
    store.write("d", ARRAYS, BESIDE)
    assert {path.name for path in tmp_path.iterdir()} == {"probe", "c", "d"}
    ArrayStore(tmp_path, 1).write("e", ARRAYS, BESIDE)
    assert {path.name for path in tmp_path.iterdir()} == {"e"}, "what was just written stays, however small the limit"


def test_a_disk_that_refuses_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ArrayStore(tmp_path / "file" / "rows", PLENTY)
    store.write("a", ARRAYS, BESIDE)
    assert store.read("a") is None


def test_an_entry_that_another_process_wrote_first_is_as_good(store: ArrayStore, monkeypatch: Any) -> None:
    """Between the removal and the renaming the other's entry appears."""
    rename = Path.rename

    def late(path: Path, target: Path) -> Path:
        if path.name.startswith("."):
            monkeypatch.setattr(Path, "rename", rename)
            store.write("a", ARRAYS, {"by": "the other"})
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    store.write("a", ARRAYS, {"by": "this one"})
    found = store.read("a")
    assert found is not None
    assert found[1] == {"by": "the other"}
    assert [path.name for path in store.folder.iterdir()] == ["a"]
