"""From the [data] section of a settings file to a data set."""

from __future__ import annotations

from pathlib import Path

from evo_nas.config import DataSettings
from evo_nas.data.assembly import assemble
from evo_nas.data.bundled import BUNDLED_NAMES, load_bundled
from evo_nas.data.columns import nearest
from evo_nas.data.csv_files import CsvFile, read_columns, read_names
from evo_nas.data.dataset import Dataset
from evo_nas.data.download import public_file
from evo_nas.data.images.progress import Watcher
from evo_nas.data.in_memory import target_column
from evo_nas.data.npz_files import read_npz
from evo_nas.data.public_sets import PUBLIC_SETS
from evo_nas.data.roles import Roles, array_features, check_target, settle_roles
from evo_nas.errors import UserError

TABLE_KEYS = ("target", "categorical", "drop", "delimiter")
IMAGE_KEYS = ("image_size", "colour", "fit", "on_bad_image")
"""Of [data], that say nothing about rows of the other kind."""

IMAGE_SETS = ("fashion_mnist",)
"""Public sets of images; see `images/public.py`."""

DATASET_NAMES = (*BUNDLED_NAMES, *PUBLIC_SETS, *IMAGE_SETS)
"""What `name` in [data] may be: sets bundled with scikit-learn, and public sets that are found or downloaded."""


def load_data(settings: DataSettings, *, base: Path, watcher: Watcher | None = None) -> Dataset:
    """The data set that settings describe. base: the folder that a relative path is relative to.

    A path ending in .npz is read as arrays (x and y, or X and y, and perhaps `names`; images where x has three axes or
    four), any other as CSV. `categorical` and `target` replace what is usual for a public set, `drop` adds to it.
    watcher: told of the reading of images; standard error where there is none.
    Raises UserError, with the place, for everything that cannot be learnt from; see `assemble`, `read_columns`,
    `settle_roles` and `load_images`.
    """
    dataset = _loaded(settings, base, watcher)
    _check_keys(settings, is_table=dataset.schema.image_shape is None)
    return dataset


def _loaded(settings: DataSettings, base: Path, watcher: Watcher | None) -> Dataset:
    if settings.name is not None:
        return _load_named(settings.name, settings)
    if settings.images is not None:
        from evo_nas.data.images.progress import Console
        from evo_nas.data.images.sources import load_images

        _check_keys(settings, is_table=False)  # before minutes of decoding
        return load_images(settings, base=base, watcher=watcher or Console())
    if settings.path is None:
        raise UserError(
            '[data]: expected path = "rows.csv", images = "train" or name = "breast_cancer"; '
            "these rows came from Python"
        )
    path = base / settings.path
    if path.is_dir():
        raise UserError(
            f"{path}: a folder cannot be read as a CSV file; where it holds images, give it as images in [data]"
        )
    if path.suffix == ".npz":
        return _load_npz(path, settings)
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return _load_csv(CsvFile(path, settings.delimiter), settings, name=name)


def _load_named(name: str, settings: DataSettings) -> Dataset:
    if name in BUNDLED_NAMES:
        return load_bundled(name, settings)
    if name in IMAGE_SETS:
        from evo_nas.data.images.public import load_public_images

        return load_public_images(name, settings)
    if name not in PUBLIC_SETS:
        known = ", ".join(DATASET_NAMES)
        raise UserError(f"[data] name: {name!r} is not a known set{nearest(name, DATASET_NAMES)}; choose from {known}")
    public = PUBLIC_SETS[name]
    file = CsvFile(public_file(name, public), names=() if public.has_header else public.names)
    return _load_csv(file, settings, name=name, usual=public.roles)


def _load_csv(file: CsvFile, settings: DataSettings, *, name: str, usual: Roles | None = None) -> Dataset:
    where = str(file.path)
    names = read_names(file)
    roles = settle_roles(names, settings, usual, where=where)
    columns = read_columns(file, roles.kinds(names))
    target = columns.pop(roles.target)
    return assemble(name, list(columns.values()), target, task=settings.task, where=where)


def _load_npz(path: Path, settings: DataSettings) -> Dataset:
    where = str(path)
    arrays = read_npz(path)
    table = arrays.get("x", arrays.get("X"))
    target = arrays.get("y")
    if table is None or target is None:
        raise UserError(f"{where}: expected the arrays x and y (or X and y), got {', '.join(arrays) or 'none'}")
    if table.ndim in (3, 4):
        from evo_nas.data.images.sources import LabelledImages, dataset_of

        return dataset_of(path.stem, [LabelledImages(table, target)], settings, where=where)
    names = [str(name) for name in arrays["names"]] if "names" in arrays else None
    if table.ndim != 2 or target.shape != table.shape[:1] or (names is not None and len(names) != table.shape[1]):
        shapes = ", ".join(f"{key} {array.shape}" for key, array in arrays.items())
        raise UserError(f"{where}: expected x [rows, columns], y [rows] and names [columns], got {shapes}")
    check_target(settings, "target", where=where)
    features = array_features(table, names or [f"x{i}" for i in range(table.shape[1])], settings, where=where)
    return assemble(path.stem, features, target_column(target, "target", where=where), task=settings.task, where=where)


def _check_keys(settings: DataSettings, *, is_table: bool) -> None:
    """Raise UserError for a key that says nothing about such rows."""
    usual = DataSettings()
    for key in IMAGE_KEYS if is_table else TABLE_KEYS:
        value = getattr(settings, key)
        if value != getattr(usual, key) and (key, value) != ("target", "target"):
            kinds = ("images", "the rows of a table") if is_table else ("the rows of a table", "images")
            raise UserError(f"[data] {key}: it is about {kinds[0]}, and these are {kinds[1]}; remove the key")
