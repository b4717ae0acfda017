"""Pixels in an npy file: written row by row, hashed on the way, opened without being read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

ImageArray = NDArray[np.uint8]
ImageShape = tuple[int, int, int]

ROWS_AT_ONCE = 256
_PIECE = 2**20

# Whatever a damaged file was seen to raise.
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError)


def pixels_hash(pixels: ImageArray) -> str:
    """32 hexadecimal digits of the pixels alone, row after row; of their shape nothing."""
    digest = hashlib.blake2b(digest_size=16)
    for rows in in_pieces(pixels):
        digest.update(rows.data)
    return digest.hexdigest()


def in_pieces(pixels: ImageArray) -> Iterator[ImageArray]:
    """A few rows at a time: they may be on disk, and more than there is memory."""
    for start in range(0, len(pixels), ROWS_AT_ONCE):
        yield np.ascontiguousarray(pixels[start : start + ROWS_AT_ONCE])


class PixelWriter:
    """Writes images [height, width, channels] one after the other; `close` says how many there were."""

    def __init__(self, file: IO[bytes], shape: ImageShape) -> None:
        self._file = file
        self._shape = shape
        self._digest = hashlib.blake2b(digest_size=16)
        self.num_rows = 0
        file.write(_header((0, *shape)))

    def write(self, pixels: ImageArray) -> None:
        """One image. Raises OSError (a full disk)."""
        data = np.ascontiguousarray(pixels).data
        self._digest.update(data)
        self._file.write(data)
        self.num_rows += 1

    def close(self) -> str:
        """Write the number of rows into the header; the hash of the pixels, as `pixels_hash` counts it."""
        self._file.seek(0)
        self._file.write(_header((self.num_rows, *self._shape)))
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._digest.hexdigest()


def open_pixels(path: Path) -> ImageArray:
    """uint8 [rows, height, width, channels], read from the disk as they are used. Raises one of `DAMAGED`."""
    pixels: ImageArray = np.load(path, mmap_mode="r", allow_pickle=False)
    if pixels.dtype != np.uint8 or pixels.ndim != 4:
        raise ValueError(f"expected images of uint8, got {pixels.dtype} of shape {pixels.shape}")
    return pixels


def saved_hash(path: Path) -> str:
    """`pixels_hash` of a saved file, which is read and not mapped, so that memory holds little of it at a time.

    Raises one of `DAMAGED`.
    """
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        npy.read_magic(file)
        npy.read_array_header_1_0(file)
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def save_pixels(pixels: ImageArray, file: IO[bytes]) -> None:
    """Write pixels as an npy file, a few rows at a time. Raises OSError."""
    _, *shape = pixels.shape
    file.write(_header((len(pixels), *shape)))
    for rows in in_pieces(pixels):
        file.write(rows.data)


def _header(shape: tuple[int, ...]) -> bytes:
    """Of an npy file. numpy leaves room for the number of rows to grow, so it is as long whatever that is."""
    buffer = BytesIO()
    npy.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()
