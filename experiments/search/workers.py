"""Runs trials, in this process or in several, and writes their rows as they come."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from experiments.search.catalogue import EXACT, problem_named
from experiments.search.engines import engine_named
from experiments.search.results import Row, append_rows, rows_of
from experiments.search.schedule import Task
from experiments.search.trial import Trial

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def run_task(task: Task) -> list[Row]:
    """Run one trial from its beginning."""
    cell, engine = task.cell, engine_named(task.cell.engine)
    search = engine.search  # imports what the engine needs before the trial's clock starts
    trial = Trial(
        problem_named(cell.table),
        cell.seed,
        task.checkpoints,
        batch=cell.batch or None,
        until_optimum=cell.table == EXACT,
    )
    return rows_of(cell, trial.run(search), engine.versions)


def run_tasks(tasks: Sequence[Task], path: Path, *, workers: int) -> None:
    """Run them all, and append the rows of each to the file as soon as it ends. Prints a line each twentieth part.

    workers: processes of one thread each; 0 runs them in this one.
    """
    for number, rows in enumerate(_done(tasks, workers), 1):
        append_rows(path, rows)
        if number == len(tasks) or number % max(1, len(tasks) // 20) == 0:
            last = rows[-1].cell
            print(f"{number} of {len(tasks)} trials: {last.engine}, {last.table}, seed {last.seed}", file=sys.stderr)


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Fresh processes whose arithmetic has one thread each: a pool that has started none when it is handed over."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            yield pool
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _done(tasks: Iterable[Task], workers: int) -> Iterator[list[Row]]:
    if workers == 0:
        yield from map(run_task, tasks)
        return
    with processes(workers) as pool:
        for future in as_completed([pool.submit(run_task, task) for task in tasks]):
            yield future.result()
