"""Images beside a saved data set: equal when read, linked from the cache, refused when changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evo_nas.data import Dataset, dataset_from_images, load_dataset, save_dataset
from evo_nas.data.archive import images_beside
from evo_nas.errors import UserError
from tests.data.images.conftest import Load, noise

PIXELS = np.stack([noise(seed=seed) for seed in range(300)])
LABELS = np.arange(300) % 3


@pytest.fixture
def data() -> Dataset:
    return dataset_from_images(PIXELS, LABELS, test=(PIXELS[:9], LABELS[:9]), name="größe")


@pytest.mark.parametrize("trusted", [False, True])
def test_round_trip(tmp_path: Path, data: Dataset, trusted: bool) -> None:
    path = tmp_path / "data.npz"
    save_dataset(data, path)
    read = load_dataset(path, trusted=trusted)
    assert (read.name, read.schema, read.num_test) == (data.name, data.schema, 9)
    assert (read.fingerprint, read.images_hash) == (data.fingerprint, data.images_hash)
    np.testing.assert_array_equal(read.pixels, data.pixels)
    np.testing.assert_array_equal(read.target, data.target)
    assert isinstance(read.pixels, np.memmap)
    assert not read.pixels.flags.writeable
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "cache") == ["data.images.npy", "data.npz"]


def test_known_fingerprint(data: Dataset) -> None:
    # Stored outcomes are found by it: it may not change from one version to the next.
    assert data.fingerprint == "bef306863c8d48baf6d39e622941d746"


def test_decoded_images_are_linked_and_others_copied(animals: Path, load: Load, tmp_path: Path) -> None:
    decoded = load()
    for _ in range(2):
        save_dataset(decoded, tmp_path / "a.npz")
    assert images_beside(tmp_path / "a.npz").stat().st_nlink == 2
    np.testing.assert_array_equal(load_dataset(tmp_path / "a.npz").pixels, decoded.pixels)
    part = dataset_from_images(decoded.pixels[1:7], decoded.target[1:7])
    save_dataset(part, tmp_path / "a.npz")
    np.testing.assert_array_equal(load_dataset(tmp_path / "a.npz").pixels, decoded.pixels[1:7])
    backwards = dataset_from_images(decoded.pixels[::-1], decoded.target)
    save_dataset(backwards, tmp_path / "a.npz")
    np.testing.assert_array_equal(load_dataset(tmp_path / "a.npz").pixels, decoded.pixels[::-1])
    save_dataset(load(cache="none"), tmp_path / "b.npz")
    assert images_beside(tmp_path / "b.npz").stat().st_nlink == 1
    np.save(tmp_path / "own.npy", PIXELS)
    own = dataset_from_images(np.load(tmp_path / "own.npy", mmap_mode="r"), LABELS)
    save_dataset(own, tmp_path / "c.npz")
    assert (tmp_path / "own.npy").stat().st_nlink == 1, "its owner may write to it"
    np.testing.assert_array_equal(decoded.pixels, np.stack([noise(seed=seed) for seed in range(8)]))
    assert not list(tmp_path.glob(".*.tmp"))


def test_missing_cut_and_changed_images_are_refused(tmp_path: Path, data: Dataset) -> None:
    path = tmp_path / "data.npz"
    save_dataset(data, path)
    images = images_beside(path)
    whole = images.read_bytes()
    images.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(UserError, match="the images have changed since they were saved; restore the file"):
        load_dataset(path)
    for content in (whole[:-1], whole[:50], b""):
        images.write_bytes(content)
        with pytest.raises(UserError, match="cannot be read as images"):
            load_dataset(path, trusted=True)
    np.save(images, PIXELS)
    with pytest.raises(UserError, match="holds 300 images, expected 309"):
        load_dataset(path, trusted=True)
    np.save(images, data.pixels[..., :1])
    with pytest.raises(UserError, match="not a saved data set"):
        load_dataset(path, trusted=True)
    images.unlink()
    with pytest.raises(UserError, match=r"no such file; the images belong to data\.npz, restore it"):
        load_dataset(path)
