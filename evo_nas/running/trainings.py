"""Where the loop's requests become outcomes: by training in the workers, or from the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evo_nas.config import Trainer
from evo_nas.evaluation.cohort_cost import CohortTerms
from evo_nas.evaluation.evaluator import Job, TrainingContext, cohort_task, train_task
from evo_nas.evaluation.forms import POPULATION, program_form, refusal
from evo_nas.evaluation.tasks import Task
from evo_nas.history import Ledger, OutcomeStore, Training, training_key
from evo_nas.history.rows import Purpose
from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome, Status
from evo_nas.running.grouping import MOST_DEATHS, trained_together
from evo_nas.running.halving import Finished, Halving
from evo_nas.running.heritage import Heritage
from evo_nas.running.loop import Request
from evo_nas.running.rungs import Rungs
from evo_nas.running.workers import Workers
from evo_nas.strategies import SizeLimits
from genomes import Encoding

Clock = Callable[[], float]
OnOutcome = Callable[[Job, Outcome], None]


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


@dataclass(frozen=True, slots=True)
class Terms:
    """What the trainings of a run have in common.

    conditions: the form of a program -> the part of an outcome's key that is the same for all trainings by it. cohorts:
    what the cost of a cohort depends on. limits: what no network may exceed. time_limit_seconds: of one training.
    inherits: whether trainings of the search may begin with the weights of others.
    """

    context: TrainingContext
    trainer: Trainer
    conditions: Mapping[str, str]
    cohorts: CohortTerms
    limits: SizeLimits | None = None
    time_limit_seconds: float | None = None
    inherits: bool = False

    def task(self, jobs: Sequence[Job], number: int) -> Task:
        """The task that trains jobs of one form, and several only in one cohort."""
        limit = self.time_limit_seconds
        if jobs[0].program == POPULATION:
            return cohort_task(
                jobs, self.context, task_id=number, time_limit_seconds=limit, memory_mb=self.cohorts.memory_mb
            )
        (job,) = jobs
        return train_task(job, self.context, task_id=number, time_limit_seconds=limit)


class TrainedOutcomes:
    """Trainings in worker processes, with a store before them. Each is committed before the loop hears of it; the
    outcomes of a cohort are one commit (law 5).
    """

    def __init__(
        self,
        workers: Workers,
        encoding: Encoding,
        terms: Terms,
        ledger: Ledger,
        *,
        store: OutcomeStore | None,
        elapsed: Clock,
    ) -> None:
        self.counts = Counts.recorded(ledger)
        self._workers = workers
        self._encoding = encoding
        self._terms = terms
        self._ledger = ledger
        self._store = store
        self._elapsed = elapsed
        self._deaths = ledger.deaths()
        self.found = ledger.found()
        folder = terms.context.rungs
        self._rungs = Rungs(Path(folder) if folder else None, terms.context.recipe)
        self._rungs.note(ledger.trainings())
        self._heritage = Heritage(encoding)
        if terms.inherits:
            self._heritage.note(ledger.individuals())
            self._heritage.note_outcomes(ledger.trainings())
        self._arrived: dict[TrainingKey, Outcome] = {}

    def submit(self, requests: Sequence[Request]) -> None:
        self._obtain(requests, "search", self._arrive)

    def train_from_scratch(self, individual: Individual, replicates: Sequence[int], on_outcome: OnOutcome) -> None:
        """Trainings of a network whose search score rests on inherited weights."""
        self.train_aside([Request(individual, replicate) for replicate in replicates], "final", on_outcome)

    def confirm(self, individual: Individual, replicates: Sequence[int], on_outcome: OnOutcome) -> None:
        """Trainings that no search score rests on; they count for no budget of the search."""
        self.train_aside([Request(individual, replicate) for replicate in replicates], "confirmation", on_outcome)

    def train_aside(self, requests: Sequence[Request], purpose: Purpose, on_outcome: OnOutcome) -> None:
        """Trainings that steer nothing. Outcomes that were had for another purpose are not looked for."""
        self._obtain(requests, purpose, on_outcome)

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        if not self._arrived:
            self._workers.pump(timeout_seconds)
        arrived, self._arrived = self._arrived, {}
        return arrived

    def _obtain(self, requests: Sequence[Request], purpose: Purpose, on_outcome: OnOutcome) -> None:
        """What is known already in one commit; refusals at once; the rest from the workers."""
        if purpose == "search":
            self._heritage.note(request.individual for request in requests)
        jobs = [self._job(request, purpose) for request in requests]
        refused = [(job, self._refused(job, text)) for job in jobs if (text := self._refusal(job))]
        hopeless = {job.key for job, _ in refused}
        sought = [(job, self._known(job)) for job in jobs if job.key not in hopeless]
        found = [(job, outcome) for job, outcome in sought if outcome is not None]
        self._commit(found, purpose, on_outcome, found=True)
        self._commit(refused, purpose, on_outcome)
        self._rungs.make_room(job.key for job in jobs)
        halving = self._halving(requests, purpose, on_outcome)
        for together in trained_together([job for job, outcome in sought if outcome is None], self._terms.cohorts):
            halving.train(together)

    def _halving(self, requests: Sequence[Request], purpose: Purpose, on_outcome: OnOutcome) -> Halving:
        individuals = {request.key: request.individual.id for request in requests}
        return Halving(
            self._workers,
            self._terms.task,
            label=lambda together: describe([individuals[job.key] for job in together], purpose),
            on_finished=partial(self._trained, purpose=purpose, on_outcome=on_outcome),
            on_died=lambda job, message: self._ledger.note_death(job.fingerprint, job.replicate, message),
        )

    def _trained(self, finished: Finished, *, purpose: Purpose, on_outcome: OnOutcome) -> None:
        counted = [(job, self._heritage.counted(job, outcome)) for job, outcome in finished]
        self._commit(counted, purpose, on_outcome)
        if self._store:
            self._store.put_all({self._key(job): outcome for job, outcome in counted})

    def _commit(self, outcomes: Finished, purpose: Purpose, on_outcome: OnOutcome, *, found: bool = False) -> None:
        if not outcomes:
            return
        trainings = [Training(j.fingerprint, j.replicate, o, purpose, found, j.epochs) for j, o in outcomes]
        self._ledger.record(trainings, elapsed_seconds=self._elapsed())
        if purpose == "search":
            known = {job.key: replace(outcome, curves=()) for job, outcome in outcomes}
            self._rungs.note(known)
            self._heritage.note_outcomes(known)
        for job, outcome in outcomes:
            if found and purpose == "search":
                self.found.add(job.key)
            on_outcome(job, replace(outcome, curves=()))

    def _arrive(self, job: Job, outcome: Outcome) -> None:
        self.counts = self.counts.plus(outcome, found=job.key in self.found)
        self._arrived[job.key] = outcome

    def _refusal(self, job: Job) -> str:
        limits = self._terms.limits
        return refusal(job.genome, self._terms.trainer) or (limits.refusal(job.genome) if limits else "")

    def _refused(self, job: Job, reason: str) -> Outcome:
        cohorts = self._terms.cohorts
        size = self._encoding.size(job.genome, cohorts.input_shape, cohorts.num_outputs)
        return Outcome(Status.INVALID, parameters=size.parameters, flops=size.flops, message=reason)

    def _known(self, job: Job) -> Outcome | None:
        """From the store, or from a rung on which the training ended."""
        ended = None if job.confirm else self._rungs.ended_before(job.key)
        if ended is not None:
            return replace(self._rungs.outcome(ended), curves=self._ledger.curves(ended))
        return self._store.get(self._key(job)) if self._store else None

    def _key(self, job: Job) -> str:
        conditions = self._terms.conditions[job.program]
        begins_with = None
        for genome, _ in job.ancestors:
            begins_with = training_key(conditions, genome, job.replicate, begins_with=begins_with)
        return training_key(
            conditions, job.genome, job.replicate, confirm=job.confirm, epochs=job.epochs, begins_with=begins_with
        )

    def _job(self, request: Request, purpose: Purpose) -> Job:
        canonical = self._encoding.canonical(request.individual.genome)
        return Job(
            canonical,
            request.individual.fingerprint,
            request.replicate,
            confirm=purpose == "confirmation",
            tries=max(0, MOST_DEATHS - self._deaths[request.key[:2]]),
            program=program_form(canonical, self._terms.trainer),
            epochs=request.individual.epochs,
            begun=self._rungs.file_before(request.key) if purpose == "search" else None,
            ancestors=self._heritage.ancestors(request.individual) if purpose == "search" else (),
        )


def describe(individuals: Sequence[int], purpose: Purpose = "search") -> str:
    """What a display calls trainings that run together, by the ids of their individuals: "individual 17"."""
    first, last = min(individuals), max(individuals)
    if purpose == "confirmation":
        return f"confirming individual {first}"
    if purpose == "final":
        return f"individual {first} from scratch"
    if first == last:
        return f"individual {first}"
    return f"cohort of {len(individuals)} (individuals {first}-{last})"
