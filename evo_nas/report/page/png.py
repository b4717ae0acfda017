"""Small images as addresses that hold them: PNG (ISO/IEC 15948), written without a library."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
"""Channels -> PNG's colour type: grey; red, green and blue; those with how much hides what is behind."""


def png_address(image: NDArray[np.uint8]) -> str:
    """`data:image/png;base64,...` of an image [height, width, 1, 3 or 4]."""
    return f"data:image/png;base64,{base64.b64encode(png_bytes(image)).decode('ascii')}"


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    """The file of an image [height, width, 1, 3 or 4]."""
    height, width, channels = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    rows = image.reshape(height, width * channels).astype(np.int16)
    above = np.vstack([np.zeros_like(rows[:1]), rows[:-1]])
    filtered = np.full((height, 1 + width * channels), 2, dtype=np.uint8)  # each row less the one above it
    filtered[:, 1:] = (rows - above) % 256
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
