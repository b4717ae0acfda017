"""The winner leaves the run: its files, and the three numbers with three names (law 9)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from evo_nas.atomic import write_atomically
from evo_nas.evaluation.evaluator import Job, TrainingContext, export_task
from evo_nas.evaluation.tasks import TaskFinished
from evo_nas.history import Ledger, RunFolder
from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.running.scores import interval_over_trainings, saved_winner, scores_of, write_scores
from evo_nas.running.trainings import TrainedOutcomes
from evo_nas.running.workers import Workers
from evo_nas.strategies import DeapIndividual
from genomes import Encoding

Warn = Callable[[str], None]
MEANWHILE_SECONDS, MEANWHILE_TIMES = 30.0, 20.0
"""What the next generation may better is not saved in the first seconds of a sitting, nor sooner than so many seconds
after the last, or so many times what saving that has taken: where it is fitted once more, that is a training.
"""

_Identity = tuple[str, Mapping[str, float]]
"""The fingerprint of a network and its search score."""


class Shipping:
    """Writes `winner/`. One export at a time, so that its files are never of two networks; the newest wish wins."""

    def __init__(
        self, workers: Workers, folder: RunFolder, encoding: Encoding, context: TrainingContext, warn: Warn
    ) -> None:
        self._workers = workers
        self._folder = folder
        self._encoding = encoding
        self._context = context
        self._warn = warn
        self._exporting: _Identity | None = None
        self._wanted: DeapIndividual | None = None
        self._shipped = _saved(folder)
        self._due = time.monotonic() + MEANWHILE_SECONDS

    @property
    def busy(self) -> bool:
        """Whether a network is being saved, or waits for it."""
        return self._exporting is not None

    def ship_meanwhile(self, best: DeapIndividual) -> None:
        """Export the best so far, if that was not done a moment ago."""
        if not self.busy and time.monotonic() >= self._due:
            self.ship(best)

    def ship(self, best: DeapIndividual) -> None:
        """Export this network unless it is what `winner/` holds or is being written.

        One that was measured again since then has another search score, and with folds another median epoch.
        """
        record, wish = best.record, _identity(best)
        if record is None or wish in (self._exporting, self._shipped):
            self._wanted = None
            return
        if self._exporting is not None:
            self._wanted = best
            return
        known, self._shipped = self._shipped, None
        is_saved = known is not None and known[0] == wish[0] and self._context.weights is not None
        scores = scores_of(self._folder, record.fingerprint) if is_saved else None
        if scores is not None:
            self._try_to_write(best, scores)
        else:
            self._export(best, record)

    def _export(self, best: DeapIndividual, record: Individual) -> None:
        self._exporting, began = _identity(best), time.monotonic()
        job = Job(self._encoding.canonical(record.genome), record.fingerprint, 0)
        epochs = best.outcome.best_epochs if best.outcome else ()
        self._workers.submit(
            lambda number: export_task(
                job, self._context, task_id=number, best_epochs=epochs, folder=self._folder.winner.resolve()
            ),
            label="the winner",
            on_finished=lambda event: self._exported(best, event, began),
        )

    def _exported(self, best: DeapIndividual, event: TaskFinished, began: float) -> None:
        self._exporting, now = None, time.monotonic()
        self._due = now + max(MEANWHILE_SECONDS, MEANWHILE_TIMES * (now - began))
        if event.result is None:
            reason = event.failure.message if event.failure else "no reason was given"
            self._warn(f"the best network could not be saved ({reason}); `evo-nas resume` tries again")
        else:
            self._try_to_write(best, event.result)
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self.ship(wanted)

    def _try_to_write(self, best: DeapIndividual, result: Mapping[str, Any]) -> None:
        try:
            self._write_scores(best, result)
        except OSError as error:
            self._warn(f"the winner's scores could not be written ({error}); `evo-nas resume` tries again")

    def _write_scores(self, best: DeapIndividual, result: Mapping[str, Any]) -> None:
        record, outcome = best.record, best.outcome
        if record is None or outcome is None:
            return
        genome = {"individual": record.id, "fingerprint": record.fingerprint, "genome": record.genome.to_json()}
        write_atomically(self._folder.winner_genome, json.dumps(genome, indent=1, allow_nan=False))
        scores = {
            "individual": record.id,
            "fingerprint": record.fingerprint,
            "search": dict(outcome.metrics),
            "confirmation": None,
            "test": result["test"],
            "test_interval": result.get("test_interval"),
            "parameters": result["parameters"],
            "fitted_on": result["fitted_on"],
        }
        write_scores(self._folder, scores)
        self._shipped = _identity(best)


def _identity(best: DeapIndividual) -> _Identity:
    return best.record.fingerprint if best.record else "", dict(best.outcome.metrics) if best.outcome else {}


def _saved(folder: RunFolder) -> _Identity | None:
    """What `winner/` holds, if it is whole."""
    fingerprint = saved_winner(folder)
    scores = None if fingerprint is None else scores_of(folder, fingerprint)
    return None if fingerprint is None or scores is None else (fingerprint, scores["search"])


class Confirmation:
    """Trains the winner again on seeds that no choice saw, and on rows too where some were kept back for it."""

    def __init__(self, trainings: TrainedOutcomes, ledger: Ledger, folder: RunFolder) -> None:
        self._trainings = trainings
        self._ledger = ledger
        self._folder = folder
        self._outcomes: dict[int, Outcome] = {}

    def start(self, best: DeapIndividual, replicates: Sequence[int]) -> None:
        """Ask for the replicates that the ledger does not hold; the workers' pump brings them."""
        record = best.record
        if record is None:
            return
        known = self._ledger.trainings(purpose="confirmation")
        outcomes = {replicate: known.get(TrainingKey(record.fingerprint, replicate)) for replicate in replicates}
        self._outcomes = {replicate: outcome for replicate, outcome in outcomes.items() if outcome is not None}
        missing = [replicate for replicate, outcome in outcomes.items() if outcome is None]
        self._trainings.confirm(record, missing, self._arrived)

    def write(self, best: DeapIndividual) -> None:
        """Put what came of it into the winner's scores."""
        scores = scores_of(self._folder, best.record.fingerprint) if best.record else None
        successes = [outcome for outcome in self._outcomes.values() if outcome.ok]
        if scores is None or not successes:
            return
        on_rows = all(outcome.confirmation for outcome in successes)
        rows = [outcome.confirmation if on_rows else outcome.metrics for outcome in successes]
        scores["confirmation"] = {
            "on": "confirmation rows and new seeds" if on_rows else "new seeds only, no rows were kept back",
            "trainings": len(successes),
            "failed": len(self._outcomes) - len(successes),
            "mean": {name: fmean(row[name] for row in rows) for name in rows[0]},
            "std": {name: stdev([row[name] for row in rows]) if len(rows) > 1 else 0.0 for name in rows[0]},
            "interval": interval_over_trainings(rows),
        }
        write_scores(self._folder, scores)

    def _arrived(self, job: Job, outcome: Outcome) -> None:
        self._outcomes[job.replicate] = outcome
