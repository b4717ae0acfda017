"""Columns become a data set, or one sentence that says why they cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evo_nas.config import Task
from evo_nas.data.columns import (
    CodeArray,
    Column,
    FloatArray,
    NumericColumn,
    TextColumn,
    check_has_rows,
    check_range,
    num_rows,
)
from evo_nas.data.dataset import Dataset, Schema
from evo_nas.data.targets import interpret_target
from evo_nas.errors import UserError


def assemble(name: str, features: Sequence[Column], target: Column, *, task: Task | None, where: str) -> Dataset:
    """A data set from its columns; where a task is None it is guessed from the target (see `interpret_target`).

    Raises UserError, with the place: no rows, no feature columns, a column without any value, infinite values, and
    whatever `interpret_target` refuses.
    """
    rows = num_rows(target)
    check_has_rows(target, where=where)
    _check_features(features, rows, where=where)
    interpreted = interpret_target(target, task, where=where)
    numeric = [column for column in features if isinstance(column, NumericColumn)]
    textual = [column for column in features if isinstance(column, TextColumn)]
    schema = Schema(
        numeric_names=tuple(column.name for column in numeric),
        categorical_names=tuple(column.name for column in textual),
        categories=tuple(column.labels for column in textual),
        target_name=target.name,
        classes=interpreted.classes,
        task=interpreted.task,
    )
    values = stacked([column.values for column in numeric], rows)
    codes = stacked_codes([column.codes for column in textual], rows)
    return Dataset(name, schema, values, codes, interpreted.values)


def stacked(columns: Sequence[FloatArray], rows: int) -> FloatArray:
    """float64 [rows, columns], also for no columns."""
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def stacked_codes(columns: Sequence[CodeArray], rows: int) -> CodeArray:
    """int32 [rows, columns], also for no columns."""
    return np.column_stack(columns) if columns else np.empty((rows, 0), dtype=np.int32)


def _check_features(features: Sequence[Column], rows: int, *, where: str) -> None:
    if not features:
        raise UserError(f"{where}: there are no feature columns beside the target; nothing is left to learn from")
    for column in features:
        _check_feature(column, rows, where=where)


def _check_feature(column: Column, rows: int, *, where: str) -> None:
    if num_rows(column) != rows:
        raise UserError(f"{where}: column {column.name!r} has {num_rows(column)} rows, the target {rows}")
    is_empty = not column.labels if isinstance(column, TextColumn) else bool(np.isnan(column.values).all())
    if is_empty:
        raise UserError(f"{where}: column {column.name!r} holds no value in any row; add it to drop")
    if isinstance(column, NumericColumn):
        check_range(column.values, where=where, name=column.name)
