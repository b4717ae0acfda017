"""Generational evolution, (mu + lambda) with elitism, for one objective or several (NSGA-II)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import base, tools

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.randomness import lent_random
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Genome


@final
class Evolution(Strategy):
    """Parents are selected from the population, and the best of parents and children live on.

    The first population holds the encoding's default and random samples, or the genomes of a checkpoint. With one
    objective the `elites` best always survive, and the toolbox's `survive` (the best, unless replaced) fills the
    rest; with several, `survive` is NSGA-II (Deb et al. 2002), elitist by itself. A failure neither survives nor
    becomes a parent; while nothing has succeeded, new samples are drawn.
    """

    def __init__(
        self,
        encoding: Encoding,
        toolbox: base.Toolbox,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        *,
        first: Sequence[Genome] = (),
    ) -> None:
        self.toolbox = toolbox
        self.settings = settings
        self.objectives = tuple(objectives)
        self.births = Births(encoding, toolbox, settings, first=first)
        self._starts_with_default = not first
        self._population: list[DeapIndividual] = []
        self._num_told = 0

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._population

    def required_results(self, proposal: int) -> int:
        return generational_requirement(proposal, self.settings.population)

    def ask(self, n: int) -> list[Individual]:
        if self.births.num_born < self.settings.population:
            return [self._founder() for _ in range(n)]
        if not self._population:
            return [self.births.sample() for _ in range(n)]
        return self.births.offspring(self.births.select(self._population, n))

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._num_told += len(evaluated)
        members = [evaluated_individual(e.individual, e.outcome, self.objectives) for e in evaluated]
        candidates = [*self._population, *(member for member in members if member.fitness.valid)]
        self._population = self._survivors(candidates)

    def _founder(self) -> Individual:
        if self.births.num_born == 0 and self._starts_with_default:
            return self.births.given(self.births.encoding.default(), "default")
        return self.births.founder()

    def _survivors(self, candidates: list[DeapIndividual]) -> list[DeapIndividual]:
        num_elites = min(self.settings.elites, self.settings.population) if len(self.objectives) == 1 else 0
        elites = tools.selBest(candidates, num_elites)
        chosen = {id(elite) for elite in elites}
        others = [candidate for candidate in candidates if id(candidate) not in chosen]
        num_others = min(self.settings.population - len(elites), len(others))
        with lent_random() as reseed:
            reseed(self.settings.seed, "survive", self._num_told)
            return [*elites, *self.toolbox.survive(others, num_others)]
