"""Which trials a question needs, and which of them are missing from the raw results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiments.search.engines import Engine, engine_named
from experiments.search.results import Cell, Row

CHECKPOINTS = (50, 100, 300, 1000)
"""Where engines are compared."""
CURVE = (10, 20, 30, 50, 70, 100, 150, 200, 300, 450, 700, 1000)
"""Where answers are noted: the checkpoints, and places between them for the picture."""


@dataclass(frozen=True, slots=True)
class Task:
    """A trial to be run: its cell and the numbers of evaluations after which answers are noted."""

    cell: Cell
    checkpoints: tuple[int, ...]


def tasks_for(
    engines: Iterable[Engine], tables: Sequence[str], num_seeds: int, *, most_evaluations: int, batch: int = 0
) -> list[Task]:
    """Every engine on every table with its seeds, seed by seed, so that a run that is ended early is even."""
    tasks = []
    for engine in engines:
        most = min(engine.most_evaluations, most_evaluations)
        checkpoints = tuple(checkpoint for checkpoint in CURVE if checkpoint <= most)
        for seed in range(min(num_seeds, engine.most_seeds)):
            for table in tables:
                tasks.append(Task(Cell(engine.name, batch if engine.ours else 0, table, seed), checkpoints))
    return tasks


def missing(tasks: Iterable[Task], rows: Iterable[Row]) -> list[Task]:
    """The tasks that lack an answer at one of their checkpoints, be it that they were killed between two rows."""
    known: dict[Cell, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        known[row.cell][row.answer].add(row.checkpoint)
    return [task for task in tasks if not _complete(known.get(task.cell, {}), task)]


def _complete(found: dict[str, set[int]], task: Task) -> bool:
    kinds = ("luckiest", "repeats", "own") if engine_named(task.cell.engine).ours else ("luckiest", "repeats")
    return all(set(task.checkpoints) <= found.get(kind, set()) for kind in kinds)


def part_of(tasks: Sequence[Task], part: int, num_parts: int) -> list[Task]:
    """Every n-th task from the k-th, k counted from 1."""
    return list(tasks[part - 1 :: num_parts])
