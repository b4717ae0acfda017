"""Rows to predict: read by the schema of the data that was learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evo_nas.data.assembly import stacked, stacked_codes
from evo_nas.data.columns import (
    CodeArray,
    Column,
    FloatArray,
    NumericColumn,
    TextColumn,
    check_names,
    check_range,
    nearest,
    num_rows,
)
from evo_nas.data.csv_files import CsvFile, Kind, read_columns, read_names
from evo_nas.data.dataset import Schema
from evo_nas.data.in_memory import column_from_series
from evo_nas.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """numeric: float64 [rows, num_numeric], NaN where missing. categorical: int32 [rows, num_categorical], -1 where
    the label is missing or was never seen."""

    numeric: FloatArray
    categorical: CodeArray


def read_rows(path: Path, schema: Schema, *, delimiter: str = ",") -> Rows:
    """The rows of a CSV file, its columns in any order; further columns, the target among them, are ignored.

    Raises UserError: no such file, no rows, a column that the schema names and the file lacks, text or infinite
    values in a numeric column.
    """
    file = CsvFile(path, delimiter)
    _check_present(schema, read_names(file), where=str(path))
    kinds: dict[str, Kind] = dict.fromkeys(schema.numeric_names, "numeric")
    kinds |= dict.fromkeys(schema.categorical_names, "text")
    return _encoded(read_columns(file, kinds), schema, where=str(path))


def rows_from_frame(frame: pd.DataFrame, schema: Schema, *, where: str = "frame") -> Rows:
    """The rows of a data frame, as `read_rows` reads them from a file. Raises UserError as it does."""
    if not hasattr(frame, "columns"):
        known = ", ".join((*schema.numeric_names, *schema.categorical_names)[:5])
        raise UserError(
            f"{where}: expected a pandas.DataFrame with the columns that the model knows ({known}, ...), got "
            f"{type(frame).__name__}; pandas.DataFrame(rows, columns=[...]) makes one"
        )
    names = [str(column) for column in frame.columns]
    check_names(names, where=where)
    _check_present(schema, names, where=where)
    columns = {
        name: column_from_series(
            frame.iloc[:, names.index(name)], name, is_categorical=name in schema.categorical_names, where=where
        )
        for name in (*schema.numeric_names, *schema.categorical_names)
    }
    return _encoded(columns, schema, where=where)


def _check_present(schema: Schema, names: Sequence[str], *, where: str) -> None:
    for name in (*schema.numeric_names, *schema.categorical_names):
        if name not in names:
            raise UserError(
                f"{where}: the column {name!r} is missing{nearest(name, names)}; the model was trained with it"
            )


def _encoded(columns: Mapping[str, Column], schema: Schema, *, where: str) -> Rows:
    rows = num_rows(next(iter(columns.values())))
    if rows == 0:
        raise UserError(f"{where}: there are no rows to predict")
    numeric, codes = [], []
    for name in schema.numeric_names:
        column = columns[name]
        assert isinstance(column, NumericColumn), "read as numeric"
        check_range(column.values, where=where, name=name)
        numeric.append(column.values)
    for name, labels in zip(schema.categorical_names, schema.categories, strict=True):
        column = columns[name]
        assert isinstance(column, TextColumn), "read as text"
        codes.append(_recoded(column, labels))
    return Rows(stacked(numeric, rows), stacked_codes(codes, rows))


def _recoded(column: TextColumn, labels: Sequence[str]) -> CodeArray:
    position = {label: code for code, label in enumerate(labels)}
    # The last place is that of code -1: missing stays missing.
    table = np.array([*(position.get(label, -1) for label in column.labels), -1], dtype=np.int32)
    return table[column.codes]
