"""Images to predict: brought to the size and the colours of the data that were learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.data.dataset import ImageArray, Schema
from evo_nas.data.images.arrays import as_pixels, in_look
from evo_nas.data.images.bad_images import BadImage, UnreadableImage, refusal, shown
from evo_nas.data.images.class_folders import list_images
from evo_nas.data.images.decoding import hostile_images_refused, read_pixels
from evo_nas.data.images.in_threads import in_threads
from evo_nas.data.images.look import Look
from evo_nas.errors import UserError


def image_paths(path: Path) -> tuple[Path, ...]:
    """An image file alone, or the image files of a folder and of those below it, by name.

    Raises UserError where there is no such thing, no image in it, or one that cannot be taken (see `ClassFolders`).
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; give an image, or a folder of images")
    if not path.is_dir():
        return (path,)
    found = list_images(path)
    if found.bad:
        raise refusal(found.bad, where=str(path), remedy="mend or remove them")
    if not found.files:
        raise UserError(f"{path}: holds no images to predict; their names end in .jpg, .png and the like")
    return tuple(each.path for each in found.files)


def read_images(paths: Sequence[Path], schema: Schema) -> ImageArray:
    """uint8 [len(paths), *schema.image_shape]: each decoded, turned, coloured and resized as those learnt from.

    Raises UserError that names all images which cannot be read.
    """
    look = _look(schema)
    pixels = np.empty((len(paths), *look.shape), dtype=np.uint8)
    bad = []

    def read(path: Path) -> ImageArray | str:
        try:
            return read_pixels(path, look)
        except UnreadableImage as reason:
            return str(reason)

    with hostile_images_refused():
        for row, (path, result) in enumerate(zip(paths, in_threads(read, paths), strict=True)):
            if isinstance(result, str):
                bad.append(BadImage(shown(path), result))
            else:
                pixels[row] = result
    if bad:
        raise refusal(bad, where="images to predict", remedy="mend or remove them")
    return pixels


def images_from_array(x: NDArray[Any], schema: Schema, *, where: str = "images to predict") -> ImageArray:
    """uint8 [rows, *schema.image_shape] of images in an array, see `as_pixels`. Raises UserError as it does, and for a
    single image, which would else be taken for as many as it is high.
    """
    if x.shape == schema.image_shape:
        raise UserError(f"{where}: expected images [rows, ...], got one of shape {x.shape}; give image[None]")
    return in_look(as_pixels(x, where=where), _look(schema))


def _look(schema: Schema) -> Look:
    if schema.image_shape is None:
        raise UserError("images to predict: this model was trained on the rows of a table; give a CSV file")
    return Look(*schema.image_shape, schema.image_fit)
