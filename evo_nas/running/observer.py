"""Who watches a run, and what there is to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evo_nas.running.loop import Generation
from evo_nas.running.preparation import OpenRun
from evo_nas.running.trainings import Counts
from evo_nas.running.workers import Watcher
from evo_nas.strategies import DeapIndividual


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. elapsed_seconds is summed over all sittings."""

    generation: int
    num_generations: int
    counts: Counts
    num_told: int
    num_proposals: int
    best: DeapIndividual | None
    elapsed_seconds: float
    remaining_seconds: float | None


class Observer(Watcher, Protocol):
    """Who watches a run: the live display, a plain line a generation, or nobody."""

    def sitting_began(self, run: OpenRun, *, num_recorded: int, num_workers: int) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def generation_ended(self, generation: Generation, progress: Progress) -> None: ...
    def message(self, text: str) -> None: ...
