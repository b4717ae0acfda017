"""Where the loop's requests become outcomes: by training in the workers, from the store, or by a function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from evo_nas.evaluation.evaluator import Job, TrainingContext, outcome_of, train_task
from evo_nas.evaluation.tasks import TaskFinished
from evo_nas.history import Ledger, OutcomeStore, Training, training_key
from evo_nas.individual import Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.loop import Request, TrainingKey
from evo_nas.running.workers import Workers
from evo_nas.strategies import DeapIndividual, evaluated_individual
from genomes import Encoding

Clock = Callable[[], float]
DEATHS_UNTIL_GIVEN_UP = 2


@dataclass(frozen=True, slots=True)
class Counts:
    """What a display shows: trainings finished, of those found in the store, and failed."""

    finished: int = 0
    found: int = 0
    failed: int = 0

    def plus(self, training: Training) -> Counts:
        return Counts(self.finished + 1, self.found + training.found, self.failed + (not training.outcome.ok))


class TrainedOutcomes:
    """Trainings in worker processes, with a store before them. Each is committed before the loop hears of it."""

    def __init__(
        self,
        workers: Workers,
        encoding: Encoding,
        context: TrainingContext,
        ledger: Ledger,
        *,
        store: OutcomeStore | None,
        conditions: str,
        time_limit_seconds: float | None,
        elapsed: Clock,
    ) -> None:
        self.counts = Counts()
        self._workers = workers
        self._encoding = encoding
        self._context = context
        self._ledger = ledger
        self._store = store
        self._conditions = conditions
        self._time_limit_seconds = time_limit_seconds
        self._elapsed = elapsed
        self._deaths = ledger.deaths()
        self.found = ledger.found()
        self._arrived: dict[TrainingKey, Outcome] = {}

    def submit(self, requests: Sequence[Request]) -> None:
        found = [training for request in requests if (training := self._without_training(request)) is not None]
        self._commit(found)
        settled = {(training.fingerprint, training.replicate) for training in found}
        for request in requests:
            if request.key not in settled:
                self.train(self._job(request), f"individual {request.individual.id}", self._finish)

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        if not self._arrived:
            self._workers.pump(timeout_seconds)
        arrived, self._arrived = self._arrived, {}
        return arrived

    def train(self, job: Job, label: str, on_outcome: Callable[[Job, Outcome], None]) -> None:
        """Train one job in a worker; `on_outcome` hears of it inside the workers' pump."""

        def finished(event: TaskFinished) -> None:
            on_outcome(job, outcome_of(event))

        self._workers.submit(
            lambda number: train_task(job, self._context, task_id=number, time_limit_seconds=self._time_limit_seconds),
            label=label,
            on_finished=finished,
            on_died=lambda message: self._ledger.note_death(job.fingerprint, job.replicate, message),
        )

    def _key(self, job: Job) -> str:
        return training_key(self._conditions, job.genome, job.replicate, confirm=job.confirm)

    def _job(self, request: Request) -> Job:
        individual = request.individual
        return Job(self._encoding.canonical(individual.genome), individual.fingerprint, request.replicate)

    def _without_training(self, request: Request) -> Training | None:
        job = self._job(request)
        outcome = self._store.get(self._key(job)) if self._store else None
        if outcome is not None:
            return Training(job.fingerprint, job.replicate, outcome, found=True)
        if self._deaths[request.key] >= DEATHS_UNTIL_GIVEN_UP:
            text = f"its process died {self._deaths[request.key]} times while it trained; it is not tried again"
            return Training(job.fingerprint, job.replicate, failure(Status.CRASHED, text))
        return None

    def _finish(self, job: Job, outcome: Outcome) -> None:
        self._commit([Training(job.fingerprint, job.replicate, outcome)])
        if self._store:
            self._store.put(self._key(job), outcome)

    def _commit(self, trainings: Sequence[Training]) -> None:
        if not trainings:
            return
        self._ledger.record(trainings, elapsed_seconds=self._elapsed())
        for training in trainings:
            self.counts = self.counts.plus(training)
            if training.found:
                self.found.add((training.fingerprint, training.replicate))
            self._arrived[training.fingerprint, training.replicate] = replace(training.outcome, curves=())


FitnessFunction = Callable[[DeapIndividual], Any]
Map = Callable[[FitnessFunction, Iterable[DeapIndividual]], Iterable[Any]]


class ComputedOutcomes:
    """Outcomes from the toolbox's own `evaluate`, applied by its `map`; all that was asked for is one commit.

    `evaluate` returns a tuple with a value for each objective (or one number). What raises, or is not finite, is a
    failure of that individual alone.
    """

    def __init__(
        self,
        evaluate: FitnessFunction,
        map_function: Map,
        objectives: Sequence[Objective],
        ledger: Ledger,
        *,
        elapsed: Clock,
    ) -> None:
        self.counts = Counts()
        self.found: set[TrainingKey] = set()
        self._evaluate = evaluate
        self._map = map_function
        self._objectives = tuple(objectives)
        self._ledger = ledger
        self._elapsed = elapsed
        self._requests: list[Request] = []

    def submit(self, requests: Sequence[Request]) -> None:
        self._requests.extend(requests)

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        requests, self._requests = self._requests, []
        members = [self._member(request) for request in requests]
        outcomes = list(self._map(self._outcome, members))
        trainings = [
            Training(request.individual.fingerprint, request.replicate, outcome)
            for request, outcome in zip(requests, outcomes, strict=True)
        ]
        self._ledger.record(trainings, elapsed_seconds=self._elapsed())
        failed = sum(not outcome.ok for outcome in outcomes)
        self.counts = Counts(self.counts.finished + len(outcomes), 0, self.counts.failed + failed)
        return {request.key: outcome for request, outcome in zip(requests, outcomes, strict=True)}

    def _member(self, request: Request) -> DeapIndividual:
        """A copy, so that a fitness function that changes what it is given harms nobody."""
        return deepcopy(evaluated_individual(request.individual, failure(Status.INVALID, ""), self._objectives))

    def _outcome(self, individual: DeapIndividual) -> Outcome:
        try:
            given = self._evaluate(individual)
            values = tuple(float(value) for value in given) if isinstance(given, Iterable) else (float(given),)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything; a failure is a value
            return failure(Status.INVALID, f"{type(error).__name__}: {error}")
        if len(values) != len(self._objectives):
            text = f"the fitness function returned {len(values)} values for {len(self._objectives)} objectives"
            return failure(Status.INVALID, text)
        if not all(math.isfinite(value) for value in values):
            return failure(Status.DIVERGED, f"the fitness function returned {values}")
        return Outcome(Status.OK, {o.name: value for o, value in zip(self._objectives, values, strict=True)})
