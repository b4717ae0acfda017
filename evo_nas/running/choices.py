"""What may be chosen anew for each sitting of a run, and how a sitting can end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evo_nas.errors import UserError
from evo_nas.history import OutcomeStore
from evo_nas.running.one_task import TRAINING_HANDLERS as TRAINING_HANDLERS
from evo_nas.running.trainings import Counts
from evo_nas.strategies import DeapIndividual, Toolbox
from evo_nas.tracking import Tracker

INTERRUPTED = "interrupted"
TIME_SPENT = "time"


@dataclass(frozen=True, slots=True)
class Choices:
    """What may differ between two sittings of one run without changing its result.

    handlers: the module whose handlers the workers run. toolbox: DEAP operators of the user's own; `evaluate`
    registered on it makes every outcome. stop: asked twice a second, returns True to end the sitting.
    trackers: who follows the sitting, besides those of the settings. Raises UserError where there is no worker, or
    where a tracker is none.
    """

    workers: int | None = None
    store: OutcomeStore | None = None
    toolbox: Toolbox | None = None
    num_generations: int | None = None
    max_evaluations: int | None = None
    max_epochs: int | None = None
    max_minutes: float | None = None
    pictures: bool = True
    handlers: str = TRAINING_HANDLERS
    stop: Callable[[], bool] = lambda: False
    trackers: tuple[Tracker, ...] = ()

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise UserError(f"workers: expected at least 1, got {self.workers}")
        for tracker in self.trackers:
            if not isinstance(tracker, Tracker):
                raise UserError(f"trackers: expected objects of a subclass of evo_nas.Tracker, got {tracker!r:.100}")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a sitting ended. reason: "finished", "evaluations", "epochs", "time", "interrupted" or "converged"; why: a
    sentence of the strategy where it is the last. num_planned: individuals that the generations would have been.
    """

    reason: str
    best: DeapIndividual | None
    scores: Mapping[str, Any] | None
    counts: Counts
    num_individuals: int
    elapsed_seconds: float
    why: str = ""
    num_planned: int = 0
