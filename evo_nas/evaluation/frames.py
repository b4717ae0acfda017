"""How parent and child talk: JSON objects on a pipe, each behind its length in four bytes, big-endian."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NoReturn

LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 64 * 2**20
READ_BYTES = 2**20
"""One read takes all that a pipe can hold (64 KiB by default, 1 MiB at most for an ordinary user on Linux)."""


class GarbageError(ValueError):
    """The bytes on a pipe are no frames."""


def pack(message: Mapping[str, Any]) -> bytes:
    """One frame. Raises ValueError (NaN, infinite, a lone surrogate, too long) or TypeError (not plain data)."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    if len(body) > MAX_FRAME_BYTES:
        raise ValueError(f"a message may have {MAX_FRAME_BYTES:,} bytes, this one has {len(body):,}")
    return LENGTH.pack(len(body)) + body


class FrameReader:
    """Bytes in, as they come from a pipe; messages out, as soon as they are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that `data` completes, in order. Raises GarbageError; nothing can be read after that."""
        self._buffer += data
        messages = []
        while (body := self._next_body()) is not None:
            messages.append(_unpack(body))
        return messages

    def _next_body(self) -> bytes | None:
        if len(self._buffer) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._buffer)
        if length > MAX_FRAME_BYTES:
            raise GarbageError(f"a frame of {length:,} bytes, expected at most {MAX_FRAME_BYTES:,}")
        end = LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[LENGTH.size : end])
        del self._buffer[:end]
        return body


def _unpack(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise GarbageError(f"expected JSON, got {body[:40]!r} ({type(error).__name__})") from error
    if not isinstance(message, dict):
        raise GarbageError(f"expected a JSON object, got {body[:40]!r}")
    return message


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
