"""Rows as a network eats them. The data are read once for a thousand candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import DataSettings, Task, Validation
from evo_nas.data import (
    Dataset,
    Fold,
    ImagePreprocessing,
    Preprocessing,
    RowSplit,
    fit_image_preprocessing,
    fit_preprocessing,
    load_dataset,
    split_rows,
    training_folds,
)
from evo_nas.errors import UserError

Float32Array = NDArray[np.float32]
AnyPreprocessing = Preprocessing | ImagePreprocessing
"""Of the rows of a table, or of images."""

ClassWeights = Literal["balanced"] | Mapping[str, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows, preprocessed or on the way to it.

    inputs: float32 [rows, ...]. targets: float32 [rows, num_outputs]: 0 or 1 for binary, one-hot for multiclass,
    standardised for regression. truth: the target as the data set has it [rows].
    places: where the inputs are those of a whole data set, which of them these examples are, int32 [rows]: so many
    folds share one array, be it in memory or on disk. affine: of images, whose inputs are uint8, what takes them to
    numbers, see `ImagePreprocessing.affine`.
    """

    inputs: NDArray[Any]
    targets: Float32Array
    truth: NDArray[Any]
    places: NDArray[np.int32] | None = None
    affine: Float32Array | None = None

    def __len__(self) -> int:
        return len(self.truth)

    def prepared(self, part: slice = slice(None)) -> Float32Array:
        """What a network is given of these examples or of a part of them, float32 [rows, *input_shape]."""
        inputs: Float32Array = self.inputs[part] if self.places is None else self.inputs[self.places[part]]
        if self.affine is not None:
            scales, shifts = self.affine
            inputs = inputs.astype(np.float32) * scales + shifts
        return inputs


@dataclass(frozen=True, slots=True, eq=False)
class FoldExamples:
    """The examples of one fold, and the preprocessing that was fitted on its training rows. Parts may be empty."""

    task: Task
    preprocessing: AnyPreprocessing
    train: Examples
    validation: Examples
    confirmation: Examples

    def readable(self, outputs: Float32Array) -> NDArray[np.float64]:
        """What a network says [rows, num_outputs], as predictions in the sense of `metrics.measure`."""
        return readable(outputs, self.task, self.preprocessing)


@dataclass(frozen=True, slots=True, eq=False)
class SplitDataset:
    """A data set, and which of its rows may be seen by whom."""

    dataset: Dataset
    rows: RowSplit


def open_data(path: Path, settings: DataSettings) -> SplitDataset:
    """The data of a run, read again only where the file has changed. Raises UserError as `load_dataset` does."""
    stamp = (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None
    return _read_data(path, settings, stamp)


@lru_cache(maxsize=64)
def open_folds(data: SplitDataset, validation: Validation, evaluation_seed: int, replicate: int) -> tuple[Fold, ...]:
    """The folds of a replicate. Raises UserError where the rows cannot be divided so."""
    return training_folds(
        data.dataset, data.rows.search, validation, evaluation_seed=evaluation_seed, replicate=replicate
    )


def fold_examples(data: SplitDataset, fold: Fold, kind: str) -> FoldExamples:
    """The examples of a fold under a kind of preprocessing, which is fitted on its training rows alone."""
    dataset = data.dataset
    fit = fit_preprocessing if dataset.schema.image_shape is None else fit_image_preprocessing
    fitted = fit(dataset, fold.train, kind)
    return FoldExamples(
        task=dataset.task,
        preprocessing=fitted,
        train=examples_of(dataset, fold.train, fitted),
        validation=examples_of(dataset, fold.validation, fitted),
        confirmation=examples_of(dataset, data.rows.confirmation, fitted),
    )


def examples_of(dataset: Dataset, rows: NDArray[np.int64], fitted: AnyPreprocessing) -> Examples:
    """The examples of some rows [rows] under a preprocessing; those of images are their places in the data set."""
    truth = dataset.target[rows]
    targets = _as_targets(dataset, fitted.transform_target(truth))
    if isinstance(fitted, ImagePreprocessing):
        return Examples(dataset.pixels, targets, truth, rows.astype(np.int32), fitted.affine)
    return Examples(fitted.transform(dataset.numeric[rows], dataset.categorical[rows]), targets, truth)


def _as_targets(dataset: Dataset, values: NDArray[Any]) -> Float32Array:
    """float32 [rows, num_outputs]."""
    if dataset.task == "multiclass":
        values = np.eye(len(dataset.classes), dtype=np.float32)[values]
        return values
    return values.astype(np.float32)[:, None]


def check_class_weights(class_weights: ClassWeights, classes: tuple[str, ...]) -> None:
    """Raise UserError for a name that is no class."""
    for name in class_weights if isinstance(class_weights, Mapping) else ():
        if name not in classes:
            raise UserError(f"[recipe] class_weights: {name!r} is no class; the classes are {', '.join(classes)}")


def row_weights(examples: Examples, class_weights: ClassWeights, classes: tuple[str, ...]) -> Float32Array:
    """The weight of each training row in the loss, float32 [rows]: 1, or that of its class.

    "balanced" is rows / (classes that have rows * rows of the class), as scikit-learn counts it. A class that the
    mapping does not name weighs 1.
    """
    if class_weights is None:
        return np.ones(len(examples), dtype=np.float32)
    if class_weights == "balanced":
        counts = np.bincount(examples.truth, minlength=len(classes))
        by_class = len(examples) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    else:
        by_class = np.array([class_weights.get(name, 1.0) for name in classes])
    weights: Float32Array = by_class.astype(np.float32)[examples.truth]
    return weights


def readable(outputs: Float32Array, task: Task, fitted: AnyPreprocessing) -> NDArray[np.float64]:
    """See `FoldExamples.readable`; for those who have no fold."""
    if task == "regression":
        return fitted.restore_target(outputs[:, 0])
    return (outputs if task == "multiclass" else outputs[:, 0]).astype(np.float64)


@lru_cache(maxsize=1)
def _read_data(path: Path, settings: DataSettings, stamp: tuple[int, int] | None) -> SplitDataset:
    dataset = load_dataset(path, trusted=True)  # a thousand candidates need not hash all images again
    return SplitDataset(dataset, split_rows(dataset, settings))
