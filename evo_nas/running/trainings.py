"""Where the loop's requests become outcomes: by training in the workers, from the store, or by a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from evo_nas.evaluation.evaluator import Job, TrainingContext, outcome_of, train_task
from evo_nas.evaluation.tasks import TaskFinished
from evo_nas.history import Ledger, OutcomeStore, Training, training_key
from evo_nas.history.rows import Purpose
from evo_nas.individual import Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.loop import Request, TrainingKey
from evo_nas.running.workers import Workers
from evo_nas.strategies import DeapIndividual, evaluated_individual
from genomes import Encoding

Clock = Callable[[], float]
OnOutcome = Callable[[Job, Outcome], None]
MOST_DEATHS = 2
"""How many children may die under a genome, over all sittings, before it is never trained again."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Trainings of the search over all sittings: finished, of those found in the store, and failed."""

    finished: int = 0
    found: int = 0
    failed: int = 0

    @classmethod
    def recorded(cls, ledger: Ledger) -> Counts:
        """Those of earlier sittings."""
        outcomes = ledger.trainings().values()
        return cls(len(outcomes), len(ledger.found()), sum(not outcome.ok for outcome in outcomes))

    def plus(self, outcome: Outcome, *, found: bool) -> Counts:
        return Counts(self.finished + 1, self.found + found, self.failed + (not outcome.ok))


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
        self.counts = Counts.recorded(ledger)
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
        jobs = [(self._job(request), f"individual {request.individual.id}") for request in requests]
        self._obtain(jobs, "search", self._arrive)

    def confirm(self, job: Job, label: str, on_outcome: OnOutcome) -> None:
        """A training that no search score rests on; it counts for no budget of the search."""
        self._obtain([(job, label)], "confirmation", on_outcome)

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        if not self._arrived:
            self._workers.pump(timeout_seconds)
        arrived, self._arrived = self._arrived, {}
        return arrived

    def _obtain(self, jobs: Sequence[tuple[Job, str]], purpose: Purpose, on_outcome: OnOutcome) -> None:
        """From the store what is there, in one commit; the rest from the workers."""
        stored = [(job, label, self._stored(job)) for job, label in jobs]
        found = [(job, outcome) for job, _, outcome in stored if outcome is not None]
        self._commit(found, purpose, on_outcome, found=True)
        for job, label, outcome in stored:
            if outcome is None:
                self._train(job, label, purpose, on_outcome)

    def _train(self, job: Job, label: str, purpose: Purpose, on_outcome: OnOutcome) -> None:
        def finished(event: TaskFinished) -> None:
            outcome = outcome_of(event)
            self._commit([(job, outcome)], purpose, on_outcome)
            if self._store:
                self._store.put(self._key(job), outcome)

        self._workers.submit(
            lambda number: train_task(job, self._context, task_id=number, time_limit_seconds=self._time_limit_seconds),
            label=label,
            on_finished=finished,
            on_died=lambda message: self._ledger.note_death(job.fingerprint, job.replicate, message),
        )

    def _commit(
        self, outcomes: Sequence[tuple[Job, Outcome]], purpose: Purpose, on_outcome: OnOutcome, *, found: bool = False
    ) -> None:
        if not outcomes:
            return
        trainings = [Training(j.fingerprint, j.replicate, o, purpose, found) for j, o in outcomes]
        self._ledger.record(trainings, elapsed_seconds=self._elapsed())
        for job, outcome in outcomes:
            if found and purpose == "search":
                self.found.add((job.fingerprint, job.replicate))
            on_outcome(job, replace(outcome, curves=()))

    def _arrive(self, job: Job, outcome: Outcome) -> None:
        key = job.fingerprint, job.replicate
        self.counts = self.counts.plus(outcome, found=key in self.found)
        self._arrived[key] = outcome

    def _stored(self, job: Job) -> Outcome | None:
        return self._store.get(self._key(job)) if self._store else None

    def _key(self, job: Job) -> str:
        return training_key(self._conditions, job.genome, job.replicate, confirm=job.confirm)

    def _job(self, request: Request) -> Job:
        individual = request.individual
        tries = max(0, MOST_DEATHS - self._deaths[request.key])
        canonical = self._encoding.canonical(individual.genome)
        return Job(canonical, individual.fingerprint, request.replicate, tries=tries)


FitnessFunction = Callable[[DeapIndividual], Any]
Map = Callable[[Callable[[DeapIndividual], Outcome], Iterable[DeapIndividual]], Iterable[Outcome]]
LARGEST_FITNESS = 1e100
"""Beyond it a fitness counts as infinite: means and variances of such numbers overflow."""


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
        self.counts = Counts.recorded(ledger)
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
        judge = partial(judged, evaluate=self._evaluate, names=[objective.name for objective in self._objectives])
        outcomes = list(self._map(judge, members))
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


def judged(individual: DeapIndividual, *, evaluate: FitnessFunction, names: Sequence[str]) -> Outcome:
    """The outcome of calling `evaluate`. It stands here so that a process pool's `map` can send it elsewhere."""
    try:
        given = evaluate(individual)
        values = tuple(float(value) for value in given) if isinstance(given, Iterable) else (float(given),)
    except Exception as error:  # noqa: BLE001 - a user's function may raise anything; a failure is a value
        return failure(Status.INVALID, f"{type(error).__name__}: {error}")
    if len(values) != len(names):
        text = f"the fitness function returned {len(values)} values for {len(names)} objectives"
        return failure(Status.INVALID, text)
    if not all(abs(value) <= LARGEST_FITNESS for value in values):
        return failure(Status.DIVERGED, f"the fitness function returned {values}")
    return Outcome(Status.OK, dict(zip(names, values, strict=True)))
