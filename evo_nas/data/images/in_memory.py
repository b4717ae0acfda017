"""Images that are handed over in Python."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evo_nas.config import Task
from evo_nas.data.dataset import Dataset
from evo_nas.data.images.arrays import as_pixels
from evo_nas.data.images.assembly import ImageRows, image_dataset
from evo_nas.data.in_memory import target_column
from evo_nas.data.pixel_files import ImageArray
from evo_nas.errors import UserError


def dataset_from_images(
    x: ArrayLike,
    y: ArrayLike,
    *,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    target_name: str = "target",
    task: Task | None = None,
    name: str = "images",
) -> Dataset:
    """A data set from images, see `as_pixels`, and y [rows]. A read-only array, such as an npy file that numpy opened
    with `mmap_mode="r"`, is not copied.

    test: images and labels that no choice shall see; without them test rows are divided off, as `test_fraction` says.
    task: guessed from y where None. Raises UserError for shapes that do not fit, and for what a loaded file is refused.
    """
    pixels, target = _checked(x, y, name)
    if test is None:
        rows = ImageRows(pixels, target_column(target, target_name, where=name))
        return image_dataset(name, rows, task=task, fit="stretch", where=name)
    test_pixels, test_target = _checked(*test, name)
    if test_pixels.shape[1:] != pixels.shape[1:]:
        raise UserError(f"{name}: images are of shape {pixels.shape[1:]}, test images of {test_pixels.shape[1:]}")
    both = np.concatenate([pixels, test_pixels])
    both.setflags(write=False)
    column = target_column(np.concatenate([target, test_target]), target_name, where=name)
    return image_dataset(name, ImageRows(both, column, len(test_pixels)), task=task, fit="stretch", where=name)


def _checked(x: ArrayLike, y: ArrayLike, name: str) -> tuple[ImageArray, np.ndarray[tuple[int, ...], np.dtype]]:
    images, target = np.asanyarray(x), np.asarray(y)
    if target.shape != images.shape[:1]:
        raise UserError(
            f"{name}: expected images [rows, ...] and y [rows], got shapes {images.shape} and {target.shape}"
        )
    return as_pixels(images, where=name), target
