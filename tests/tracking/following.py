"""Trackers for tests, and runs that they follow."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from evo_nas.display import Silent
from evo_nas.individual import Evaluated
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.preparation import make_plan
from evo_nas.tracking import TrackedEnding, TrackedGeneration, TrackedRun, Tracker
from tests.faults import killable


class Diary(Tracker):
    """Writes down all that it is told."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Any]] = []
        self.evaluated: list[Evaluated] = []
        self.new: list[int] = []
        self.bests: list[Evaluated | None] = []

    def run_began(self, run: TrackedRun) -> None:
        self.entries.append(("began", run.num_recorded))

    def individual_evaluated(self, evaluated: Evaluated, *, replayed: bool) -> None:
        self.entries.append(("evaluated", evaluated.individual.id))
        self.evaluated.append(evaluated)
        if not replayed:
            self.new.append(evaluated.individual.id)

    def generation_ended(self, generation: TrackedGeneration, *, replayed: bool) -> None:
        self.entries.append(("generation", generation.number))
        self.bests.append(generation.best)

    def run_ended(self, ending: TrackedEnding) -> None:
        self.entries.append(("ended", ending.reason))


class Failing(Tracker):
    """Raises at its n-th individual, however often it is asked."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls = 0

    def individual_evaluated(self, evaluated: Evaluated, *, replayed: bool) -> None:
        self.calls += 1
        if evaluated.individual.id == self.number:
            raise SystemExit("the server has gone")


class Hanging(Tracker):
    """Comes back from its first call when it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def run_began(self, run: TrackedRun) -> None:
        self.let_go.wait()


class Remembering(Silent):
    """Keeps what a person would have read."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


def choices(*trackers: Tracker, **further: Any) -> Choices:
    return Choices(workers=1, pictures=False, handlers="tests.faults.fake_training", trackers=trackers, **further)


def start(folder: Path, observer: Silent, *trackers: Tracker, generations: int = 3, **options: str) -> Ending:
    """A run of three generations of six with the trainer that trains nothing."""
    settings = killable.settings({"generations": str(generations), **options})
    plan = make_plan(settings, base=Path.cwd(), dataset=killable.data())
    return launch.start(plan, folder, choices(*trackers), observer)


def resume(folder: Path, observer: Silent, *trackers: Tracker, **further: Any) -> Ending:
    return launch.resume(folder, choices(*trackers, **further), observer)
