"""Files that are either the old one or the new one, whatever happens in between (law 5)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO


def fill_atomically(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a temporary file beside the path, flush it, rename it, flush the folder.

    A full disk or a kill leaves the old file whole. The temporary file has a fixed name, so that what a killed process
    left is overwritten by the next one; one writer at a time. Raises whatever failed, and leaves nothing behind then.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file by this content. Raises OSError."""
    data = content.encode() if isinstance(content, str) else content
    fill_atomically(path, lambda file: file.write(data))


def append_durably(path: Path, text: str) -> None:
    """Append and flush to the disk. A kill can leave a torn last line: what is appended to must be rebuildable."""
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
