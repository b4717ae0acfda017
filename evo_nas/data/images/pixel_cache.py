"""Decoded images on disk from one run to the next: whole or not at all, and never more than a number of bytes."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.data.array_store import HEADER, forget_oldest
from evo_nas.data.pixel_files import DAMAGED, ImageArray, ImageShape, PixelWriter, open_pixels, saved_hash
from evo_nas.errors import UserError

DISK_BYTES = 8 * 2**30
FOLDER_VARIABLE = "EVO_NAS_CACHE"
PIXELS = "pixels.npy"
ABANDONED_SECONDS = 24 * 3600
"""What nobody has written to for so long was left by a process that was killed."""

Fill = Callable[[PixelWriter], Mapping[str, Any]]
"""Writes the images one by one, and returns plain data that are kept beside them."""


@dataclass(frozen=True, slots=True)
class KeptPixels:
    """pixels: read from the disk as they are used. hash: of them, see `pixels_hash`."""

    pixels: ImageArray
    hash: str
    beside: dict[str, Any]


def pixels_folder() -> Path:
    """Where decoded images are kept across runs: `images` in `EVO_NAS_CACHE`, or in the user's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get(FOLDER_VARIABLE)
    return (Path(chosen) if chosen else user_cache_path("evo-nas")) / "images"


class PixelCache:
    """A folder of entries, each a folder with `PIXELS` and `HEADER`. Several processes may use it at once."""

    def __init__(self, folder: Path, limit_bytes: int = DISK_BYTES) -> None:
        self.folder = folder
        self._limit_bytes = limit_bytes

    def get(self, key: str, shape: ImageShape, fill: Fill, *, keep: bool) -> KeptPixels:
        """The entry of a key; where it is missing or damaged, `fill` writes it.

        keep: leave it for others; else it is gone with this process. Raises UserError where the disk refuses.
        """
        found = self._read(key) if keep else None
        return found or self._written(key, shape, fill, keep=keep)

    def _read(self, key: str) -> KeptPixels | None:
        entry = self.folder / key
        try:
            found = _opened(entry)
            if saved_hash(entry / PIXELS) != found.hash:
                return None
        except DAMAGED:
            return None
        with suppress(OSError):
            os.utime(entry / HEADER)
        return found

    def _written(self, key: str, shape: ImageShape, fill: Fill, *, keep: bool) -> KeptPixels:
        temporary = self.folder / f".{key}.{os.getpid()}.tmp"
        try:
            temporary.mkdir(parents=True, exist_ok=True)
            _write(temporary, shape, fill)
            made = _opened(temporary)  # what is open stays readable when its folder is gone
            if keep:
                shutil.rmtree(self.folder / key, ignore_errors=True)
                with suppress(OSError):  # another process was faster: its entry is as good
                    temporary.rename(self.folder / key)
                    made = _opened(self.folder / key)
        except OSError as error:
            raise UserError(
                f"{self.folder}: decoded images cannot be kept there ({error.strerror}); free the disk, or set "
                f"{FOLDER_VARIABLE} to a folder with room"
            ) from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        forget_oldest(self.folder, self._limit_bytes, keep=key)
        _forget_abandoned(self.folder)
        return made


def _write(folder: Path, shape: ImageShape, fill: Fill) -> None:
    with (folder / PIXELS).open("wb") as file:
        writer = PixelWriter(file, shape)
        beside = dict(fill(writer))
        found = {"hash": writer.close(), "beside": beside}
    (folder / PIXELS).chmod(0o444)  # runs link to it
    (folder / HEADER).write_text(json.dumps(found, allow_nan=False), encoding="utf-8")


def _forget_abandoned(folder: Path) -> None:
    with suppress(OSError):
        for temporary in folder.glob(".*.tmp"):
            changed = max(each.stat().st_mtime for each in (temporary, *temporary.iterdir()))
            if time.time() - changed > ABANDONED_SECONDS:
                shutil.rmtree(temporary, ignore_errors=True)


def _opened(folder: Path) -> KeptPixels:
    header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
    return KeptPixels(open_pixels(folder / PIXELS), str(header["hash"]), dict(header["beside"]))
