"""A settings file guessed from a folder of images, commented so that its owner can correct it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from evo_nas.config import DEFAULT_METRICS, DataSettings, Task
from evo_nas.data.guess import RARE_CLASS, search_section, toml
from evo_nas.data.images.assembly import class_task
from evo_nas.data.images.bad_images import count, listed, shown
from evo_nas.data.images.class_folders import ClassFolders, ImageFile, list_class_folders
from evo_nas.data.images.decoding import hostile_images_refused
from evo_nas.data.images.folder_data import read_headers
from evo_nas.data.images.look import Header, Look, settle_look
from evo_nas.data.images.progress import Console, Watcher
from evo_nas.data.images.sources import idx_files_of, load_images
from evo_nas.errors import UserError

LOOKED_AT = 1000
"""Images whose headers say what the others are like."""
TEST_NAMES = ("test", "validation", "valid", "val")
"""What a folder of test images is called beside `train`."""
MANY_PIXELS = 64 * 64


@dataclass(frozen=True, slots=True)
class ImageGuess:
    """What a folder of images seems to hold. notes: what its owner should know."""

    look: Look
    counts: Counter[str]
    task: Task
    has_test_rows: bool
    notes: tuple[str, ...] = ()
    test_images: Path | None = None


def guess_image_settings(folder: Path, *, settings_folder: Path | None = None, watcher: Watcher | None = None) -> str:
    """The text of a settings file for a folder with a folder a class, or with idx files.

    settings_folder: where the settings file will be, since its paths are relative to it; None: beside the folder.
    Raises UserError where the folder holds no images, or a single class of them.
    """
    beside = folder.parent if settings_folder is None else settings_folder
    found = _of_idx_files(folder) if idx_files_of(folder) else _of_classes(folder, watcher or Console())
    sections = (_data_section(found, folder, beside), _space_section(found), _recipe_section(found))
    return "\n".join([*(line for section in sections for line in section), *search_section(found.task)])


def _of_classes(folder: Path, watcher: Watcher) -> ImageGuess:
    found = list_class_folders(folder)
    counts = Counter(file.class_name for file in found.files)
    if len(counts) == 1:
        raise UserError(f"{folder}: all images are of the class {next(iter(counts))!r}; give a folder for each class")
    with hostile_images_refused():
        headers = read_headers(_some(found.files), watcher, f"looking at {folder.name}")
    if not headers:
        raise UserError(f"{folder}: none of the first images can be read; see that they are images")
    return ImageGuess(
        look=settle_look(headers, None, "auto", "stretch"),
        counts=counts,
        task=class_task(len(counts)),
        has_test_rows=False,
        notes=_notes(found, headers),
        test_images=_test_folder(folder),
    )


def _of_idx_files(folder: Path) -> ImageGuess:
    dataset = load_images(DataSettings(images=str(folder)), base=Path(), watcher=Console())
    height, width, channels = dataset.pixels.shape[1:]
    labels = dataset.target[: dataset.num_rows - dataset.num_test].tolist()
    counts = Counter(dataset.classes[int(label)] for label in labels)
    return ImageGuess(Look(height, width, channels, "stretch"), counts, dataset.task, dataset.num_test > 0)


def _some(files: tuple[ImageFile, ...]) -> tuple[ImageFile, ...]:
    """At most so many as are looked at, from all classes."""
    return files[:: -(-len(files) // LOOKED_AT)]


def _notes(found: ClassFolders, headers: list[Header]) -> tuple[str, ...]:
    sizes = Counter((header.height, header.width) for header in headers)
    (height, width), most = sizes.most_common(1)[0]
    notes = [] if most == len(headers) else [f"sizes differ, most are {height} x {width}: see fit"]
    if found.bad:
        notes.append(f"{count(len(found.bad))} cannot be taken: {listed(found.bad)}")
    return tuple(notes)


def _test_folder(folder: Path) -> Path | None:
    """A folder of test images beside one that is called train."""
    if folder.resolve().name != "train":
        return None
    beside = (folder.resolve().with_name(name) for name in TEST_NAMES)
    return next((path for path in beside if path.is_dir() and any(each.is_dir() for each in path.iterdir())), None)


def _data_section(found: ImageGuess, folder: Path, beside: Path) -> list[str]:
    look, rows = found.look, sum(found.counts.values())
    classes = ", ".join(f"{shown(name)} {number:,}" for name, number in sorted(found.counts.items())[:20])
    more = f" and {len(found.counts) - 20} more" if len(found.counts) > 20 else ""
    lines = [
        f"# Guessed from {rows:,} images of {len(found.counts)} classes ({classes}{more}); correct what is wrong.",
        *(f"# {note}" for note in found.notes),
        "[data]",
        f"images = {toml(_relative(folder, beside))}  # relative to this file",
        f"image_size = [{look.height}, {look.width}]  # height and width that every image is brought to",
        f"colour = {toml('grey' if look.channels == 1 else 'colour')}  # or {_other(look)}",
        'fit = "stretch"  # how an image of another shape is brought to that size; or "pad", "crop"',
        'on_bad_image = "refuse"  # or "skip": what cannot be read is named and left out',
        f"task = {toml(found.task)}",
    ]
    return [*lines, *_test_lines(found, beside), ""]


def _other(look: Look) -> str:
    return '"colour"' if look.channels == 1 else '"grey"'


def _relative(path: Path, beside: Path) -> str:
    return Path(os.path.relpath(path, beside)).as_posix()


def _test_lines(found: ImageGuess, beside: Path) -> list[str]:
    if found.has_test_rows:
        return ["# The test rows are those that came with the data."]
    if found.test_images is not None:
        return [f"test_images = {toml(_relative(found.test_images, beside))}  # no choice ever sees these"]
    return ["test_fraction = 0.2  # no choice ever sees these rows", "split_seed = 0"]


def _space_section(found: ImageGuess) -> list[str]:
    most = 4 if found.look.height * found.look.width < MANY_PIXELS else 6
    return [
        "[space]  # what is searched",
        'encoding = "cnn"',
        f"layers = {{ low = 1, high = {most} }}  # convolution blocks",
        'filters = { low = 8, high = 64, scale = "log" }',
        "kernel = [1, 3, 5, 7]",
        'convolutions = ["one", "two", "separable"]',
        "batch_normalization = [true, false]",
        'activation = ["relu", "gelu", "silu"]',
        'reduction = ["none", "max", "average", "stride"]',
        "dropout = { low = 0.0, high = 0.3 }",
        "skip = [false, true]",
        'head = ["flatten", "average"]',
        "head_layers = [0, 1, 2]",
        'head_width = { low = 16, high = 256, scale = "log" }',
        "head_dropout = { low = 0.0, high = 0.5 }",
        'optimizer = ["adam", "adamw", "nadam"]',
        'learning_rate = { low = 1e-4, high = 1e-2, scale = "log" }',
        "batch_size = [32, 64, 128]",
        'preprocessing = ["unit", "standard"]',
        "# augment_flip = [0.0, 0.5]  # the share of a batch that is mirrored; `evo-nas genes cnn` tells more,",
        "# augment_shift = [0.0, 0.1]  # and `evo-nas data-pictures` draws what they do",
        "# max_parameters = 1000000  # no network may have more",
        "",
    ]


def _recipe_section(found: ImageGuess) -> list[str]:
    metrics = ", ".join(map(toml, DEFAULT_METRICS[found.task]))
    weighted = '# class_weights = "balanced"  # one class is rare; this makes each class count the same'
    return [
        "[recipe]  # what one training means",
        "epochs = 12",
        "validation = { fraction = 0.2 }",
        f"metrics = [{metrics}]",
        "early_stopping = { patience = 4 }",
        *([weighted] if _has_rare_class(found) else []),
        "",
    ]


def _has_rare_class(found: ImageGuess) -> bool:
    """Has a class fewer images than the share `RARE_CLASS` of two classes' worth?"""
    usual = sum(found.counts.values()) / len(found.counts)
    return min(found.counts.values()) < 2 * RARE_CLASS * usual
