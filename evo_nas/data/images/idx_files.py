"""idx files, the form in which MNIST and its likes are published: big-endian sizes, then bytes."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import Protocol

import numpy as np

from evo_nas.data.dataset import ImageArray
from evo_nas.errors import UserError

_UNSIGNED_BYTES = b"\x00\x00\x08"
_GZIP = b"\x1f\x8b"
_PIECE = 2**20


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def read_idx(path: Path, num_axes: int) -> ImageArray:
    """The array of a file of unsigned bytes, compressed (gzip) or not, with so many axes; read-only.

    Raises UserError: no such file, another kind of file, other axes, or another length than its header says.
    """
    try:
        with path.open("rb") as plain:
            compressed = plain.read(2) == _GZIP
            plain.seek(0)
            if not compressed:
                return _parsed(plain, num_axes, path)
            with gzip.open(plain) as unpacked:
                return _parsed(unpacked, num_axes, path)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; check the path") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read as an idx file ({error}); it is damaged") from None


def is_idx_of_images(path: Path) -> bool:
    """By its name: MNIST's files of images are called ...images-idx3-ubyte, or .idx3-ubyte, and perhaps .gz."""
    return "images" in path.name and "idx3" in path.name


def labels_beside(path: Path) -> Path:
    """The file with the labels of a file of images."""
    return path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))


def _parsed(file: _Readable, num_axes: int, path: Path) -> ImageArray:
    magic = file.read(4)
    if magic[:3] != _UNSIGNED_BYTES or magic[3] != num_axes:
        raise UserError(
            f"{path}: expected an idx file of unsigned bytes with {num_axes} axes, got another kind of file"
        )
    sizes = file.read(4 * num_axes)
    if len(sizes) < 4 * num_axes:
        raise UserError(f"{path}: the idx file ends within its header; it is damaged")
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    content = _at_most(file, prod(shape) + 1)
    if len(content) != prod(shape):
        raise UserError(
            f"{path}: expected {prod(shape):,} bytes for the shape {shape}, got another number; it is damaged"
        )
    pixels = np.frombuffer(content, dtype=np.uint8).reshape(shape)
    pixels.setflags(write=False)
    return pixels


def _at_most(file: _Readable, most: int) -> bytearray:
    """What a file holds, up to so many bytes: a header may promise more than there is memory."""
    content = bytearray()
    while len(content) < most and (piece := file.read(min(_PIECE, most - len(content)))):
        content += piece
    return content
