"""Saved data sets: equal when read, refused when damaged, whole or not there at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evo_nas.atomic import fill_atomically
from evo_nas.data import Dataset, Schema, load_dataset, save_dataset
from evo_nas.errors import UserError

SCHEMA = Schema(("a", "b"), ("c",), (("x", "ü"),), "y", ("no", "yes"), "binary")


def made(name: str = "made", *, corner: float = 1.0, schema: Schema = SCHEMA) -> Dataset:
    numeric = np.array([[corner, 2.0], [np.nan, -0.0], [3.0, 1e-300]])
    return Dataset(name, schema, numeric, np.array([[0], [1], [-1]], dtype=np.int32), np.array([0, 1, 0]))


def test_round_trip(tmp_path: Path) -> None:
    data = made("größe")
    save_dataset(data, tmp_path / "data.npz")
    read = load_dataset(tmp_path / "data.npz")
    assert (read.name, read.schema, read.fingerprint) == (data.name, data.schema, data.fingerprint)
    for attribute in ("numeric", "categorical", "target"):
        before, after = getattr(data, attribute), getattr(read, attribute)
        assert before.dtype == after.dtype
        np.testing.assert_array_equal(before, after)
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]


@settings(max_examples=40, deadline=None)
@given(numeric=arrays.arrays(np.float64, (4, 3)), target=arrays.arrays(np.float64, 4, elements=st.floats(-9, 9)))
def test_any_bits_come_back(tmp_path_factory: pytest.TempPathFactory, numeric: np.ndarray, target: np.ndarray) -> None:
    schema = Schema(("a", "b", "c"), (), (), "y", (), "regression")
    data = Dataset("any", schema, numeric, np.empty((4, 0), dtype=np.int32), target)
    path = tmp_path_factory.mktemp("archive") / "data.npz"
    save_dataset(data, path)
    read = load_dataset(path)
    assert read.numeric.tobytes() == data.numeric.tobytes()
    assert read.fingerprint == data.fingerprint


def test_fingerprint_is_of_the_content() -> None:
    fingerprint = made().fingerprint
    assert len(bytes.fromhex(fingerprint)) == 16
    assert made("another name").fingerprint == fingerprint
    assert made(corner=np.nextafter(1.0, 2.0)).fingerprint != fingerprint
    for change in ({"classes": ("yes", "no")}, {"numeric_names": ("b", "a")}, {"target_name": "z"}):
        schema = Schema.from_json(SCHEMA.to_json() | change)
        assert made(schema=schema).fingerprint != fingerprint


def test_equal_numbers_have_equal_fingerprints() -> None:
    # 0.0 equals -0.0, and NaN is NaN whatever its bits are.
    other_nan = np.array([0xFFF8000000000001], dtype=np.uint64).view(np.float64)[0]
    numeric = np.array([[1.0, 2.0], [other_nan, 0.0], [3.0, 1e-300]])
    same = Dataset("made", SCHEMA, numeric, made().categorical, made().target)
    assert same.fingerprint == made().fingerprint


def test_known_fingerprint() -> None:
    # Stored outcomes are found by it: it may not change from one version to the next.
    assert made().fingerprint == "fb0c3d1c49d7bad431b16ed765c4862d"


def test_missing_foreign_and_cut_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with pytest.raises(UserError, match="no such file"):
        load_dataset(path)
    save_dataset(made(), path)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        path.write_bytes(whole[:cut])
        with pytest.raises(UserError, match="cannot be read as npz"):
            load_dataset(path)
    np.savez(path, x=np.zeros(3))
    with pytest.raises(UserError, match="not a saved data set"):
        load_dataset(path)


def test_every_changed_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    save_dataset(made(), path)
    whole = path.read_bytes()
    noticed = 0
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            assert load_dataset(path).fingerprint == made().fingerprint
        except UserError:
            noticed += 1
    assert noticed > len(whole) / 2


def test_changed_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    save_dataset(made(), path)
    with np.load(path) as archive:
        members = dict(archive)
    members["numeric"][0, 0] = 5.0
    np.savez(path, **members)
    with pytest.raises(UserError, match="the content has changed since it was saved"):
        load_dataset(path)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, header=np.array([print], dtype=object))
    with pytest.raises(UserError, match="holds objects"):
        load_dataset(path)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    save_dataset(made(), path)
    before = path.read_bytes()

    def full_disk(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fill_atomically(path, full_disk)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["data.npz"]


@pytest.mark.parametrize(
    ("change", "error"), [({"task": "guess"}, ValueError), ({"classes": None}, TypeError), ({}, KeyError)]
)
def test_schema_refuses_what_is_none(change: dict[str, object], error: type[Exception]) -> None:
    data = SCHEMA.to_json() | change
    if not change:
        del data["task"]
    with pytest.raises(error):
        Schema.from_json(data)
    assert Schema.from_json(SCHEMA.to_json()) == SCHEMA
