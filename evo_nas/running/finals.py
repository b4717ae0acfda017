"""Finalists are trained from scratch before one of them is called the best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evo_nas.evaluation.evaluator import Job
from evo_nas.history.finals import finals_of
from evo_nas.individual import Evaluated, Individual, TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.running.preparation import OpenRun
from evo_nas.running.trainings import TrainedOutcomes
from evo_nas.strategies import Records


def finals_in(run: OpenRun, individuals: Sequence[Individual]) -> list[Evaluated]:
    """Those that the ledger holds."""
    return finals_of(individuals, run.ledger.trainings("final"), run.replicates)


def records_from_scratch(run: OpenRun, records: Records, individuals: Sequence[Individual]) -> Records:
    """The records of what was trained from scratch, in the search or in the end; those of a run without inherited
    weights are what they were.
    """
    if run.plan.settings.search.inherit == "none":
        return records
    return records.from_scratch(finals_in(run, individuals))


def finalists(records: Records, count: int) -> list[Individual]:
    """So many of the best by their search scores, of those that began with inherited weights.

    With several objectives, of the front: from its one end to the other in equal steps. The search scores of networks
    with many inherited epochs are not comparable with those of others; here they only say who is worth a training.
    """
    several = len(records.objectives) > 1
    ranked = list(records.front) if several else list(records.hall_of_fame)
    heirs = [member.record for member in ranked if member.record is not None and member.record.inherits is not None]
    if not several or len(heirs) <= count:
        return heirs[:count]
    return [heirs[round(place)] for place in np.linspace(0, len(heirs) - 1, count)]


def train_finalists(run: OpenRun, trainings: TrainedOutcomes, chosen: Sequence[Individual]) -> None:
    """Ask for all of their trainings that the ledger does not hold; the workers' pump brings them."""
    known = run.ledger.trainings("final")
    for individual in chosen:
        missing = [n for n in range(run.replicates) if TrainingKey(individual.fingerprint, n) not in known]
        trainings.train_from_scratch(individual, missing, _nothing_more)


def _nothing_more(job: Job, outcome: Outcome) -> None:
    """It is in the ledger; whoever wants it reads it there."""
