"""The loop. It owns the order in which things happen, and nothing else.

A resumed run is the same loop once more: proposals are made again and compared with those recorded, outcomes that the
ledger holds are not trained again, and where the ledger ends the run goes on (laws 3 and 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from evo_nas.errors import UserError
from evo_nas.individual import EpochCount, Evaluated, Individual, TrainingKey, training_keys
from evo_nas.outcome import Outcome, combine
from evo_nas.strategies import DeapIndividual, Records, Strategy


@dataclass(frozen=True, slots=True)
class Request:
    """One training that the run needs: the individual that asked for it first, and which replicate."""

    individual: Individual
    replicate: int

    @property
    def key(self) -> TrainingKey:
        return TrainingKey(self.individual.fingerprint, self.replicate, self.individual.epochs)


class Trainings(Protocol):
    """Where requests become outcomes."""

    def submit(self, requests: Sequence[Request]) -> None:
        """Take on requests. Returns at once."""

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        """Outcomes that have arrived and are safely in the ledger; waits for at least one, up to the timeout."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that has been told: its individuals with their outcomes in order of id, and who lives after it.

    best: the best of the run so far. best_values, hypervolume: those of `Records` after it.
    """

    number: int
    evaluated: Sequence[Evaluated]
    population: Sequence[DeapIndividual]
    best: DeapIndividual | None
    best_values: tuple[float | None, ...]
    hypervolume: float | None


@dataclass(slots=True)
class Hooks:
    """What others want to know and decide while the loop runs. Every hook is optional.

    propose: individuals that the ledger does not hold yet. told: a whole generation. stop: a reason to stop now, or
    None. tick: called at least twice a second while the loop waits.
    """

    propose: Callable[[Sequence[Individual]], None] = field(default=lambda individuals: None)
    told: Callable[[Generation], None] = field(default=lambda generation: None)
    stop: Callable[[], str | None] = field(default=lambda: None)
    tick: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many proposals the run makes, how many distinct (genome, replicate) it may ask for, and replicates of each.

    A rung and what it is promoted to are one of them. max_epochs: epochs trained, after which nothing more is proposed.
    stop_when_converged: whether the strategy may end the run.
    """

    num_proposals: int
    population: int
    replicates: int
    max_evaluations: int | None = None
    max_epochs: int | None = None
    stop_when_converged: bool = True


FINISHED = "finished"
EVALUATIONS_SPENT = "evaluations"
EPOCHS_SPENT = "epochs"
CONVERGED = "converged"
NOTHING_TO_WAIT_FOR = "replayed"


class Loop:
    """Asks, submits, collects and tells until the budget is spent or somebody says stop.

    recorded: the individuals that the ledger holds, in order of id. outcomes: the trainings that it holds; new ones
    are added. trainings: None replays what is recorded and stops where it ends. why_converged: the strategy's sentence
    when it made the last proposal for that reason; what was in training then may still have brought something better.
    """

    def __init__(
        self,
        strategy: Strategy,
        records: Records,
        budget: Budget,
        *,
        trainings: Trainings | None,
        recorded: Sequence[Individual] = (),
        outcomes: MutableMapping[TrainingKey, Outcome] | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.strategy = strategy
        self.records = records
        self.budget = budget
        self.trainings = trainings
        self.recorded = recorded
        self.outcomes: MutableMapping[TrainingKey, Outcome] = {} if outcomes is None else outcomes
        self.hooks = hooks or Hooks()
        self.individuals: list[Individual] = []
        self.requested: set[TrainingKey] = set()
        self.num_told = 0
        self._counted: set[tuple[str, int]] = set()
        self._epochs = EpochCount()
        self._pending: set[TrainingKey] = set()
        self._exhausted = False
        self.why_converged: str | None = None
        self._generation: list[Evaluated] = []
        self._unannounced: list[Generation] = []
        self._not_handed_out: list[Request] = []

    @property
    def num_asked(self) -> int:
        return len(self.individuals)

    @property
    def replaying(self) -> bool:
        """Whether the ledger holds proposals that have not been made again. A replay is quick and is never stopped."""
        return self.num_asked < len(self.recorded)

    @property
    def num_pending(self) -> int:
        """Trainings asked for whose outcome has not arrived."""
        return len(self._pending)

    def run(self) -> str:
        """Go on until there is a reason to stop, and return it. The last generations are still to be announced."""
        while True:
            self._tell()
            if self.num_told == self._limit():
                if self._generation:
                    self._finish_generation((self.num_told - 1) // self.budget.population)
                return self._ended()
            if not self.replaying and (reason := self.hooks.stop()):
                return reason
            self._ask()
            if self._unannounced or not self._can_tell():
                self._hand_out()
            self.announce()
            if self._can_tell() or self.num_told == self._limit():
                continue
            if self.trainings is None:
                return NOTHING_TO_WAIT_FOR
            self._collect(self.trainings)
            self.hooks.tick()

    def _ended(self) -> str:
        if self.why_converged is not None:
            return CONVERGED
        if not self._exhausted:
            return FINISHED
        return EPOCHS_SPENT if self._epochs_spent() else EVALUATIONS_SPENT

    def announce(self) -> None:
        """Tell of finished generations. Call it when what comes next has been handed out, so that no worker waits."""
        for generation in self._unannounced:
            self.hooks.told(generation)
        self._unannounced.clear()

    def unrecorded(self) -> list[Evaluated]:
        """Outcomes that are complete but in no record, since their generation is not: those that the strategy has been
        told and those that wait for others, in order of proposal.
        """
        return [*self._generation, *self.waiting()]

    def waiting(self) -> list[Evaluated]:
        """Outcomes that are complete but not told, since others have not come back, in order of proposal."""
        untold = self.individuals[self.num_told :]
        return [self._complete(i) for i in untold if all(key in self.outcomes for key in self._keys(i))]

    def _limit(self) -> int:
        return self.num_asked if self._exhausted else self.budget.num_proposals

    def _tell(self) -> None:
        while self._can_tell():
            end = self._tell_until()
            evaluated = [self._complete(individual) for individual in self.individuals[self.num_told : end]]
            self.strategy.tell(evaluated)
            self._epochs.add(evaluated)
            self._generation.extend(evaluated)
            self.num_told = end
            if end % self.budget.population == 0 or end == self._limit():
                self._finish_generation((end - 1) // self.budget.population)

    def _can_tell(self) -> bool:
        end = self._tell_until()
        waiting = self.individuals[self.num_told : end]
        return end > self.num_told and all(key in self.outcomes for i in waiting for key in self._keys(i))

    def _tell_until(self) -> int:
        """Exactly as many results as the next proposal requires, a generation at a time at the most (law 3)."""
        all_asked = self.num_asked == self._limit()
        wanted = self.num_asked if all_asked else self.strategy.required_results(self.num_asked)
        next_generation = (self.num_told // self.budget.population + 1) * self.budget.population
        return max(self.num_told, min(wanted, next_generation))

    def _finish_generation(self, number: int) -> None:
        evaluated, population = tuple(self._generation), list(self.strategy.population)
        self._generation.clear()
        self.records.update(evaluated, generation=number)
        self.records.believe(self.strategy.believed())
        best, best_values = self.records.best, self.records.best_values()
        generation = Generation(number, evaluated, population, best, best_values, self.records.hypervolume)
        self._unannounced.append(generation)

    def _ask(self) -> None:
        while not self._exhausted and (count := self._num_askable()):
            if self._may_stop() and (why := self.strategy.converged()):
                self._exhausted, self.why_converged = True, why
                return
            if self._epochs_spent():
                self._exhausted = True
                return
            batch = self.strategy.ask(count)
            if len(batch) != count:
                raise UserError(f"the strategy was asked for {count} proposals and gave {len(batch)}; it must give all")
            self._compare(batch)
            self._admit(self._affordable(batch))

    def _may_stop(self) -> bool:
        return self.budget.stop_when_converged and not self.replaying

    def _epochs_spent(self) -> bool:
        """By what has been told, never by what has happened to come back."""
        most = self.budget.max_epochs
        return most is not None and self._epochs.total >= most

    def _num_askable(self) -> int:
        count = 0
        while self.num_asked + count < self.budget.num_proposals:
            if self.strategy.required_results(self.num_asked + count) != self.num_told:
                break
            count += 1
        return count

    def _compare(self, batch: Sequence[Individual]) -> None:
        for made, recorded in zip(batch, self.recorded[self.num_asked :], strict=False):
            if made != recorded:
                raise UserError(
                    f"individual {recorded.id} was recorded as {recorded.operator!r} of {list(recorded.parents)}, but "
                    f"is now proposed as {made.operator!r} of {list(made.parents)}: this run was made by other "
                    "operators or another version, and cannot go on; start a new one from its newest checkpoint "
                    "with --from"
                )

    def _affordable(self, batch: Sequence[Individual]) -> Sequence[Individual]:
        """The beginning of the batch that the budget of evaluations covers; beyond it the run is exhausted."""
        new: set[tuple[str, int]] = set()
        for position, individual in enumerate(batch):
            new |= {key[:2] for key in self._keys(individual)} - self._counted
            most = self.budget.max_evaluations
            if most is not None and len(self._counted) + len(new) > most:
                self._exhausted = True
                return batch[:position]
        return batch

    def _admit(self, batch: Sequence[Individual]) -> None:
        new = batch[max(0, len(self.recorded) - self.num_asked) :]
        if self.trainings is None and new:
            batch = batch[: len(batch) - len(new)]
            self._exhausted = True
        elif new:
            self.hooks.propose(new)
        self.individuals.extend(batch)
        requests = [
            Request(individual, key.replicate)
            for individual in batch
            for key in self._keys(individual)
            if self._is_new(key)
        ]
        if self.trainings is not None and requests:
            self._pending.update(request.key for request in requests)
            self._not_handed_out.extend(requests)

    def _hand_out(self) -> None:
        """All that can be asked for now, together: a steady-state search asks one by one, and would have cohorts of
        one where a whole cohort has just come back.
        """
        requests, self._not_handed_out = self._not_handed_out, []
        if self.trainings is not None and requests:
            self.trainings.submit(requests)

    def _is_new(self, key: TrainingKey) -> bool:
        if key in self.requested:
            return False
        self.requested.add(key)
        self._counted.add(key[:2])
        return key not in self.outcomes

    def _collect(self, trainings: Trainings) -> None:
        arrived = trainings.collect(0.4)
        self.outcomes.update(arrived)
        self._pending.difference_update(arrived)

    def _keys(self, individual: Individual) -> list[TrainingKey]:
        return training_keys(individual, self.budget.replicates)

    def _complete(self, individual: Individual) -> Evaluated:
        return Evaluated(individual, combine([self.outcomes[key] for key in self._keys(individual)]))
