"""The "population" of a search that has none: the best seen so far, so that checkpoints mean the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import tools

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Objective
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual


@final
class BestSeen:
    """As many as the settings' population, best first."""

    def __init__(self, settings: SearchSettings, objectives: Sequence[Objective]) -> None:
        self.members: Sequence[DeapIndividual] = ()
        self._most = settings.population
        self._objectives = tuple(objectives)
        self._constraints = settings.parsed_constraints()

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """Take in outcomes in order of proposal. A failure is never among the best."""
        told = [self.member(each) for each in evaluated]
        self.members = tools.selBest([*self.members, *(each for each in told if each.fitness.valid)], self._most)

    def member(self, each: Evaluated) -> DeapIndividual:
        """It, with its fitness: invalid for a failure."""
        return evaluated_individual(each.individual, each.outcome, self._objectives, self._constraints)
