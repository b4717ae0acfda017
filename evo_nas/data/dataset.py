"""The rows that a run learns from, as arrays that nobody can change, and the schema that new rows must follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, get_args

import numpy as np

from evo_nas.config import Task
from evo_nas.config.data import Fit
from evo_nas.data.columns import CodeArray, FloatArray, IndexArray
from evo_nas.data.pixel_files import ImageArray as ImageArray
from evo_nas.data.pixel_files import ImageShape as ImageShape
from evo_nas.data.pixel_files import pixels_hash


@dataclass(frozen=True, slots=True)
class Schema:
    """What the columns mean: enough to read new rows for a prediction, and to name what is predicted.

    categories: for each categorical column its labels; a code is an index into them. classes: empty for regression.
    image_shape: height, width and channels (1 grey, 3 red, green and blue) where a row is an image; else None.
    image_fit: how an image of another size is brought to that one, see `DataSettings`.
    """

    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    target_name: str
    classes: tuple[str, ...]
    task: Task
    image_shape: ImageShape | None = None
    image_fit: Fit = "stretch"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one row as a network takes it: numeric columns and one for each category, or the pixels of an image."""
        if self.image_shape is not None:
            return self.image_shape
        return (len(self.numeric_names) + sum(len(labels) for labels in self.categories),)

    @property
    def num_inputs(self) -> int:
        """How many numbers a network takes of one row."""
        return prod(self.input_shape)

    @property
    def num_outputs(self) -> int:
        """Output units of a network: one for binary and regression, else one a class."""
        return len(self.classes) if self.task == "multiclass" else 1

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; `from_json` is the inverse."""
        image = {"image_shape": list(self.image_shape), "image_fit": self.image_fit} if self.image_shape else {}
        return {
            **image,
            "numeric_names": list(self.numeric_names),
            "categorical_names": list(self.categorical_names),
            "categories": [list(labels) for labels in self.categories],
            "target_name": self.target_name,
            "classes": list(self.classes),
            "task": self.task,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Schema:
        """Raises ValueError, KeyError or TypeError where the data is not a schema."""
        if data["task"] not in get_args(Task):
            raise ValueError(f"expected a task ({', '.join(get_args(Task))}), got {data['task']!r}")
        return cls(
            numeric_names=tuple(map(str, data["numeric_names"])),
            categorical_names=tuple(map(str, data["categorical_names"])),
            categories=tuple(tuple(map(str, labels)) for labels in data["categories"]),
            target_name=str(data["target_name"]),
            classes=tuple(map(str, data["classes"])),
            task=data["task"],
            image_shape=_image_shape(data["image_shape"]) if "image_shape" in data else None,
            image_fit=_image_fit(data.get("image_fit", "stretch")),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A table of numbers and codes with its target. The arrays are copied and made read-only.

    numeric: float64 [rows, num_numeric], NaN where missing. categorical: int32 codes [rows, num_categorical], -1 where
    missing. target: int64 index into schema.classes [rows] (binary: 1 is the positive class), or float64 [rows] for
    regression. fingerprint: 32 hexadecimal digits of content, column names, categories, classes and task, but not of
    the set's name: the same rows are the same data wherever they came from. images: uint8 [rows, height, width,
    channels], which is not copied where it is read-only; [rows, 0, 0, 0] for a table, as nothing is a column of images.
    num_test: how many of the rows, the last ones, came as test rows; the others are then no test rows. images_hash: of
    the pixels, where `pixels_hash` has read them all already.

    Raises ValueError where the shapes do not fit the schema.
    """

    name: str
    schema: Schema
    numeric: FloatArray
    categorical: CodeArray
    target: FloatArray | IndexArray
    images: ImageArray | None = None
    num_test: int = 0
    images_hash: str | None = None
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        target_type = np.float64 if self.task == "regression" else np.int64
        for attribute, dtype in (("numeric", np.float64), ("categorical", np.int32), ("target", target_type)):
            array = np.array(getattr(self, attribute), dtype=dtype, order="C")
            array.setflags(write=False)
            object.__setattr__(self, attribute, array)
        object.__setattr__(self, "images", _kept_images(self.images, len(self.target)))
        self._check_shapes()
        if self.schema.image_shape is not None and self.images_hash is None:
            object.__setattr__(self, "images_hash", pixels_hash(self.pixels))
        object.__setattr__(self, "fingerprint", _fingerprint(self))

    def _check_shapes(self) -> None:
        rows = len(self.target)
        images = (rows, *(self.schema.image_shape or (0, 0, 0)))
        expected = ((rows, len(self.numeric_names)), (rows, len(self.categorical_names)), (rows,), images)
        found = (self.numeric.shape, self.categorical.shape, self.target.shape, self.pixels.shape)
        if found != expected or len(self.categories) != len(self.categorical_names):
            raise ValueError(f"expected numeric, categorical, target and images of shapes {expected}, got {found}")
        if not 0 <= self.num_test < max(1, rows):
            raise ValueError(f"expected fewer test rows than the {rows} rows, got {self.num_test}")

    @property
    def num_rows(self) -> int:
        return len(self.target)

    @property
    def pixels(self) -> ImageArray:
        """`images`, which are always there once the record is made."""
        assert self.images is not None
        return self.images

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self.schema.input_shape

    @property
    def num_inputs(self) -> int:
        return self.schema.num_inputs

    @property
    def num_outputs(self) -> int:
        return self.schema.num_outputs

    @property
    def numeric_names(self) -> tuple[str, ...]:
        return self.schema.numeric_names

    @property
    def categorical_names(self) -> tuple[str, ...]:
        return self.schema.categorical_names

    @property
    def categories(self) -> tuple[tuple[str, ...], ...]:
        return self.schema.categories

    @property
    def target_name(self) -> str:
        return self.schema.target_name

    @property
    def classes(self) -> tuple[str, ...]:
        return self.schema.classes

    @property
    def task(self) -> Task:
        return self.schema.task


def _fingerprint(dataset: Dataset) -> str:
    digest = hashlib.blake2b(digest_size=16)
    schema = {name: value for name, value in dataset.schema.to_json().items() if name != "image_fit"}
    digest.update(json.dumps([schema, dataset.num_rows], sort_keys=True).encode())
    digest.update(_canonical_bytes(dataset.numeric))
    digest.update(dataset.categorical.astype("<i4").tobytes())
    is_regression = dataset.task == "regression"
    digest.update(_canonical_bytes(dataset.target) if is_regression else dataset.target.astype("<i8").tobytes())
    if dataset.images_hash is not None or dataset.num_test:
        digest.update(f"{dataset.images_hash} {dataset.num_test}".encode())
    return digest.hexdigest()


def _kept_images(images: ImageArray | None, rows: int) -> ImageArray:
    if images is None:
        images = np.empty((rows, 0, 0, 0), dtype=np.uint8)
    elif images.dtype != np.uint8:
        raise ValueError(f"expected images of uint8, got {images.dtype}")
    elif images.flags.writeable:
        images = images.copy()
    images.setflags(write=False)
    return images


def _image_shape(data: Sequence[int]) -> ImageShape:
    height, width, channels = map(int, data)
    if min(height, width) < 1 or channels not in (1, 3):
        raise ValueError(f"expected images of height, width and 1 or 3 channels, got {data!r}")
    return height, width, channels


def _image_fit(data: Any) -> Fit:
    if data not in get_args(Fit):
        raise ValueError(f"expected one of {', '.join(get_args(Fit))}, got {data!r}")
    fit: Fit = data
    return fit


def _canonical_bytes(values: np.ndarray[Any, np.dtype[Any]]) -> bytes:
    # There are many NaNs and two zeros; equal values shall be equal bytes on every machine.
    return np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes()
