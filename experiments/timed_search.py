"""One search with a clock: what the speed experiments share.

Workers count as ready when they have imported TensorFlow. The seconds of a search are its wall clock, everything
included (first population, operators, ledger, pictures, the winner's model and its confirmation, the tracing of
programs), less the wait for the first worker: from the moment when the first tasks have been handed out until a worker
is ready. What the second worker is later than the first counts against us.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evo_nas.config import Settings
from evo_nas.data import Dataset
from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.loop import FINISHED, Generation
from evo_nas.running.observer import Progress
from evo_nas.running.preparation import make_plan
from experiments.running import SMOKE, changed, settings_of
from experiments.watched_tasks import DIARY

TRAINING_KINDS = ("train", "train_cohort")


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A task as its child's diary has it."""

    kind: str
    num_members: int
    began: float
    ended: float
    num_graphs: int

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class TimedSearch:
    """What a search took. began: when it was called, on the monotonic clock. waited_seconds: for the first worker.

    seconds: from the call to its end, less the wait. loop_seconds: of these, those until its last generation was
    written, which is while the winner is saved; the rest is the winner alone. parameters: mean of the trained networks.
    """

    began: float
    waited_seconds: float
    seconds: float
    loop_seconds: float
    num_trainings: int
    num_failed: int
    parameters: float
    tasks: tuple[TaskEntry, ...]

    @property
    def trainings(self) -> tuple[TaskEntry, ...]:
        """The tasks that trained for the search or for a confirmation."""
        return tuple(task for task in self.tasks if task.kind in TRAINING_KINDS)


class Stopwatch(Silent):
    """Notes when the loop first waits, and when its last generation has been written."""

    def __init__(self, on_progress: Callable[[Progress], None] = lambda progress: None) -> None:
        self.first_wait: float | None = None
        self.last_generation = 0.0
        self._on_progress = on_progress

    def task_started(self, label: str) -> None:
        self.first_wait = self.first_wait or time.monotonic()

    def progress(self, progress: Progress) -> None:
        self._on_progress(progress)

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self.last_generation = time.monotonic()


def search_settings(*, smoke: bool, trainer: str, **search: Any) -> Settings:
    """Those of `breast_cancer.toml` with keys of [search] replaced. smoke: a size that a test can afford."""
    settings = changed(settings_of("breast_cancer"), {"recipe": {"trainer": trainer}, "search": search})
    return changed(settings, SMOKE) if smoke else settings


def timed_search(
    settings: Settings,
    *,
    workers: int,
    dataset: Dataset | None = None,
    handlers: str = "experiments.watched_tasks",
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> TimedSearch:
    """Run a search in a temporary folder, with an empty store. Raises UserError where it does not come to its end."""
    watch, began = Stopwatch(on_progress), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _diary(Path(folder) / "diary") as diary:
        plan = make_plan(settings, base=Path.cwd(), dataset=dataset)
        choices = Choices(workers=workers, handlers=handlers)
        ending = launch.start(plan, Path(folder) / "run", choices, watch)
        ended = time.monotonic()
        ready, tasks = _read_diary(diary)
        parameters = _mean_parameters(Path(folder) / "run")
    if ending.reason != FINISHED or watch.first_wait is None:
        raise UserError(f"the search ended before its time ({ending.reason}), so there is nothing to measure")
    waited = max(0.0, ready - watch.first_wait)
    return TimedSearch(
        began=began,
        waited_seconds=waited,
        seconds=ended - began - waited,
        loop_seconds=watch.last_generation - began - waited,
        num_trainings=ending.counts.finished,
        num_failed=ending.counts.failed,
        parameters=parameters,
        tasks=tasks,
    )


@contextmanager
def _diary(folder: Path) -> Iterator[Path]:
    """A folder that children started meanwhile write their diaries into."""
    folder.mkdir()
    os.environ[DIARY] = str(folder)
    try:
        yield folder
    finally:
        del os.environ[DIARY]


def _read_diary(folder: Path) -> tuple[float, tuple[TaskEntry, ...]]:
    """When the first child was ready, and the tasks of all in the order in which they began."""
    lines = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    ready = min(line["ready"] for line in lines if "ready" in line)
    tasks = [TaskEntry(**line) for line in lines if "kind" in line]
    return ready, tuple(sorted(tasks, key=lambda task: task.began))


def _mean_parameters(run: Path) -> float:
    from statistics import fmean

    from evo_nas.result import Result

    return fmean(each.outcome.parameters for each in Result(run).evaluated)
