"""Data sets from arrays and data frames, for those who already have their rows in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evo_nas.config import Task
from evo_nas.data.assembly import assemble
from evo_nas.data.columns import (
    Column,
    NumericColumn,
    TextColumn,
    check_exact,
    check_names,
    nearest,
    parse_numbers,
    text_column,
)
from evo_nas.data.dataset import Dataset
from evo_nas.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def dataset_from_arrays(
    x: ArrayLike,
    y: ArrayLike,
    *,
    feature_names: Sequence[str] | None = None,
    categorical: Sequence[str] = (),
    target_name: str = "target",
    task: Task | None = None,
    name: str = "arrays",
) -> Dataset:
    """A data set from x [rows, columns] and y [rows], NaN and None in x meaning missing; or from images x [rows,
    height, width] or [rows, height, width, channels], see `as_pixels`.

    feature_names: x0, x1, ... where not given. categorical: names of the columns whose values are labels; their
    values are told apart by their texts. task: guessed from y where None.
    Raises UserError for shapes that do not fit, unknown names, and whatever a loaded file is refused for.
    """
    table, target = np.asanyarray(x), np.asarray(y)
    if table.ndim in (3, 4):
        from evo_nas.data.images.in_memory import dataset_from_images

        if feature_names is not None or len(categorical):
            raise UserError(f"{name}: images have no columns; remove feature_names and categorical")
        return dataset_from_images(table, target, target_name=target_name, task=task, name=name)
    if table.ndim != 2 or target.ndim != 1 or len(table) != len(target):
        raise UserError(f"{name}: expected x [rows, columns] and y [rows], got shapes {table.shape} and {target.shape}")
    names = [f"x{i}" for i in range(table.shape[1])] if feature_names is None else list(map(str, feature_names))
    if len(names) != table.shape[1]:
        raise UserError(f"{name}: expected {table.shape[1]} feature names, one a column, got {len(names)}")
    check_names([*names, target_name], where=name)
    check_known(categorical, names, where=name)
    features = [
        column_from_array(table[:, i], column, is_categorical=column in categorical, where=name)
        for i, column in enumerate(names)
    ]
    return assemble(name, features, target_column(target, target_name, where=name), task=task, where=name)


def dataset_from_frame(
    frame: pd.DataFrame,
    target: str,
    *,
    categorical: Sequence[str] = (),
    task: Task | None = None,
    name: str = "frame",
) -> Dataset:
    """A data set from a data frame, NaN, None and pandas.NA meaning missing.

    Columns of type category, object, string and bool are categorical whether they are listed or not.
    Raises UserError for unknown names and whatever a loaded file is refused for.
    """
    names = [str(column) for column in frame.columns]
    check_names(names, where=name)
    check_known((target,), names, where=name, key="target")
    check_known(categorical, names, where=name)
    columns = {column: frame.iloc[:, i] for i, column in enumerate(names)}
    features = [
        column_from_series(series, column, is_categorical=column in categorical or holds_labels(series), where=name)
        for column, series in columns.items()
        if column != target
    ]
    is_label = holds_labels(columns[target])
    target_values = column_from_series(columns[target], target, is_categorical=is_label, where=name)
    return assemble(name, features, target_values, task=task, where=name)


def check_known(wanted: Sequence[str], known: Sequence[str], *, where: str, key: str = "categorical") -> None:
    """Raise UserError, with the nearest name, where a column that the key names is not there."""
    for name in wanted:
        if name not in known:
            shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
            raise UserError(
                f"{where}: {key} names the column {name!r}{nearest(name, known)}, but the columns are {shown}"
            )


def target_column(values: NDArray[Any], name: str, *, where: str) -> Column:
    """The column of a target array [rows]: labels if it holds texts, objects or booleans, else numbers."""
    return column_from_array(values, name, is_categorical=values.dtype.kind in "OUSTb", where=where)


def column_from_array(values: NDArray[Any], name: str, *, is_categorical: bool, where: str) -> Column:
    """A column from an array [rows]. Raises UserError for text among numbers, integers beyond 2^53, other types."""
    if values.dtype.kind not in "OUSTbiuf":
        raise UserError(f"{where}: column {name!r} is of type {values.dtype}; expected numbers, texts or booleans")
    if values.dtype.kind in "OUST":
        texts = [_text(value) for value in values]
        if is_categorical:
            return _labels_of_texts(texts, name)
        return NumericColumn(name, parse_numbers(texts, where=where, name=name))
    if is_categorical:
        distinct, codes = np.unique(values, return_inverse=True)
        return text_column(name, [_text(value) for value in distinct], codes)
    if values.dtype.kind in "iu" and values.size:
        for row in (int(np.argmax(values)), int(np.argmin(values))):
            check_exact(str(values[row]), where=where, name=name, row=row + 1)
    return NumericColumn(name, values.astype(np.float64))


def column_from_series(series: pd.Series[Any], name: str, *, is_categorical: bool, where: str) -> Column:
    """A column from a pandas series; raises UserError as `column_from_array` does."""
    import pandas as pd

    if is_categorical:
        codes, distinct = pd.factorize(series)
        return text_column(name, [*map(_text, distinct), None], codes)  # the code of a missing value is -1: the last
    if series.dtype == object or pd.api.types.is_extension_array_dtype(series.dtype):
        series = series.astype(object).where(series.notna(), None)
    return column_from_array(series.to_numpy(), name, is_categorical=False, where=where)


def holds_labels(series: pd.Series[Any]) -> bool:
    """Is a series of a type that holds labels: category, object, string or bool?"""
    import pandas as pd

    is_text = pd.api.types.is_object_dtype(series) or pd.api.types.is_string_dtype(series)
    return bool(isinstance(series.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(series) or is_text)


def _labels_of_texts(texts: Sequence[str], name: str) -> TextColumn:
    codes: dict[str, int] = {}
    rows = np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int32)
    return text_column(name, codes, rows)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None or value is np.ma.masked else str(value)
