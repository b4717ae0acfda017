"""A settings file guessed from a table, commented so that its owner can correct it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evo_nas.config import DEFAULT_METRICS, METRICS, DataSettings, Task
from evo_nas.data.columns import LARGEST_EXACT, TextColumn, check_has_rows, num_rows, number_or_none
from evo_nas.data.csv_files import CsvFile, read_columns, read_names
from evo_nas.data.roles import settle_roles
from evo_nas.data.targets import Target, interpret_target

FEW_VALUES = 12
"""A column of whole numbers with at most so many values may hold labels: worth a comment."""

RARE_CLASS = 0.2
"""A smallest class below this share is worth weights."""


@dataclass(frozen=True, slots=True)
class TableGuess:
    """What the columns of a table seem to be. maybe_categorical: whole numbers with few values. drop: with reasons."""

    categorical: tuple[str, ...]
    maybe_categorical: tuple[str, ...]
    drop: tuple[tuple[str, str], ...]
    target: Target
    num_rows: int


def guess_settings(path: Path, target: str, delimiter: str = ",", *, settings_folder: Path | None = None) -> str:
    """The text of a settings file for a CSV file, which `read_settings` and `load_data` accept.

    settings_folder: where the settings file will be, since its path is relative to it; None: beside the data.
    Raises UserError where the file cannot be read, or the target is not there or cannot be learnt.
    """
    table = _guess_table(CsvFile(path, delimiter), target)
    shown = path.name if settings_folder is None else Path(os.path.relpath(path, settings_folder)).as_posix()
    sections = (
        _data_section(table, shown, target, delimiter),
        _space_section(table.num_rows),
        _recipe_section(table),
        search_section(table.target.task),
    )
    return "\n".join(line for section in sections for line in section)


def _guess_table(file: CsvFile, target: str) -> TableGuess:
    where = str(file.path)
    names = read_names(file)
    settle_roles(names, DataSettings(target=target), None, where=where)
    columns = read_columns(file, dict.fromkeys(names, "text"))
    check_has_rows(columns[target], where=where)
    interpreted = interpret_target(columns.pop(target), None, where=where)
    texts = [column for column in columns.values() if isinstance(column, TextColumn)]
    drop = tuple((column.name, reason) for column in texts if (reason := _reason_to_drop(column)))
    kept = [column for column in texts if column.name not in dict(drop)]
    return TableGuess(
        categorical=tuple(column.name for column in kept if not _is_numeric(column)),
        maybe_categorical=tuple(column.name for column in kept if _looks_coded(column)),
        drop=drop,
        target=interpreted,
        num_rows=len(interpreted.values),
    )


def _is_numeric(column: TextColumn) -> bool:
    return all(number_or_none(label) is not None for label in column.labels)


def _is_whole(column: TextColumn) -> bool:
    return all(label.removeprefix("-").isdecimal() for label in column.labels)


def _looks_coded(column: TextColumn) -> bool:
    return _is_whole(column) and 2 < len(column.labels) <= FEW_VALUES


def _reason_to_drop(column: TextColumn) -> str:
    """Why a column should not be learnt from; empty where it may be."""
    if not column.labels:
        return "holds no value"
    if _is_whole(column) and max(abs(float(label)) for label in column.labels) >= LARGEST_EXACT:
        return "holds whole numbers that are too large to be exact"
    if len(column.labels) <= FEW_VALUES:
        return ""
    if not _is_numeric(column) and len(column.labels) > num_rows(column) / 2:
        return "has nearly as many labels as rows, like a name, and so says nothing about new rows"
    if len(column.labels) == num_rows(column) and _counts_rows(column):
        return "counts the rows, like an ID, and so says nothing about new rows"
    return ""


def _counts_rows(column: TextColumn) -> bool:
    """Is a column 1, 2, 3, ... or any other run of whole numbers, in any order?"""
    if not _is_whole(column):
        return False
    numbers = sorted(int(label) for label in column.labels)
    return numbers[-1] - numbers[0] == len(numbers) - 1


def _data_section(table: TableGuess, path: str, target: str, delimiter: str) -> list[str]:
    lines = [
        f"# Guessed from {table.num_rows:,} rows; correct what is wrong. A plain value in [space] fixes a gene.",
        "[data]",
        f"path = {toml(path)}  # relative to this file",
        f"target = {toml(target)}",
        f"task = {toml(table.target.task)}  # binary, multiclass or regression",
    ]
    if delimiter != ",":
        lines.append(f"delimiter = {toml(delimiter)}")
    if table.categorical:
        lines.append(f"categorical = {_toml_list(table.categorical)}  # columns of text")
    if table.maybe_categorical:
        lines.append(f"# few whole numbers; codes belong into categorical: {_toml_list(table.maybe_categorical)}")
    if table.drop:
        lines += [f"# {toml(name)} {reason}" for name, reason in table.drop]
        lines.append(f"drop = {_toml_list(name for name, _ in table.drop)}")
    return [*lines, "test_fraction = 0.2  # no choice ever sees these rows", "split_seed = 0", ""]


@dataclass(frozen=True, slots=True)
class _Ranges:
    """What is worth searching for a number of rows: more rows carry larger networks and larger batches."""

    most_layers: int
    widths: tuple[int, int]
    batches: tuple[int, ...]
    epochs: int


def _ranges(rows: int) -> _Ranges:
    if rows < 1_000:
        return _Ranges(3, (4, 64), (16, 32, 64), 100)
    if rows < 10_000:
        return _Ranges(4, (8, 128), (32, 64, 128), 60)
    return _Ranges(4, (16, 256), (128, 256, 512), 40)


def _space_section(rows: int) -> list[str]:
    ranges = _ranges(rows)
    return [
        "[space]  # what is searched",
        'encoding = "mlp"',
        f"layers = {{ low = 1, high = {ranges.most_layers} }}",
        f'width = {{ low = {ranges.widths[0]}, high = {ranges.widths[1]}, scale = "log" }}',
        'activation = ["relu", "gelu", "silu", "tanh"]',
        "dropout = { low = 0.0, high = 0.5 }",
        'optimizer = ["adam", "adamw", "nadam"]',
        'learning_rate = { low = 1e-4, high = 3e-2, scale = "log" }',
        "decay = [0.5, 0.8, 1.0]  # of the learning rate, every 1,000 steps; 1 is none",
        f"batch_size = {list(ranges.batches)}",
        'l2 = { low = 1e-7, high = 1e-3, scale = "log" }',
        "batch_normalization = [true, false]",
        'preprocessing = ["standard", "robust", "quantile"]',
        "",
    ]


def _recipe_section(table: TableGuess) -> list[str]:
    metrics = DEFAULT_METRICS[table.target.task]
    lines = [
        "[recipe]  # what one training means",
        f"epochs = {_ranges(table.num_rows).epochs}",
        f"validation = {_validation(table)}",
        f"metrics = {_toml_list(metrics)}",
        "early_stopping = { patience = 10 }",
    ]
    if table.target.task != "regression" and _smallest_class(table.target) < RARE_CLASS * table.num_rows:
        lines.append('# class_weights = "balanced"  # one class is rare; this makes each class count the same')
    return [*lines, ""]


def _validation(table: TableGuess) -> str:
    """Folds where rows are few (one hold-out would be luck) and every class has rows for all of them."""
    enough = table.target.task == "regression" or _smallest_class(table.target) >= 10
    if 20 <= table.num_rows < 1_000 and enough:
        return "{ folds = 5 }  # or { fraction = 0.25 }, which is five times as fast"
    return "{ fraction = 0.25 }  # or { folds = 5 }"


def _smallest_class(target: Target) -> int:
    return int(np.bincount(target.values.astype(np.int64)).min())


def search_section(task: Task) -> list[str]:
    """The lines of a first search for a task."""
    first = DEFAULT_METRICS[task][0]
    objective = f"{'maximize' if METRICS[first] else 'minimize'} {first}"
    return [
        "[search]",
        'strategy = "surrogate"',
        f"objectives = {_toml_list([objective])}  # several are allowed",
        "population = 12",
        "generations = 6  # the first population included: at most 12 x 6 trainings",
        "seed = 0",
        "",
    ]


def toml(text: str) -> str:
    """A TOML string. JSON's escapes are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(toml, texts))}]"
