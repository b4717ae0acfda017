"""A data set as an npz file without pickle, its images in an npy file beside it: whole or not at all, and checked."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.atomic import fill_atomically, flush_folder
from evo_nas.data.dataset import Dataset, ImageArray, Schema
from evo_nas.data.images.pixel_cache import pixels_folder
from evo_nas.data.npz_files import read_npz
from evo_nas.data.pixel_files import DAMAGED, open_pixels, save_pixels, saved_hash
from evo_nas.errors import UserError


def images_beside(path: Path) -> Path:
    """The file of the images of the data set that is saved at `path`."""
    return path.with_suffix(".images.npy")


def save_dataset(dataset: Dataset, path: Path) -> None:
    """Write a data set to `path`; an existing file is replaced. Raises OSError (a full disk, no such folder).

    Images go into the file `images_beside` it. Those that were decoded into the cache are linked and not copied, where
    the folder is on the same disk.
    """
    header: dict[str, Any] = {
        "name": dataset.name,
        "schema": dataset.schema.to_json(),
        "fingerprint": dataset.fingerprint,
    }
    if dataset.num_test:
        header["num_test"] = dataset.num_test
    if dataset.images_hash is not None:
        header["images_hash"] = dataset.images_hash
        _save_images(dataset.pixels, dataset.images_hash, images_beside(path))
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    fill_atomically(
        path,
        lambda file: np.savez(
            file, header=text, numeric=dataset.numeric, categorical=dataset.categorical, target=dataset.target
        ),
    )


def load_dataset(path: Path, *, trusted: bool = False) -> Dataset:
    """Read what `save_dataset` wrote; images stay on the disk until they are used.

    trusted: somebody has just read all images and found them unchanged, as who starts or resumes a run does for its
    workers; only their number and size are looked at then. Raises UserError where a file is missing, damaged, foreign
    or changed.
    """
    arrays = read_npz(path)
    try:
        header: dict[str, Any] = json.loads(arrays["header"].tobytes())
        schema, fingerprint = Schema.from_json(header["schema"]), header["fingerprint"]
        has_images = schema.image_shape is not None
        dataset = Dataset(
            str(header["name"]),
            schema,
            arrays["numeric"],
            arrays["categorical"],
            arrays["target"],
            images=_load_images(path, len(arrays["target"])) if has_images else None,
            num_test=int(header.get("num_test", 0)),
            images_hash=str(header["images_hash"]) if has_images else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a saved data set, or a damaged one ({error}); restore the file") from None
    if dataset.fingerprint != fingerprint:
        raise UserError(
            f"{path}: the content has changed since it was saved (fingerprint {dataset.fingerprint}, expected "
            f"{fingerprint}); restore the file"
        )
    if has_images and not trusted and _hash_of(images_beside(path)) != dataset.images_hash:
        raise UserError(f"{images_beside(path)}: the images have changed since they were saved; restore the file")
    return dataset


def _load_images(path: Path, num_rows: int) -> ImageArray:
    file = images_beside(path)
    try:
        pixels = open_pixels(file)
    except FileNotFoundError:
        raise UserError(f"{file}: no such file; the images belong to {path.name}, restore it") from None
    except DAMAGED as error:
        raise UserError(f"{file}: cannot be read as images ({error}); it is damaged, restore it") from None
    if len(pixels) != num_rows:
        raise UserError(f"{file}: holds {len(pixels)} images, expected {num_rows}; restore the file")
    return pixels


def _save_images(pixels: ImageArray, images_hash: str, path: Path) -> None:
    # Another process may have filled the cache anew, and a part of an array still bears the name of its whole file.
    if not _linked(pixels, path) or _hash_of(path) != images_hash:
        fill_atomically(path, lambda file: save_pixels(pixels, file))


def _linked(pixels: ImageArray, path: Path) -> bool:
    """Give a file of the cache a second name, where the pixels are one. Others' files are copied: they may change."""
    source = getattr(pixels, "filename", None)
    if source is None or pixels_folder() not in Path(source).parents:
        return False
    # Not the name of a file that is written to: what a kill leaves would be written into the cache.
    temporary = path.with_name(f".{path.name}.link.tmp")
    with suppress(OSError):
        temporary.unlink(missing_ok=True)
        os.link(source, temporary)
        temporary.replace(path)
        temporary.unlink(missing_ok=True)  # a rename between two names of one file leaves both
        flush_folder(path.parent)
        return True
    return False


def _hash_of(path: Path) -> str | None:
    try:
        return saved_hash(path)
    except DAMAGED:
        return None
