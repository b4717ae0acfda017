"""One column of a table: numbers with gaps, or labels as codes. Every source of rows is turned into these first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evo_nas.errors import UserError

FloatArray: TypeAlias = NDArray[np.float64]
Float32Array: TypeAlias = NDArray[np.float32]
CodeArray: TypeAlias = NDArray[np.int32]
IndexArray: TypeAlias = NDArray[np.int64]

MISSING = frozenset({"", "NA", "NaN", "nan", "?"})
"""Texts that mean "no value", in a file or a frame, after spaces are stripped."""

LARGEST_EXACT = 2**53
LARGEST_INPUT = float(np.finfo(np.float32).max)
"""Networks compute in 32 bits, where anything larger is infinite."""

_WHOLE = re.compile(r"[+-]?\d+")  # with a point it is a measurement, which may be rounded
_TRAILING_ZEROS = re.compile(r"([+-]?\d{1,15})\.0+")


@dataclass(frozen=True, slots=True, eq=False)
class NumericColumn:
    """values: float64 [rows], NaN where missing."""

    name: str
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """codes: int32 [rows], an index into labels, -1 where missing. labels: each occurs in some row."""

    name: str
    codes: CodeArray
    labels: tuple[str, ...]


Column: TypeAlias = NumericColumn | TextColumn


def num_rows(column: Column) -> int:
    return len(column.values if isinstance(column, NumericColumn) else column.codes)


def check_has_rows(column: Column, *, where: str) -> None:
    """Raise UserError where a table is empty."""
    if num_rows(column) == 0:
        raise UserError(f"{where}: there are no rows; at least two of every class are needed")


def nearest(name: str, known: Iterable[str]) -> str:
    """ " (did you mean 'x'?)", or nothing where no known name is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def check_names(names: Sequence[str], *, where: str) -> None:
    """Raise UserError where a column name occurs twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UserError(f"{where}: the column name {name!r} occurs twice; give every column a name of its own")
        seen.add(name)


def clean_label(text: str) -> str | None:
    """The label without surrounding spaces, "2.0" as "2" (one file writes it so, another not); None if missing."""
    text = text.strip()
    if text in MISSING:
        return None
    whole = _TRAILING_ZEROS.fullmatch(text)
    return whole[1] if whole else text


def text_column(name: str, raw_labels: Iterable[str | None], raw_codes: NDArray[np.integer]) -> TextColumn:
    """A column from labels as they came and each row's index into them. Labels that are the same when clean merge."""
    cleaned = [None if text is None else clean_label(text) for text in raw_labels]
    labels = sorted_labels({label for label in cleaned if label is not None})
    position = {label: code for code, label in enumerate(labels)}
    recoded = np.array([-1 if label is None else position[label] for label in cleaned], dtype=np.int32)
    return TextColumn(name, recoded[raw_codes], labels)


def sorted_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """In the order of their numbers if all are numbers ("9" before "10"), else in the order of their texts."""
    texts = sorted(labels)
    numbers = [number_or_none(text) for text in texts]
    if any(number is None for number in numbers):
        return tuple(texts)
    return tuple(text for _, text in sorted(zip(numbers, texts, strict=True)))


def number_or_none(text: str) -> float | None:
    """The number that a text spells, infinity included; None for any other text ("1_000" is one of them)."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def parse_numbers(texts: Sequence[str], *, where: str, name: str, first_row: int = 1) -> FloatArray:
    """The numbers of a column, NaN where missing.

    first_row: the row of the first text; rows are counted from 1, the header is none.
    Raises UserError, naming column, row and value, for text and for whole numbers beyond 2^53.
    """
    try:
        if "_" in "".join(texts):
            raise ValueError("Python reads 1_000 as a number, a table does not")
        values = np.array(list(map(float, texts)), dtype=np.float64)
    except ValueError:
        values = _parse_one_by_one(texts, where=where, name=name, first_row=first_row)
    for index in np.flatnonzero(np.abs(values) >= LARGEST_EXACT).tolist():
        check_exact(texts[index], where=where, name=name, row=first_row + index)
    return values


def _parse_one_by_one(texts: Sequence[str], *, where: str, name: str, first_row: int) -> FloatArray:
    values = np.full(len(texts), np.nan)
    for index, text in enumerate(texts):
        if text.strip() in MISSING:
            continue
        number = number_or_none(text)
        if number is None:
            raise UserError(
                f"{where}: column {name!r} holds text such as {text.strip()!r:.60} in row {first_row + index}; "
                f"add it to categorical, or to drop"
            )
        values[index] = number
    return values


def check_exact(text: str, *, where: str, name: str, row: int) -> None:
    """Raise UserError for a whole number beyond 2^53, where neighbours are no longer told apart."""
    text = text.strip()
    if _WHOLE.fullmatch(text) and Decimal(text).copy_abs() > LARGEST_EXACT:
        raise UserError(
            f"{where}: column {name!r} holds the whole number {text:.60} in row {row}, beyond 2^53, where numbers are "
            f"no longer exact; scale it, drop the column, or declare it categorical if it is a label"
        )


def check_range(values: FloatArray, *, where: str, name: str) -> None:
    """Raise UserError for the first value [rows] that is infinite or is so in a network's 32 bits. NaN may pass."""
    outside = np.flatnonzero(np.abs(values) > LARGEST_INPUT)
    if outside.size:
        row, value = int(outside[0]), float(values[outside[0]])
        what = (
            f"the value {value:.6g}, too large for a network's 32-bit numbers,"
            if isfinite(value)
            else "an infinite value"
        )
        raise UserError(
            f"{where}: column {name!r} holds {what} in row {row + 1}; replace it, leave it empty, or drop the column"
        )
