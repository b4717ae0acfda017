"""CSV files read in pieces, each column as numbers or as labels, with the row and the value in every complaint.

The standard library's reader is used and not a table library: it tells a missing value from a text and a whole number
beyond 2^53 from a measurement, it says in which row, and a file of any length needs memory for its arrays alone.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol, TextIO

import numpy as np

from evo_nas.data.columns import (
    CodeArray,
    Column,
    FloatArray,
    NumericColumn,
    TextColumn,
    check_names,
    parse_numbers,
    text_column,
)
from evo_nas.errors import UserError

ROWS_AT_ONCE = 20_000

Kind = Literal["numeric", "text"]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file of rows, compressed if its name ends in .gz. names: the columns, where the file has no header."""

    path: Path
    delimiter: str = ","
    names: tuple[str, ...] = ()


def read_names(file: CsvFile) -> tuple[str, ...]:
    """The names of the columns, in order. Raises UserError: no such file, unreadable, empty, a name twice."""
    names = file.names
    if not names:
        with _rows(file) as rows:
            names = tuple(name.strip() for name in next(rows, ()))
    if not names:
        raise UserError(f"{file.path}: the file is empty; a header and rows are expected")
    check_names(names, where=str(file.path))
    return names


def read_columns(file: CsvFile, kinds: Mapping[str, Kind]) -> dict[str, Column]:
    """The columns named by `kinds`, each read as its kind; other columns may hold anything.

    Rows are counted from 1, the header and empty lines are none. Raises UserError as `read_names` does, for a row
    with too many or too few fields, and as `parse_numbers` does.
    """
    names = read_names(file)
    readers = {names.index(name): _reader(kind, name, where=str(file.path)) for name, kind in kinds.items()}
    with _rows(file) as rows:
        if not file.names:
            next(rows)
        for first_row, chunk in _chunks(rows):
            _check_width(chunk, len(names), where=str(file.path), first_row=first_row)
            columns = list(zip(*chunk, strict=True))
            for position, reader in readers.items():
                reader.add(columns[position], first_row)
    return {names[position]: reader.column() for position, reader in readers.items()}


@contextmanager
def _rows(file: CsvFile) -> Iterator[Iterator[list[str]]]:
    """The rows of a file, header included; whatever keeps it from being read is a UserError."""
    if len(file.delimiter) != 1 or file.delimiter in '\r\n"':
        raise UserError(f"{file.path}: expected a delimiter of one character such as ',', got {file.delimiter!r}")
    try:
        with _opened(file.path) as stream:
            yield filter(None, csv.reader(stream, delimiter=file.delimiter, skipinitialspace=True))
    except FileNotFoundError:
        raise UserError(f"{file.path}: no such file; check the path, which is relative to the settings file") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file.path}: cannot be read as a CSV file in UTF-8 ({error})") from None


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("rt", encoding="utf-8-sig", newline="")


def _chunks(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    first_row = 1
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        yield first_row, chunk
        first_row += len(chunk)


def _check_width(chunk: Sequence[list[str]], width: int, *, where: str, first_row: int) -> None:
    for row, fields in enumerate(chunk, start=first_row):
        if len(fields) != width:
            raise UserError(
                f"{where}: row {row} has {len(fields)} fields where the header has {width}; "
                f"check the delimiter and the quotes"
            )


class _Reader(Protocol):
    def add(self, texts: Sequence[str], first_row: int) -> None: ...
    def column(self) -> Column: ...


def _reader(kind: Kind, name: str, *, where: str) -> _Reader:
    return _NumericReader(name, where) if kind == "numeric" else _TextReader(name)


class _NumericReader:
    def __init__(self, name: str, where: str) -> None:
        self._name, self._where = name, where
        self._parts: list[FloatArray] = [np.empty(0)]

    def add(self, texts: Sequence[str], first_row: int) -> None:
        self._parts.append(parse_numbers(texts, where=self._where, name=self._name, first_row=first_row))

    def column(self) -> NumericColumn:
        return NumericColumn(self._name, np.concatenate(self._parts))


class _TextReader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._codes: dict[str, int] = {}
        self._parts: list[CodeArray] = [np.empty(0, dtype=np.int32)]

    def add(self, texts: Sequence[str], first_row: int) -> None:
        codes = self._codes
        self._parts.append(np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int32))

    def column(self) -> TextColumn:
        return text_column(self._name, self._codes, np.concatenate(self._parts))
