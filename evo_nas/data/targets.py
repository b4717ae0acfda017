"""What is predicted: a target column becomes class indices or numbers, and the task is guessed where nobody said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evo_nas.config import Task
from evo_nas.data.columns import (
    LARGEST_EXACT,
    Column,
    FloatArray,
    IndexArray,
    NumericColumn,
    TextColumn,
    check_exact,
    check_range,
    number_or_none,
)
from evo_nas.errors import UserError

MOST_CLASSES_GUESSED = 20
"""More distinct whole numbers than this are taken for an amount, not for classes."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """values: int64 class indices or float64 numbers [rows]. classes: empty for regression."""

    values: FloatArray | IndexArray
    classes: tuple[str, ...]
    task: Task


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    codes: IndexArray
    texts: tuple[str, ...]

    def first_row(self, code: int) -> int:
        return int(np.argmax(self.codes == code)) + 1


def interpret_target(column: Column, task: Task | None, *, where: str) -> Target:
    """The target of a column of at least one row, for the task given or else guessed.

    Guess: numbers of which one is not whole, or with more than 20 distinct values, are regression; two values are
    binary; anything else is multiclass. Classes are sorted, by number if all are numbers; in a binary task the second
    one is the positive class.
    Raises UserError: a missing or infinite value (row), a whole number beyond 2^53, a constant target, a class with a
    single row, texts for regression, not two classes for binary.
    """
    place = f"{where}: target {column.name!r}"
    _check_complete(column, place=place)
    if isinstance(column, NumericColumn):
        check_range(column.values, where=where, name=column.name)
    labels = _labels(column)
    numbers = column.values if isinstance(column, NumericColumn) else _numbers(column, labels, where=where)
    if len(labels.texts) == 1:
        raise UserError(f"{place} is {labels.texts[0]!r} in every row; there is nothing to learn from a constant")
    task = task or _guess(numbers, num_labels=len(labels.texts))
    if task != "regression":
        _check_classes(labels, task, place=place)
        return Target(labels.codes, labels.texts, task)
    if numbers is None:
        raise _text_in_regression(labels, place=place)
    return Target(numbers, (), task)


def _check_complete(column: Column, *, place: str) -> None:
    missing = np.isnan(column.values) if isinstance(column, NumericColumn) else column.codes < 0
    if missing.any():
        raise UserError(f"{place} has no value in row {int(np.argmax(missing)) + 1}; fill it in or remove the row")


def _labels(column: Column) -> _Labels:
    if isinstance(column, TextColumn):
        return _Labels(column.codes.astype(np.int64), column.labels)
    distinct, codes = np.unique(column.values, return_inverse=True)
    return _Labels(codes.astype(np.int64), tuple(number_label(float(value)) for value in distinct))


def number_label(value: float) -> str:
    """The shortest text of a number, whole ones without a point."""
    return str(int(value)) if value.is_integer() else repr(value)


def _numbers(column: TextColumn, labels: _Labels, *, where: str) -> FloatArray | None:
    """The target as numbers [rows], or None where a label is no number."""
    parsed = [number_or_none(text) for text in labels.texts]
    if any(number is None for number in parsed):
        return None
    values = np.array(parsed, dtype=np.float64)
    for code in np.flatnonzero(np.abs(values) >= LARGEST_EXACT).tolist():
        check_exact(labels.texts[code], where=where, name=column.name, row=labels.first_row(code))
    numbers: FloatArray = values[labels.codes]
    check_range(numbers, where=where, name=column.name)
    return numbers


def _guess(numbers: FloatArray | None, *, num_labels: int) -> Task:
    if numbers is not None and ((numbers != np.floor(numbers)).any() or num_labels > MOST_CLASSES_GUESSED):
        return "regression"
    return "binary" if num_labels == 2 else "multiclass"


def _text_in_regression(labels: _Labels, *, place: str) -> UserError:
    code, text = next((c, t) for c, t in enumerate(labels.texts) if number_or_none(t) is None)
    return UserError(
        f"{place} holds text such as {text!r:.60} in row {labels.first_row(code)}, but the task is regression; "
        f"use numbers, or remove task from [data]"
    )


def _check_classes(labels: _Labels, task: Task, *, place: str) -> None:
    if task == "binary" and len(labels.texts) != 2:
        raise UserError(f'{place} has {len(labels.texts)} classes where a binary task has two; use task = "multiclass"')
    counts = np.bincount(labels.codes, minlength=len(labels.texts))
    if counts.min() == 1:
        code = int(np.argmin(counts))
        raise UserError(
            f"{place}: the class {labels.texts[code]!r} has a single row (row {labels.first_row(code)}); one is needed "
            f"to learn it and one to test it, so remove the row or join the class with another"
        )
