"""Smaller images, by averages of squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrunk(images: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """The same images [images, height, width, channels], neither side above `longest`: squares are averaged, and what
    is left over at the right and below is cut off.
    """
    count, height, width, channels = images.shape
    square = -(-max(height, width) // longest)
    if square == 1:
        return np.array(images)
    rows, columns = height // square or 1, width // square or 1
    cut = images[:, : rows * square, : columns * square]
    tall, wide = cut.shape[1] // rows, cut.shape[2] // columns
    squares = cut.reshape(count, rows, tall, columns, wide, channels)
    return np.asarray(np.round(squares.mean(axis=(2, 4))), dtype=np.uint8)
