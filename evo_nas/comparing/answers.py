"""What a run would have answered after each of its trainings: whom it believed best by all that it had been told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import final

from evo_nas.comparing.clock import CLOCK_FILE, read_clock, seconds_until
from evo_nas.individual import Evaluated, Individual, TrainingKey, training_keys
from evo_nas.report.comparison import Step
from evo_nas.running.belief import BELIEVED, believed
from evo_nas.running.loop import Budget, Loop
from evo_nas.running.preparation import OpenRun, open_run
from evo_nas.running.verification import whole_generations
from evo_nas.strategies import DeapIndividual, Strategy, make_strategy, make_toolbox


def steps_of(run_dir: Path) -> list[Step]:
    """A step after each individual, in order of proposal. Raises UserError where the folder holds no run.

    A search that believes something of its own is replayed from its ledger; of any other the best search score is the
    answer. It is scored by its first measurement, on rows and with noise that all strategies of a seed share: one that
    was measured again has a mean over other validation rows too, which may be easier. The seconds are those when as
    many trainings had come back.
    """
    run = open_run(run_dir, read_only=True)
    with closing(run.ledger):
        evaluated = list(run.ledger.evaluated(run.replicates))
        beliefs = _beliefs(run) if any(note["fingerprint"] for note in run.ledger.decisions(BELIEVED)) else {}
        if beliefs:
            beliefs[len(evaluated)] = believed(run.ledger)
    return _steps(run, evaluated, beliefs)


def _steps(run: OpenRun, evaluated: Sequence[Evaluated], beliefs: Mapping[int, str | None]) -> list[Step]:
    records, objective = run.new_records(), run.plan.objectives[0]
    clock = read_clock(run.folder.path / CLOCK_FILE)
    first = {e.individual.fingerprint: e.outcome for e in evaluated if is_first(e.individual)}
    keys: set[TrainingKey] = set()
    epochs: dict[tuple[str, int], int] = {}
    steps = []
    for each in evaluated:
        records.update([each])
        if (told := each.individual.id + 1) in beliefs:
            records.believe(beliefs[told])
        asked = training_keys(each.individual, run.replicates)
        keys.update(asked)
        trained = sum(each.outcome.epochs) // len(asked)
        epochs.update({key[:2]: max(epochs.get(key[:2], 0), trained) for key in asked})
        best = records.best.record if records.best is not None else None
        score = objective.value(first[best.fingerprint]) if best is not None else None
        steps.append(Step(len(epochs), sum(epochs.values()), seconds_until(clock, len(keys)), score))
    return steps


def is_first(individual: Individual) -> bool:
    """Whether it measures a network with the whole recipe for the first time."""
    return individual.replicate == 0 and individual.epochs is None


def _beliefs(run: OpenRun) -> dict[int, str | None]:
    """How many individuals had been told -> the fingerprint of the answer, by making every proposal again."""
    plan, search = run.plan, run.plan.settings.search
    recorded = run.ledger.individuals()
    toolbox = make_toolbox(plan.encoding, search, plan.objectives)
    strategy = make_strategy(
        plan.encoding, toolbox, search, plan.objectives, first=run.first, limits=run.limits, epochs=run.epochs
    )
    watched = _Watched(strategy)
    budget = Budget(whole_generations(len(recorded), search.population), search.population, run.replicates)
    outcomes = run.ledger.trainings()
    Loop(watched, run.new_records(), budget, trainings=None, recorded=recorded, outcomes=outcomes).run()
    return watched.beliefs


@final
class _Watched(Strategy):
    """A search that is asked what it believes by all that it has been told, once it has made up its mind: where a
    budget ends, it has been asked for the proposals that the budget no longer covers.
    """

    def __init__(self, inner: Strategy) -> None:
        self.inner = inner
        self.beliefs: dict[int, str | None] = {}
        self._num_told = 0

    def required_results(self, proposal: int) -> int:
        return self.inner.required_results(proposal)

    def ask(self, n: int) -> list[Individual]:
        made = self.inner.ask(n)
        self.beliefs[self._num_told] = self.inner.believed()
        return made

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self.inner.tell(evaluated)
        self._num_told += len(evaluated)
        self.beliefs[self._num_told] = self.inner.believed()

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self.inner.population
