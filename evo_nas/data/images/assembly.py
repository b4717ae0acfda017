"""Pixels and labels become a data set, or one sentence that says why they cannot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evo_nas.config import Task
from evo_nas.config.data import Fit
from evo_nas.data.columns import Column, check_has_rows, num_rows
from evo_nas.data.dataset import Dataset, ImageArray, Schema
from evo_nas.data.targets import interpret_target
from evo_nas.errors import UserError


@dataclass(frozen=True, slots=True, eq=False)
class ImageRows:
    """pixels: uint8 [rows, height, width, channels]. target: of as many rows. num_test: the last rows, as test rows."""

    pixels: ImageArray
    target: Column
    num_test: int = 0


def class_task(num_classes: int) -> Task:
    """The task where the target is certainly a class, whatever its labels look like."""
    return "binary" if num_classes == 2 else "multiclass"


def image_dataset(
    name: str, rows: ImageRows, *, task: Task | None, fit: Fit, where: str, images_hash: str | None = None
) -> Dataset:
    """A data set of images; where a task is None it is guessed from the target (see `interpret_target`).

    images_hash: of the pixels, where they were hashed already. Raises UserError, with the place: no rows, rows and
    labels of different numbers, no channels of grey or colours, a class that only test rows have, and whatever
    `interpret_target` refuses.
    """
    pixels, labels = rows.pixels, num_rows(rows.target)
    if len(pixels) != labels:
        raise UserError(f"{where}: there are {len(pixels)} images and {labels} labels; expected one label an image")
    check_has_rows(rows.target, where=where)
    if rows.num_test >= labels:
        raise UserError(f"{where}: all images are test rows; nothing is left to learn from")
    interpreted = interpret_target(rows.target, task, where=where)
    _, height, width, channels = pixels.shape
    schema = Schema(
        numeric_names=(),
        categorical_names=(),
        categories=(),
        target_name=rows.target.name,
        classes=interpreted.classes,
        task=interpreted.task,
        image_shape=(height, width, channels),
        image_fit=fit,
    )
    dataset = Dataset(
        name,
        schema,
        np.empty((labels, 0)),
        np.empty((labels, 0), dtype=np.int32),
        interpreted.values,
        images=pixels,
        num_test=rows.num_test,
        images_hash=images_hash,
    )
    _check_test_classes(dataset, where=where)
    return dataset


def _check_test_classes(dataset: Dataset, *, where: str) -> None:
    if not dataset.num_test or dataset.task == "regression":
        return
    labels = dataset.target.astype(np.int64)
    unknown = np.setdiff1d(labels[-dataset.num_test :], labels[: -dataset.num_test])
    if unknown.size:
        raise UserError(
            f"{where}: the class {dataset.classes[int(unknown[0])]!r} has test rows and none to learn from; add images "
            f"of it, or remove its test rows"
        )
