"""Arrays of any usual kind as pixels, in the size and the colours that are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import DataSettings
from evo_nas.data.dataset import ImageArray
from evo_nas.data.images.look import Look
from evo_nas.data.pixel_files import in_pieces
from evo_nas.errors import UserError


def holds_images(x: NDArray[Any]) -> bool:
    """Are rows of this array images [rows, height, width] or [rows, height, width, channels], not rows of a table?"""
    return x.ndim in (3, 4)


def as_pixels(x: NDArray[Any], *, where: str) -> ImageArray:
    """uint8 [rows, height, width, channels] of images with or without a channel axis; uint8 is not copied.

    Numbers with a point are taken as 0 to 1 where none is above 1, else as 0 to 255; whole numbers as 0 to 255.
    Raises UserError for other shapes, channels and ranges.
    """
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim != 4 or x.shape[3] not in (1, 3) or 0 in x.shape[1:]:
        raise UserError(
            f"{where}: expected images [rows, height, width] or [rows, height, width, channels] with 1 or 3 channels, "
            f"got the shape {x.shape}; numpy.moveaxis(x, 1, -1) brings channels to the end"
        )
    if x.dtype == np.uint8:
        return x
    if x.dtype.kind not in "biuf":
        raise UserError(f"{where}: expected images of uint8 or of numbers from 0 to 1 or 255, got {x.dtype}")
    return _rounded(x, _scale(x, where=where))


def _scale(x: NDArray[Any], *, where: str) -> float:
    if x.dtype.kind == "b" or not x.size:
        return 255.0
    low, high = float(x.min()), float(x.max())
    if not 0.0 <= low <= high <= 255.0:  # which NaN is not, either
        raise UserError(
            f"{where}: expected values of pixels from 0 to 1 or from 0 to 255, got some from {low:g} to {high:g}; "
            f"undo any scaling of your own"
        )
    return 255.0 if x.dtype.kind == "f" and high <= 1.0 else 1.0


def _rounded(x: NDArray[Any], scale: float) -> ImageArray:
    pixels = np.empty(x.shape, dtype=np.uint8)
    rows = 256
    for start in range(0, len(x), rows):
        pixels[start : start + rows] = np.rint(x[start : start + rows].astype(np.float64) * scale)
    pixels.setflags(write=False)
    return pixels


def in_asked_look(pixels: ImageArray, settings: DataSettings) -> ImageArray:
    """The images in the size and the colours that settings ask for; themselves where they have them."""
    _, height, width, channels = pixels.shape
    wanted = {"auto": channels, "grey": 1, "colour": 3}[settings.colour]
    height, width = settings.image_size or (height, width)
    return in_look(pixels, Look(height, width, wanted, settings.fit))


def in_look(pixels: ImageArray, look: Look) -> ImageArray:
    """uint8 [rows, *look.shape], each image changed as one from a file is."""
    if pixels.shape[1:] == look.shape:
        return pixels
    from PIL import Image

    from evo_nas.data.images.decoding import pixels_of

    changed = np.empty((len(pixels), *look.shape), dtype=np.uint8)
    row = 0
    for piece in in_pieces(pixels):
        for image in piece:
            changed[row] = pixels_of(Image.fromarray(image[..., 0] if image.shape[2] == 1 else image), look)
            row += 1
    changed.setflags(write=False)
    return changed
