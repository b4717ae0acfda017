"""Raw results: a CSV file with a line for each point of each trace, and the machine and versions beside it.

A trial is there as a whole or not at all: the file is replaced by one that holds it too.
"""

from __future__ import annotations

import csv
import io
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from filelock import FileLock

from evo_nas.atomic import write_atomically
from experiments.quality.engines import engine_named
from experiments.quality.trace import Point, Trace
from experiments.quality.trials import Cell

FILES = "results*.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """One point of a trace. cores: that this process may use."""

    engine: str
    set: str
    seed: int
    minutes: float
    seconds: float
    trial: int
    validation: float
    confirmation: float
    machine: str
    cores: int
    versions: str

    @property
    def cell(self) -> Cell:
        return Cell(self.engine, self.set, self.seed, self.minutes)

    @property
    def point(self) -> Point:
        return Point(self.seconds, self.trial, self.validation, self.confirmation)


COLUMNS = tuple(field.name for field in fields(Row))
Results = Mapping[Cell, Trace]


def write_trial(path: Path, cell: Cell, trace: Trace) -> None:
    """Put a trial into a file, in place of what the file held of it."""
    new = [_row_of(cell, point) for point in trace]
    with FileLock(path.with_name(f".{path.name}.lock")):
        kept = [row for row in _rows(path) if row.cell != cell]
        write_atomically(path, _text([COLUMNS, *(astuple(row) for row in (*kept, *new))]))


def read_rows(folder: Path) -> list[Row]:
    """All rows of a folder's files; of a trial that stands in several, those of the file that was written last."""
    found: dict[Cell, list[Row]] = {}
    for path in sorted(folder.glob(FILES), key=lambda path: path.stat().st_mtime_ns):
        rows = _rows(path)
        for cell in dict.fromkeys(row.cell for row in rows):
            found[cell] = [row for row in rows if row.cell == cell]
    return [row for rows in found.values() for row in rows]


def traces(rows: Iterable[Row]) -> Results:
    """The trace of each trial, in order of time."""
    found: dict[Cell, list[Point]] = {}
    for row in rows:
        found.setdefault(row.cell, []).append(row.point)
    return {cell: sorted(points, key=lambda point: point.seconds) for cell, points in found.items()}


def processor() -> str:
    """What the machine calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _row_of(cell: Cell, point: Point) -> Row:
    return Row(
        engine=cell.engine,
        set=cell.set,
        seed=cell.seed,
        minutes=cell.minutes,
        seconds=point.seconds,
        trial=point.trial,
        validation=point.validation,
        confirmation=point.confirmation,
        machine=processor(),
        cores=len(os.sched_getaffinity(0)),
        versions=engine_named(cell.engine).versions,
    )


def _text(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row for record in csv.reader(file) if (row := _row(record)) is not None]


def _row(record: Sequence[str]) -> Row | None:
    """None for the line of names, and for what somebody else wrote."""
    try:
        engine, name, seed, minutes, seconds, trial, validation, confirmation, machine, cores, versions = record
        where = engine, name, int(seed), float(minutes)
        point = float(seconds), int(trial), float(validation), float(confirmation)
        return Row(*where, *point, machine, int(cores), versions)
    except ValueError:
        return None
