"""idx files: what MNIST is published in, read whole or refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from evo_nas.data.images.idx_files import read_idx
from evo_nas.errors import UserError
from tests.data.images.conftest import Load, noise


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def images(rows: int, seed: int = 0) -> np.ndarray:
    return np.stack([noise(4, 3, seed + row, channels=1)[..., 0] for row in range(rows)])


def write_set(folder: Path, *, packed: bool) -> None:
    folder.mkdir()
    for part, rows in (("train", 6), ("t10k", 4)):
        labels = np.arange(rows, dtype=np.uint8) % 2 + 5
        for name, values in (("images-idx3", images(rows, seed=rows)), ("labels-idx1", labels)):
            content = gzip.compress(idx(values)) if packed else idx(values)
            (folder / f"{part}-{name}-ubyte{'.gz' if packed else ''}").write_bytes(content)


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_of_idx_files_comes_with_its_test_rows(tmp_path: Path, load: Load, packed: bool) -> None:
    write_set(tmp_path / "digits", packed=packed)
    data = load(images="digits")
    assert (data.name, data.task, data.classes, data.num_test) == ("digits", "binary", ("5", "6"), 4)
    np.testing.assert_array_equal(data.pixels[:6, ..., 0], images(6, seed=6))
    np.testing.assert_array_equal(data.pixels[6:, ..., 0], images(4, seed=4))
    assert data.target.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
    ending = ".gz" if packed else ""
    names = [f"digits/{part}-images-idx3-ubyte{ending}" for part in ("train", "t10k")]
    assert load(images=names[0]).num_rows == 6
    assert load(images=names[0], test_images=names[1]).fingerprint == data.fingerprint
    larger = load(images="digits", image_size=[8, 6], colour="colour")
    assert larger.input_shape == (8, 6, 3)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "images"
    whole = idx(images(2))
    huge = struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    for content, message in (
        (whole[:-1], r"expected 24 bytes for the shape \(2, 4, 3\), got another number"),
        (whole + b"x", "got another number"),
        (whole[:9], "ends within its header"),
        (huge, "got another number; it is damaged"),
        (gzip.compress(whole)[:-9], "cannot be read as an idx file"),
        (b"GIF89a", "expected an idx file of unsigned bytes with 3 axes"),
        (b"", "expected an idx file of unsigned bytes with 3 axes"),
        (idx(np.zeros(3, dtype=np.uint8)), "with 3 axes, got another kind of file"),
    ):
        path.write_bytes(content)
        with pytest.raises(UserError, match=message):
            read_idx(path, 3)
    with pytest.raises(UserError, match="no such file"):
        read_idx(tmp_path / "none", 3)


def test_labels_that_are_missing_or_too_few_are_refused(tmp_path: Path, load: Load) -> None:
    write_set(tmp_path / "digits", packed=False)
    labels = tmp_path / "digits" / "train-labels-idx1-ubyte"
    labels.write_bytes(idx(np.array([1, 2], dtype=np.uint8)))
    with pytest.raises(UserError, match=r"there are 6 images and labels of shape \(2,\); expected one an image"):
        load(images="digits")
    labels.unlink()
    with pytest.raises(UserError, match="train-labels-idx1-ubyte: no such file"):
        load(images="digits")
