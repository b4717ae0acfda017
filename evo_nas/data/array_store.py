"""Arrays kept on disk from one process to the next: by key, whole or not at all, and never more than a number of bytes.

It only ever saves time: what is damaged counts as missing, and a disk that cannot be written keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

HEADER = "entry.json"
"""Holds what is no array, and the hash of every array. Its time is that of the last use."""

# Whatever a damaged file was seen to raise.
_DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError)


class ArrayStore:
    """A folder of entries, each a folder of npy files and `HEADER`. Several processes may use it at once."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes

    def read(self, key: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
        """The arrays of an entry and what was written beside them; None where there is none, or it is damaged."""
        entry = self.folder / key
        try:
            header = json.loads((entry / HEADER).read_text(encoding="utf-8"))
            arrays = {name: np.load(entry / f"{name}.npy", allow_pickle=False) for name in header["hashes"]}
            if any(_hash(array) != header["hashes"][name] for name, array in arrays.items()):
                return None
            beside = header["beside"]
        except _DAMAGED:
            return None
        with suppress(OSError):
            os.utime(entry / HEADER)
        return arrays, beside

    def write(self, key: str, arrays: Arrays, beside: Mapping[str, Any]) -> None:
        """Keep arrays, with plain data beside them, in place of what was there; then forget the entries that were used
        longest ago, until the rest fits. Nothing happens where the disk refuses.
        """
        temporary = self.folder / f".{key}.{os.getpid()}.tmp"
        try:
            temporary.mkdir(parents=True, exist_ok=True)
            for name, array in arrays.items():
                np.save(temporary / f"{name}.npy", array, allow_pickle=False)
            hashes = {name: _hash(array) for name, array in arrays.items()}
            header = json.dumps({"hashes": hashes, "beside": dict(beside)}, allow_nan=False)
            (temporary / HEADER).write_text(header, encoding="utf-8")
            shutil.rmtree(self.folder / key, ignore_errors=True)
            temporary.rename(self.folder / key)  # fails where another process was faster, whose entry is as good
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
        forget_oldest(self.folder, self._limit_bytes, keep=key)


def forget_oldest(folder: Path, limit_bytes: int, *, keep: str) -> None:
    """Remove the entries (folders with a `HEADER`) that were used longest ago, but for one, until the rest fits."""
    with suppress(OSError):
        entries = [entry for entry in folder.iterdir() if (entry / HEADER).exists()]
        sizes = {entry: sum(file.stat().st_size for file in entry.iterdir()) for entry in entries}
        total = sum(sizes.values())
        for entry in sorted(entries, key=lambda entry: (entry / HEADER).stat().st_mtime_ns):
            if total <= limit_bytes:
                return
            if entry.name != keep:
                shutil.rmtree(entry, ignore_errors=True)
                total -= sizes[entry]


def _hash(array: NDArray[Any]) -> str:
    digest = hashlib.blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
