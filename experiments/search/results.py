"""Raw results: one line of CSV for each answer, written as they come, read back as rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import get_args

from filelock import FileLock

from evo_nas.atomic import append_durably, write_atomically
from experiments.search.trial import Answer, AnswerKind

FILES = "results*.csv"


@dataclass(frozen=True, slots=True)
class Cell:
    """One engine on one problem with one seed. batch: 0 for the engine's own rule."""

    engine: str
    batch: int
    table: str
    seed: int


@dataclass(frozen=True, slots=True)
class Row:
    """One answer. optimum_after: evaluations until the optimum was first measured, 0 if it has not been."""

    engine: str
    batch: int
    table: str
    seed: int
    checkpoint: int
    answer: AnswerKind
    share: float
    regret: float
    optimum: bool
    optimum_after: int
    overhead_seconds: float
    versions: str

    @property
    def cell(self) -> Cell:
        return Cell(self.engine, self.batch, self.table, self.seed)


COLUMNS = tuple(field.name for field in fields(Row))


def rows_of(cell: Cell, answers: Iterable[Answer], versions: str) -> list[Row]:
    """The rows of a trial."""
    return [
        Row(
            engine=cell.engine,
            batch=cell.batch,
            table=cell.table,
            seed=cell.seed,
            checkpoint=answer.checkpoint,
            answer=answer.kind,
            share=answer.share,
            regret=answer.regret,
            optimum=answer.optimum,
            optimum_after=answer.optimum_after or 0,
            overhead_seconds=round(answer.overhead_seconds, 3),
            versions=versions,
        )
        for answer in answers
    ]


def append_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows behind those that are there. A torn last line, left by a kill, is cut off first.

    Several processes may append to one file: a lock beside it keeps them apart.
    """
    with _locked(path):
        if not path.is_file():
            append_durably(path, _text([COLUMNS]))
        data = path.read_bytes()
        if data and not data.endswith(b"\n"):
            write_atomically(path, data[: data.rfind(b"\n") + 1] or _text([COLUMNS]))
        append_durably(path, _text([astuple(row) for row in rows]))


def read_rows(folder: Path) -> list[Row]:
    """All rows of a folder's files, each answer once, the last one written. Torn or foreign lines are left out."""
    found: dict[tuple[Cell, int, str], Row] = {}
    for path in sorted(folder.glob(FILES)):
        with path.open(encoding="utf-8", newline="") as file:
            for record in csv.reader(file):
                row = _row(record)
                if row is not None:
                    found[row.cell, row.checkpoint, row.answer] = row
    return list(found.values())


def forget(folder: Path, cells: Iterable[Cell]) -> None:
    """Take the rows of these cells out of the folder's files."""
    dropped = set(cells)
    for path in folder.glob(FILES):
        with _locked(path), path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in map(_row, csv.reader(file)) if row is not None]
            kept = [astuple(row) for row in rows if row.cell not in dropped]
            if len(kept) < len(rows):
                write_atomically(path, _text([COLUMNS, *kept]))


def _locked(path: Path) -> FileLock:
    return FileLock(path.with_name(f".{path.name}.lock"))


def _text(records: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def _row(record: Sequence[str]) -> Row | None:
    try:
        engine, batch, table, seed, checkpoint, answer, share, regret, optimum, after, seconds, versions = record
        if answer not in get_args(AnswerKind) or optimum not in ("True", "False"):
            return None
        numbers = int(batch), int(seed), int(checkpoint), float(share), float(regret), int(after), float(seconds)
    except ValueError:
        return None
    return Row(
        engine=engine,
        batch=numbers[0],
        table=table,
        seed=numbers[1],
        checkpoint=numbers[2],
        answer=answer,  # type: ignore[arg-type]
        share=numbers[3],
        regret=numbers[4],
        optimum=optimum == "True",
        optimum_after=numbers[5],
        overhead_seconds=numbers[6],
        versions=versions,
    )
