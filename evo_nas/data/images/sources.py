"""What `images` in [data] may name: a folder a class, a folder of idx files, an idx file, or npz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import DataSettings
from evo_nas.data.columns import Column, TextColumn
from evo_nas.data.dataset import Dataset, ImageArray
from evo_nas.data.images.arrays import as_pixels, holds_images, in_asked_look
from evo_nas.data.images.assembly import ImageRows, class_task, image_dataset
from evo_nas.data.images.folder_data import load_class_folders
from evo_nas.data.images.idx_files import is_idx_of_images, labels_beside, read_idx
from evo_nas.data.images.progress import Watcher
from evo_nas.data.in_memory import target_column
from evo_nas.data.npz_files import read_npz
from evo_nas.errors import UserError

TRAIN, TEST = "train", "t10k"
"""How the names of MNIST's files begin."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """images: as they came, see `as_pixels`. labels: of any kind that a target may have [rows]. is_class: are labels
    certainly classes, though they are numbers?"""

    images: NDArray[Any]
    labels: NDArray[Any]
    is_class: bool = False


def load_images(settings: DataSettings, *, base: Path, watcher: Watcher) -> Dataset:
    """The data set of `images` and `test_images`. base: the folder that relative paths are relative to.

    Raises UserError, with the place, for everything that cannot be learnt from.
    """
    assert settings.images is not None, "asked for by whoever has images"
    path = base / settings.images
    test = base / settings.test_images if settings.test_images is not None else None
    if path.is_dir() and not idx_files_of(path):
        return load_class_folders(settings, path, test, watcher)
    parts = [*_parts(path)]
    if test is not None:
        parts = [parts[0], _single(test)]
    return dataset_of(path.name.split(".")[0], parts, settings, where=str(path))


def dataset_of(
    name: str, parts: Sequence[LabelledImages], settings: DataSettings, *, where: str, names: Sequence[str] = ()
) -> Dataset:
    """A data set of images to learn from and, where there is a second part, of test images.

    names: of the classes, where the labels are indices into them. Raises UserError as `image_dataset` does, and where
    the parts do not fit together.
    """
    pixels = [in_asked_look(as_pixels(part.images, where=where), settings) for part in parts]
    for part, images in zip(parts, pixels, strict=True):
        _check_fitting(part, images, pixels[0], where=where)
    labels = np.concatenate([part.labels for part in parts])
    rows = ImageRows(_joined(pixels), _target(labels, names, where=where), sum(map(len, pixels[1:])))
    task = settings.task or (class_task(len(np.unique(labels))) if parts[0].is_class else None)
    return image_dataset(name, rows, task=task, fit=settings.fit, where=where)


def idx_files_of(folder: Path) -> list[Path]:
    """The idx files of images in a folder, that of the images to learn from first."""
    found = [path for path in folder.iterdir() if is_idx_of_images(path) and path.is_file()]
    train = [path for path in found if path.name.startswith(TRAIN)]
    return [*train[:1], *(path for path in found if path.name.startswith(TEST))][: 2 if train else 0]


def _parts(path: Path) -> list[LabelledImages]:
    if path.is_dir():
        return [_from_idx(file) for file in idx_files_of(path)]
    return [_single(path)]


def _single(path: Path) -> LabelledImages:
    if is_idx_of_images(path):
        return _from_idx(path)
    if path.suffix == ".npz":
        return _from_npz(path)
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; check the path")
    raise UserError(
        f"{path}: expected a folder with a folder of images for each class, an idx file with images-idx3 in its name, "
        f"or an npz file with x and y"
    )


def _from_idx(path: Path) -> LabelledImages:
    return LabelledImages(read_idx(path, 3), read_idx(labels_beside(path), 1), is_class=True)


def _from_npz(path: Path) -> LabelledImages:
    arrays = read_npz(path)
    images, labels = arrays.get("x", arrays.get("X")), arrays.get("y")
    if images is None or labels is None or labels.ndim != 1 or not holds_images(images):
        shapes = ", ".join(f"{key} {array.shape}" for key, array in arrays.items()) or "none"
        raise UserError(
            f"{path}: expected the arrays x [rows, height, width] or [rows, height, width, channels] and y [rows], "
            f"got {shapes}"
        )
    return LabelledImages(images, labels)


def _target(labels: NDArray[Any], names: Sequence[str], *, where: str) -> Column:
    if names:
        return TextColumn("target", labels.astype(np.int32), tuple(names))
    return target_column(labels, "target", where=where)


def _joined(pixels: Sequence[ImageArray]) -> ImageArray:
    if len(pixels) == 1:
        return pixels[0]
    joined = np.concatenate(pixels)
    joined.setflags(write=False)
    return joined


def _check_fitting(part: LabelledImages, images: ImageArray, first: ImageArray, *, where: str) -> None:
    if part.labels.shape != (len(images),):
        raise UserError(
            f"{where}: there are {len(images)} images and labels of shape {part.labels.shape}; expected one an image"
        )
    if images.shape[1:] != first.shape[1:]:
        raise UserError(
            f"{where}: images are of shape {first.shape[1:]} and test images of shape {images.shape[1:]}; give "
            f"image_size and colour in [data]"
        )
