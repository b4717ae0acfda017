"""What DEAP keeps of a run: hall of fame, Pareto front, statistics, logbook. Rebuilt from the ledger at resume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from deap import tools

from evo_nas.individual import Evaluated, Objective
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual

OBJECTIVE_STATISTICS = {"mean": np.mean, "std": np.std, "min": np.min, "median": np.median, "max": np.max}


class Records:
    """hall_of_fame: the best distinct networks by the first objective. front: the Pareto front, with two objectives
    or more. logbook: one row a generation, an array with a value for each objective under each statistic's name."""

    def __init__(self, objectives: Sequence[Objective], *, hall_of_fame: int) -> None:
        self.objectives = tuple(objectives)
        self.hall_of_fame = tools.HallOfFame(hall_of_fame, similar=_same_network)
        self.front = tools.ParetoFront(similar=_same_network)
        self.statistics = tools.Statistics(key=self._values)
        for name, function in OBJECTIVE_STATISTICS.items():
            self.statistics.register(name, function, axis=0)
        self.logbook = tools.Logbook()
        self.best: DeapIndividual | None = None

    def update(self, evaluated: Sequence[Evaluated], *, generation: int | None = None) -> None:
        """Take in outcomes in order of proposal; with `generation`, also write its row into the logbook."""
        valid = [each for each in evaluated if each.outcome.ok]
        members = [self._member(each) for each in valid if self._may_enter(each)]
        for member in members:
            if self.best is None or member.fitness > self.best.fitness:
                self.best = member
        self.hall_of_fame.update(members)
        if len(self.objectives) > 1:
            self.front.update(members)
        if generation is not None:
            statistics = self.statistics.compile(valid) if valid else {}
            failed = len(evaluated) - len(valid)
            self.logbook.record(generation=generation, evaluated=len(evaluated), failed=failed, **statistics)

    def _values(self, each: Evaluated) -> tuple[float, ...]:
        return tuple(objective.value(each.outcome) for objective in self.objectives)

    def _member(self, each: Evaluated) -> DeapIndividual:
        return evaluated_individual(each.individual, each.outcome, self.objectives)

    def _may_enter(self, each: Evaluated) -> bool:
        """Whether it is worth a look; of ten thousand individuals nearly none is."""
        if len(self.objectives) > 1 or len(self.hall_of_fame) < self.hall_of_fame.maxsize:
            return True
        (objective,) = self.objectives
        worst: float = self.hall_of_fame[-1].fitness.wvalues[0]
        return objective.weight * objective.value(each.outcome) > worst

    def kept(self) -> list[DeapIndividual]:
        """Whose weights are worth keeping (law 5): the best, the hall of fame and the front."""
        best = [] if self.best is None else [self.best]
        return [*best, *self.hall_of_fame, *self.front]


def _same_network(first: DeapIndividual, second: DeapIndividual) -> bool:
    return (
        first.record is not None and second.record is not None and first.record.fingerprint == second.record.fingerprint
    )
