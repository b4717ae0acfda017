"""The rows that a run learns from, as arrays that nobody can change, and the schema that new rows must follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np

from evo_nas.config import Task
from evo_nas.data.columns import CodeArray, FloatArray, IndexArray


@dataclass(frozen=True, slots=True)
class Schema:
    """What the columns mean: enough to read new rows for a prediction, and to name what is predicted.

    categories: for each categorical column its labels; a code is an index into them. classes: empty for regression.
    """

    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    target_name: str
    classes: tuple[str, ...]
    task: Task

    @property
    def num_inputs(self) -> int:
        """Input units of a network: numeric columns and one for each category."""
        return len(self.numeric_names) + sum(len(labels) for labels in self.categories)

    @property
    def num_outputs(self) -> int:
        """Output units of a network: one for binary and regression, else one a class."""
        return len(self.classes) if self.task == "multiclass" else 1

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; `from_json` is the inverse."""
        return {
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
        )


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A table of numbers and codes with its target. The arrays are copied and made read-only.

    numeric: float64 [rows, num_numeric], NaN where missing. categorical: int32 codes [rows, num_categorical], -1 where
    missing. target: int64 index into schema.classes [rows] (binary: 1 is the positive class), or float64 [rows] for
    regression. fingerprint: 32 hexadecimal digits of content, column names, categories, classes and task, but not of
    the set's name: the same rows are the same data wherever they came from.

    Raises ValueError where the shapes do not fit the schema.
    """

    name: str
    schema: Schema
    numeric: FloatArray
    categorical: CodeArray
    target: FloatArray | IndexArray
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        target_type = np.float64 if self.task == "regression" else np.int64
        for attribute, dtype in (("numeric", np.float64), ("categorical", np.int32), ("target", target_type)):
            array = np.array(getattr(self, attribute), dtype=dtype, order="C")
            array.setflags(write=False)
            object.__setattr__(self, attribute, array)
        self._check_shapes()
        object.__setattr__(self, "fingerprint", _fingerprint(self))

    def _check_shapes(self) -> None:
        rows = len(self.target)
        expected = ((rows, len(self.numeric_names)), (rows, len(self.categorical_names)), (rows,))
        found = (self.numeric.shape, self.categorical.shape, self.target.shape)
        if found != expected or len(self.categories) != len(self.categorical_names):
            raise ValueError(f"expected numeric, categorical and target of shapes {expected}, got {found}")

    @property
    def num_rows(self) -> int:
        return len(self.target)

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
    digest.update(json.dumps([dataset.schema.to_json(), dataset.num_rows], sort_keys=True).encode())
    digest.update(_canonical_bytes(dataset.numeric))
    digest.update(dataset.categorical.astype("<i4").tobytes())
    is_regression = dataset.task == "regression"
    digest.update(_canonical_bytes(dataset.target) if is_regression else dataset.target.astype("<i8").tobytes())
    return digest.hexdigest()


def _canonical_bytes(values: np.ndarray[Any, np.dtype[Any]]) -> bytes:
    # There are many NaNs and two zeros; equal values shall be equal bytes on every machine.
    return np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes()
