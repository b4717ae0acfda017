"""A folder a class becomes a data set: listed, looked at, decoded once, and found again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.config import DataSettings
from evo_nas.data.columns import TextColumn, sorted_labels
from evo_nas.data.dataset import Dataset, ImageArray
from evo_nas.data.images.assembly import ImageRows, class_task, image_dataset
from evo_nas.data.images.bad_images import BadImage, UnreadableImage, count, listed, refusal, shown
from evo_nas.data.images.class_folders import ClassFolders, ImageFile, list_class_folders, no_class
from evo_nas.data.images.decoding import hostile_images_refused, read_header, read_pixels
from evo_nas.data.images.in_threads import in_threads
from evo_nas.data.images.look import Header, Look, settle_look
from evo_nas.data.images.pixel_cache import KeptPixels, PixelCache, pixels_folder
from evo_nas.data.images.progress import Watcher
from evo_nas.data.images.twins import twins, twins_sentence
from evo_nas.data.pixel_files import PixelWriter
from evo_nas.errors import UserError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Files:
    """All files in the order of their rows, those of the test folder last."""

    root: Path
    files: tuple[ImageFile, ...]
    num_test: int
    bad: tuple[BadImage, ...]


def load_class_folders(settings: DataSettings, root: Path, test_root: Path | None, watcher: Watcher) -> Dataset:
    """The images below `root/CLASS/`, and as test rows those below `test_root/CLASS/`.

    Every image is decoded once for a size, its colours and its fit, and then found again (unless `cache = "none"`)
    while the files' names, sizes and times are the same. Raises UserError: nothing to learn from, bad images that the
    settings refuse, classes that only the test rows have. Test images that can also be learnt from are named.
    """
    files = _listed(root, test_root)
    with hostile_images_refused():
        kept, bad = _pixels(files, settings, watcher)
    taken = [files.files[row] for row in kept.beside["rows"]]
    lost = {file.class_name for file in files.files} - {file.class_name for file in taken}
    bad += [no_class(name, "read") for name in sorted(lost)]
    _judge([*files.bad, *bad], settings, watcher, where=str(root))
    num_test = sum(row >= len(files.files) - files.num_test for row in kept.beside["rows"])
    if num_test and (pairs := twins(kept.pixels, num_test)):
        watcher.message(twins_sentence(pairs, [file.name for file in taken], where=str(test_root)))
    _check_classes(taken, settings, where=str(root))
    target = _classes(taken)
    return image_dataset(
        root.resolve().name,
        ImageRows(kept.pixels, target, num_test),
        task=settings.task or class_task(len(target.labels)),
        fit=settings.fit,
        where=str(root),
        images_hash=kept.hash,
    )


def _classes(files: Sequence[ImageFile]) -> TextColumn:
    names = sorted_labels({file.class_name for file in files})
    code = {name: number for number, name in enumerate(names)}
    return TextColumn("target", np.array([code[file.class_name] for file in files], dtype=np.int32), names)


def _check_classes(files: Sequence[ImageFile], settings: DataSettings, *, where: str) -> None:
    """One class alone, and an image alone in its class, are told by folder and file rather than by row."""
    if settings.task == "regression":
        return
    numbers = Counter(file.class_name for file in files)
    if len(numbers) == 1:
        raise UserError(
            f"{where}: all images are of the class {shown(next(iter(numbers)))!r}; give a folder for each class"
        )
    if alone := next((file for file in files if numbers[file.class_name] == 1), None):
        raise UserError(
            f"{where}: the class {shown(alone.class_name)!r} has a single image ({alone.name}); one is needed to learn "
            "it and one to test it, so add images of it or remove its folder"
        )


def _listed(root: Path, test_root: Path | None) -> _Files:
    found = list_class_folders(root)
    if test_root is None:
        return _Files(root, found.files, 0, found.bad)
    found, test = _within(root, found), _within(test_root, list_class_folders(test_root))
    return _Files(root, (*found.files, *test.files), len(test.files), (*found.bad, *test.bad))


def _within(root: Path, found: ClassFolders) -> ClassFolders:
    """The same, their names beginning with that of the folder, to tell those of two folders apart."""
    folder = shown(root.resolve().name)
    return ClassFolders(
        tuple(replace(file, name=f"{folder}/{file.name}") for file in found.files),
        tuple(replace(each, path=f"{folder}/{each.path}") for each in found.bad),
    )


def _pixels(files: _Files, settings: DataSettings, watcher: Watcher) -> tuple[KeptPixels, list[BadImage]]:
    """The pixels of the rows that can be read, and why the others cannot. Beside them, `rows`: which these are."""
    what = f"reading {files.root.name}"
    look = _look_asked(settings) or _look_found(files, settings, watcher)
    fill = partial(_decode, files.files, look, watcher, what)
    keep = settings.cache != "none"
    kept = PixelCache(pixels_folder()).get(_key(files, look), look.shape, fill, keep=keep)
    return kept, [BadImage(path, reason) for path, reason in kept.beside["bad"]]


def _look_asked(settings: DataSettings) -> Look | None:
    if settings.image_size is None or settings.colour == "auto":
        return None
    return Look(*settings.image_size, 1 if settings.colour == "grey" else 3, settings.fit)


def _look_found(files: _Files, settings: DataSettings, watcher: Watcher) -> Look:
    """What the settings leave open, from the files that will be learnt from; test rows shall decide nothing."""
    ours = files.files[: len(files.files) - files.num_test]
    headers = read_headers(ours, watcher, f"looking at {files.root.name}")
    if not headers:
        bad = [BadImage(file.name, reason) for file in ours if (reason := _why_unreadable(file.path))]
        raise refusal([*files.bad, *bad], where=str(files.root), remedy="no image is left")
    return settle_look(headers, settings.image_size, settings.colour, settings.fit)


def read_headers(files: Sequence[ImageFile], watcher: Watcher, what: str) -> list[Header]:
    """Those of the files that have one."""
    found = watcher.follow(in_threads(_header_or_none, files), len(files), what)
    return [header for header in found if header is not None]


def _header_or_none(file: ImageFile) -> Header | None:
    try:
        return read_header(file.path)
    except UnreadableImage:
        return None


def _why_unreadable(path: Path) -> str:
    try:
        read_header(path)
    except UnreadableImage as reason:
        return str(reason)
    return ""


def _decode(
    files: Sequence[ImageFile], look: Look, watcher: Watcher, what: str, writer: PixelWriter
) -> Mapping[str, Any]:
    rows: list[int] = []
    bad: list[tuple[str, str]] = []
    results = watcher.follow(in_threads(partial(_pixels_or_reason, look), files), len(files), what)
    for row, (file, result) in enumerate(zip(files, results, strict=True)):
        if isinstance(result, str):
            bad.append((file.name, result))
        else:
            writer.write(result)
            rows.append(row)
    return {"rows": rows, "bad": bad}


def _pixels_or_reason(look: Look, file: ImageFile) -> ImageArray | str:
    try:
        return read_pixels(file.path, look)
    except UnreadableImage as reason:
        return str(reason)


def _key(files: _Files, look: Look) -> str:
    """32 hexadecimal digits of what decides the pixels: the files as the disk knows them, the look, and the decoder."""
    import PIL

    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps([FORMAT, PIL.__version__, look.shape, look.fit]).encode())
    for file in files.files:
        digest.update(json.dumps([str(file.path.absolute()), file.num_bytes, file.changed_ns]).encode())
    return digest.hexdigest()


def _judge(bad: Sequence[BadImage], settings: DataSettings, watcher: Watcher, *, where: str) -> None:
    if not bad:
        return
    if settings.on_bad_image == "refuse":
        raise refusal(bad, where=where, remedy='mend or remove them, or set on_bad_image = "skip" in [data]')
    watcher.message(f"{where}: {count(len(bad))} left out: {listed(bad)}")
