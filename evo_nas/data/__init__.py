"""Rows in, arrays out: data sets, loaders, splits, folds and preprocessing.

Read `dataset.py` (the record), then `loading.py` (where rows come from), `splits.py` and `preprocessing.py`.
Nothing is imported before a name is used, so that this package costs nothing until there are rows to read.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evo_nas.data.archive import load_dataset, save_dataset
    from evo_nas.data.array_store import ArrayStore
    from evo_nas.data.data_facts import DataFacts, saved_facts
    from evo_nas.data.dataset import Dataset, Schema
    from evo_nas.data.guess import guess_settings
    from evo_nas.data.image_preprocessing import ImagePreprocessing, fit_image_preprocessing
    from evo_nas.data.images.describing import describe_images
    from evo_nas.data.images.guess import guess_image_settings
    from evo_nas.data.images.in_memory import dataset_from_images
    from evo_nas.data.images.new_images import image_paths, images_from_array, read_images
    from evo_nas.data.in_memory import dataset_from_arrays, dataset_from_frame
    from evo_nas.data.loading import DATASET_NAMES, load_data
    from evo_nas.data.new_rows import Rows, read_rows, rows_from_frame
    from evo_nas.data.preprocessing import Preprocessing, fit_preprocessing
    from evo_nas.data.splits import Fold, RowSplit, check_splits, numbers_kept_back, split_rows, training_folds

__all__ = [
    "DATASET_NAMES",
    "ArrayStore",
    "DataFacts",
    "Dataset",
    "Fold",
    "ImagePreprocessing",
    "Preprocessing",
    "RowSplit",
    "Rows",
    "Schema",
    "check_splits",
    "dataset_from_arrays",
    "dataset_from_frame",
    "dataset_from_images",
    "describe_images",
    "fit_image_preprocessing",
    "fit_preprocessing",
    "guess_image_settings",
    "guess_settings",
    "image_paths",
    "images_from_array",
    "load_data",
    "load_dataset",
    "numbers_kept_back",
    "read_images",
    "read_rows",
    "rows_from_frame",
    "save_dataset",
    "saved_facts",
    "split_rows",
    "training_folds",
]

_MODULES = {
    "archive": ("load_dataset", "save_dataset"),
    "array_store": ("ArrayStore",),
    "data_facts": ("DataFacts", "saved_facts"),
    "dataset": ("Dataset", "Schema"),
    "guess": ("guess_settings",),
    "image_preprocessing": ("ImagePreprocessing", "fit_image_preprocessing"),
    "images.describing": ("describe_images",),
    "images.guess": ("guess_image_settings",),
    "images.in_memory": ("dataset_from_images",),
    "images.new_images": ("image_paths", "images_from_array", "read_images"),
    "in_memory": ("dataset_from_arrays", "dataset_from_frame"),
    "loading": ("DATASET_NAMES", "load_data"),
    "new_rows": ("Rows", "read_rows", "rows_from_frame"),
    "preprocessing": ("Preprocessing", "fit_preprocessing"),
    "splits": ("Fold", "RowSplit", "check_splits", "numbers_kept_back", "split_rows", "training_folds"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
