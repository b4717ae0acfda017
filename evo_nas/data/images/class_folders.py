"""Which files are the images of which class: a folder with a folder a class, whatever else lies in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evo_nas.data.images.bad_images import BadImage, UnreadableImage, shown
from evo_nas.data.images.decoding import ENDINGS
from evo_nas.errors import UserError


@dataclass(frozen=True, slots=True)
class ImageFile:
    """path: absolute. name: relative to the folder, as it is shown. num_bytes, changed_ns: of the file itself."""

    path: Path
    name: str
    class_name: str
    num_bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """files: in the order of class and name. bad: what seems to be an image and cannot be taken."""

    files: tuple[ImageFile, ...]
    bad: tuple[BadImage, ...]


def list_class_folders(root: Path) -> ClassFolders:
    """The images below `root/CLASS/`, folders within a class included.

    Names that begin with a dot, and files without the ending of an image, are passed over. Bad are: images outside
    every class, a class without images, links that lead out of the folder or nowhere, links to folders (which could
    lead in circles), what is no file, and what may not be read. Raises UserError: no folder, no class, no image.
    """
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; give one that holds a folder of images for each class")
    bad: list[BadImage] = []
    files: list[ImageFile] = []
    classes = [entry for entry in _entries(root, root, bad) if _is_class(entry, bad)]
    for folder in classes:
        found = list(_images_below(Path(folder.path), root, folder.name, bad))
        files += found
        if not found and f"{shown(folder.name)}/" not in {each.path for each in bad}:
            bad.append(no_class(folder.name, "taken"))
    if not files:
        raise UserError(_nothing_found(root, bad))
    return ClassFolders(tuple(files), tuple(bad))


def no_class(name: str, what: str) -> BadImage:
    """A folder of a class that is none in the end. what: "taken" or "read"."""
    return BadImage(f"{shown(name)}/", f"holds no image that can be {what}, so it is no class")


def list_images(root: Path) -> ClassFolders:
    """The image files of a folder and of those below it, in the order of their names, as if all were of one class."""
    bad: list[BadImage] = []
    return ClassFolders(tuple(_images_below(root, root, "", bad)), tuple(bad))


def looks_like_image(name: str) -> bool:
    """By its ending."""
    return Path(name).suffix.lower() in ENDINGS


def _is_class(entry: os.DirEntry[str], bad: list[BadImage]) -> bool:
    if entry.is_dir(follow_symlinks=False):
        return True
    if _is_linked_folder(entry):
        bad.append(BadImage(shown(entry.name), "is a link to a folder, which is not followed; move the folder here"))
    elif looks_like_image(entry.name):
        bad.append(BadImage(shown(entry.name), "lies in no folder of a class"))
    return False


def _is_linked_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # it leads in a circle, or to where nobody may look
        return False


def _entries(folder: Path, root: Path, bad: list[BadImage]) -> list[os.DirEntry[str]]:
    """What a folder holds, by name, but for hidden names."""
    try:
        with os.scandir(folder) as found:
            return sorted((each for each in found if not each.name.startswith(".")), key=lambda e: os.fsencode(e.name))
    except OSError as error:
        bad.append(BadImage(f"{shown(folder.relative_to(root))}/", f"cannot be opened ({error.strerror})"))
        return []


def _images_below(folder: Path, root: Path, class_name: str, bad: list[BadImage]) -> Iterator[ImageFile]:
    for entry in _entries(folder, root, bad):
        path = Path(entry.path)
        name = shown(path.relative_to(root))
        if entry.is_dir(follow_symlinks=False):
            yield from _images_below(path, root, class_name, bad)
        elif _is_linked_folder(entry):
            bad.append(BadImage(name, "is a link to a folder, which is not followed"))
        elif looks_like_image(entry.name):
            try:
                yield _image_file(path, name, class_name, root)
            except UnreadableImage as reason:
                bad.append(BadImage(name, str(reason)))


def _image_file(path: Path, name: str, class_name: str, root: Path) -> ImageFile:
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise UnreadableImage("is a link out of the folder, which is not followed; copy the file here")
        status = path.stat()
    except (OSError, RuntimeError) as error:  # a RuntimeError is Python's word for a link that leads to itself
        raise UnreadableImage(
            "is a link that leads nowhere" if path.is_symlink() else f"cannot be seen ({error})"
        ) from None
    if not path.is_file():
        raise UnreadableImage("is no ordinary file")
    return ImageFile(path, name, os.fsencode(class_name).decode("utf-8", "replace"), status.st_size, status.st_mtime_ns)


def _nothing_found(root: Path, bad: list[BadImage]) -> str:
    first = f" (the first that is bad: {bad[0].path} {bad[0].reason})" if bad else ""
    endings = ", ".join(sorted(ENDINGS))
    return (
        f"{root}: no images of any class were found{first}; expected {root.name}/CLASS/IMAGE, a folder for each class "
        f"with files that end in {endings}"
    )
