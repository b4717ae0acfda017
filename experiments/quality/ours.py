"""Our own search as a user starts it: a run folder, pictures and all. variant: the strategy."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evo_nas.config import Settings
from evo_nas.display import Silent
from evo_nas.individual import TrainingKey
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.loop import Generation
from evo_nas.running.observer import Progress
from evo_nas.running.preparation import OpenRun, make_plan
from evo_nas.strategies import DeapIndividual
from experiments.quality.recorder import Recorder
from experiments.running import changed

HANDLERS = "experiments.quality.confirmed_tasks"


class BelievedBest(Silent):
    """Tells a recorder whenever the run would save another network than before.

    Its confirmation is that of the very weights that would be saved, those of the first replicate; its validation is
    the mean of all measurements.
    """

    def __init__(self, metric: str, recorder: Recorder) -> None:
        self._metric = metric
        self._recorder = recorder
        self._run: OpenRun | None = None
        self._fingerprint = ""

    def sitting_began(self, run: OpenRun, *, num_recorded: int, num_workers: int) -> None:
        self._run = run

    def progress(self, progress: Progress) -> None:
        self._note(progress.best, progress)

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self._note(generation.best, progress)

    def _note(self, best: DeapIndividual | None, progress: Progress) -> None:
        if best is None or best.record is None or best.outcome is None or self._run is None:
            return
        name = best.record.fingerprint
        if name != self._fingerprint:
            self._fingerprint = name
            saved = self._run.ledger.trainings()[TrainingKey(name, 0)]
            validation, confirmation = best.outcome.metrics[self._metric], saved.confirmation[self._metric]
            self._recorder.believed(progress.counts.finished, validation, confirmation)


def search(settings: Settings, recorder: Recorder, seed: int, variant: str) -> None:
    """One run in a temporary folder, without a store of outcomes, until the recorder says that it is over."""
    plan = make_plan(changed(settings, {"search": {"strategy": variant, "seed": seed}}), base=Path.cwd())
    (metric,) = plan.recipe.metrics
    with tempfile.TemporaryDirectory() as folder:
        choices = Choices(handlers=HANDLERS, stop=lambda: recorder.is_over)
        launch.start(plan, Path(folder) / "run", choices, BelievedBest(metric, recorder))
