"""When trainings came back, by the clock of the run: the ledger orders nothing by time, and need not know."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from evo_nas.atomic import append_durably, write_atomically
from evo_nas.running.loop import Generation
from evo_nas.running.observer import Observer, Progress
from evo_nas.running.preparation import OpenRun

CLOCK_FILE = "clock.csv"


class Timekeeper:
    """An observer that also notes, in a line each, how many trainings had come back after how many seconds.

    The seconds are those of all sittings together. What came back before is not noted again.
    """

    def __init__(self, observer: Observer, path: Path) -> None:
        self._observer = observer
        self._path = path
        before = read_clock(path)
        self._noted = max((finished for finished, _ in before), default=0)
        if before:
            write_atomically(path, "".join(_line(*noted) for noted in before))  # a kill can have torn its last line

    def task_started(self, label: str) -> None:
        self._observer.task_started(label)

    def task_progress(self, label: str, data: Mapping[str, Any]) -> None:
        self._observer.task_progress(label, data)

    def task_ended(self, label: str) -> None:
        self._observer.task_ended(label)

    def sitting_began(self, run: OpenRun, *, num_recorded: int, num_workers: int) -> None:
        self._observer.sitting_began(run, num_recorded=num_recorded, num_workers=num_workers)

    def progress(self, progress: Progress) -> None:
        self._note(progress)
        self._observer.progress(progress)

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self._note(progress)
        self._observer.generation_ended(generation, progress)

    def message(self, text: str) -> None:
        self._observer.message(text)

    def _note(self, progress: Progress) -> None:
        if progress.counts.finished > self._noted:
            self._noted = progress.counts.finished
            append_durably(self._path, _line(self._noted, progress.elapsed_seconds))


def _line(finished: int, seconds: float) -> str:
    return f"{finished},{seconds:.3f}\n"


def read_clock(path: Path) -> list[tuple[int, float]]:
    """(trainings that had come back, seconds) in the order noted; what a kill has torn is left out."""
    lines: list[tuple[int, float]] = []
    with suppress(FileNotFoundError):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            with suppress(ValueError):
                finished, seconds = line.split(",")
                lines.append((int(finished), float(seconds)))
    return lines


def seconds_until(clock: list[tuple[int, float]], num_trainings: int) -> float | None:
    """When so many trainings had come back; None where nobody noted it."""
    place = bisect_left(clock, num_trainings, key=lambda line: line[0])
    return clock[place][1] if place < len(clock) else None
