"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017) from its idx files: images of 28 x 28 grey pixels in ten classes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.errors import UserError

_HEADER_BYTES = {"images-idx3": 16, "labels-idx1": 8}


def fashion_images(num_rows: int) -> Dataset:
    """The first training images, each a row of 784 numbers in [0, 1]. Raises UserError where the files are missing."""
    return _dataset("train", num_rows)


def fashion_test_images(num_rows: int) -> Dataset:
    """The first of the 10,000 images that the authors keep apart, in the same form."""
    return _dataset("t10k", num_rows)


def _dataset(part: str, num_rows: int) -> Dataset:
    images = _read(part, "images-idx3").reshape(-1, 784)[:num_rows]
    labels = _read(part, "labels-idx1")[:num_rows]
    return dataset_from_arrays(images / 255.0, labels.astype(str), task="multiclass", name="fashion_mnist")


def _read(part: str, kind: str) -> NDArray[np.uint8]:
    folder = Path(os.environ.get("EVO_NAS_DATA", "../shared/data")) / "fashion_mnist"
    path = folder / f"{part}-{kind}-ubyte.gz"
    if not path.is_file():
        raise UserError(f"{path}: no such file; set EVO_NAS_DATA to a folder that holds fashion_mnist/{path.name}")
    return np.frombuffer(gzip.decompress(path.read_bytes()), dtype=np.uint8, offset=_HEADER_BYTES[kind])
