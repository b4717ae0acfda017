"""Outcomes from a function of the user's own, where nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from evo_nas.errors import told
from evo_nas.history import Ledger, Training
from evo_nas.individual import Constraint, Individual, Objective, TrainingKey, fitness_names
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.loop import Request
from evo_nas.running.trainings import Clock, Counts
from evo_nas.strategies import DeapIndividual, evaluated_individual
from evo_nas.strategies.told_values import outcome_of_numbers

FitnessFunction = Callable[[DeapIndividual], Any]
Map = Callable[[Callable[[DeapIndividual], Outcome], Iterable[DeapIndividual]], Iterable[Outcome]]


class ComputedOutcomes:
    """Outcomes from the toolbox's own `evaluate`, applied by its `map`; all that was asked for is one commit.

    `evaluate` returns a tuple with a value for each objective (or one number), and then one for each name that is
    constrained and no objective. What raises, or is not finite, is a failure of that individual alone.
    """

    def __init__(
        self,
        evaluate: FitnessFunction,
        map_function: Map,
        objectives: Sequence[Objective],
        ledger: Ledger,
        *,
        elapsed: Clock,
        constraints: Sequence[Constraint] = (),
    ) -> None:
        self.counts = Counts.recorded(ledger)
        self.found: set[TrainingKey] = set()
        self._evaluate = evaluate
        self._map = map_function
        self._objectives = tuple(objectives)
        self._names = fitness_names(objectives, constraints)
        self._ledger = ledger
        self._elapsed = elapsed
        self._requests: list[Request] = []

    def submit(self, requests: Sequence[Request]) -> None:
        self._requests.extend(requests)

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        requests, self._requests = self._requests, []
        members = [unjudged(request.individual, self._objectives) for request in requests]
        judge = partial(judged, evaluate=self._evaluate, names=self._names)
        outcomes = list(self._map(judge, members))
        trainings = [
            Training(request.individual.fingerprint, request.replicate, outcome, epochs=request.individual.epochs)
            for request, outcome in zip(requests, outcomes, strict=True)
        ]
        self._ledger.record(trainings, elapsed_seconds=self._elapsed())
        failed = sum(not outcome.ok for outcome in outcomes)
        self.counts = Counts(self.counts.finished + len(outcomes), 0, self.counts.failed + failed)
        return {request.key: outcome for request, outcome in zip(requests, outcomes, strict=True)}


def unjudged(individual: Individual, objectives: Sequence[Objective]) -> DeapIndividual:
    """What a fitness function is given: a copy, so that one that changes it harms nobody."""
    return deepcopy(evaluated_individual(individual, failure(Status.INVALID, ""), objectives))


def judged(individual: DeapIndividual, *, evaluate: FitnessFunction, names: Sequence[str]) -> Outcome:
    """The outcome of calling `evaluate`. It stands here so that a process pool's `map` can send it elsewhere."""
    try:
        given = evaluate(individual)
        values = tuple(float(value) for value in given) if isinstance(given, Iterable) else (float(given),)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything; a failure is a value
        return failure(Status.INVALID, told(error))
    if len(values) != len(names):
        text = f"the fitness function returned {len(values)} values, expected {len(names)} ({', '.join(names)})"
        return failure(Status.INVALID, text)
    return outcome_of_numbers(values, names, origin="the fitness function returned")
