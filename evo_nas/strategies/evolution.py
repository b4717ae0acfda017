"""Generational evolution, (mu + lambda) with elitism, for one objective or several (NSGA-II, NSGA-III)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import base, tools

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.randomness import lent_random
from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.restarts import RESTART, Restarts
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Genome


@final
class Evolution(Strategy):
    """Parents are selected from the population, and the best of parents and children live on.

    The first population holds the encoding's default and random samples, or the genomes of a checkpoint. With one
    objective the `elites` best always survive, and the toolbox's `survive` (the best, unless replaced) fills the
    rest; with several, `survive` is NSGA-II or NSGA-III, elitist by themselves. A failure neither survives nor becomes
    a parent; while nothing has succeeded, new samples are drawn. What breaks a constraint may do both, behind whoever
    breaks it less.
    """

    def __init__(
        self,
        encoding: Encoding,
        toolbox: base.Toolbox,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        *,
        first: Sequence[Genome] = (),
        limits: SizeLimits | None = None,
    ) -> None:
        self.toolbox = toolbox
        self.settings = settings
        self.objectives = tuple(objectives)
        self.constraints = settings.parsed_constraints()
        self.adaptation = Adaptation(encoding, objectives) if settings.adapt else None
        self.births = Births(encoding, toolbox, settings, first=first, adaptation=self.adaptation, limits=limits)
        self.restarts = Restarts(encoding, settings, objectives, self.constraints)
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
        fresh = [self.births.sample(RESTART) for _ in range(n) if self.restarts.take_fresh()]
        if not self._population:
            return fresh + [self.births.sample() for _ in range(n - len(fresh))]
        num_children = n - len(fresh)
        return fresh + (
            self.births.offspring(self.births.select(self._population, num_children)) if num_children else []
        )

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        if self.adaptation is not None:
            self.adaptation.tell(evaluated)
        self._num_told += len(evaluated)
        members = [evaluated_individual(e.individual, e.outcome, self.objectives, self.constraints) for e in evaluated]
        candidates = [*self._population, *(member for member in members if member.fitness.valid)]
        self._population = self._survivors(candidates)
        if self.restarts.due(evaluated, lambda: [member.genome for member in self._population]):
            self._population = self._survivors(self._population, self._num_kept())

    def converged(self) -> str | None:
        return self.restarts.convergence.converged()

    def remarks(self) -> Sequence[str]:
        return self.restarts.remarks

    def _founder(self) -> Individual:
        if self.births.num_born == 0 and self._starts_with_default:
            return self.births.given(self.births.encoding.default(), "default")
        return self.births.founder()

    def _num_kept(self) -> int:
        """Over a restart: the elites, or with several objectives a quarter of the front's places."""
        return max(1, self.settings.elites if len(self.objectives) == 1 else self.settings.population // 4)

    def _survivors(self, candidates: list[DeapIndividual], most: int | None = None) -> list[DeapIndividual]:
        most = self.settings.population if most is None else min(most, self.settings.population)
        num_elites = min(self.settings.elites, most) if len(self.objectives) == 1 else 0
        elites = tools.selBest(candidates, num_elites)
        chosen = {id(elite) for elite in elites}
        others = [candidate for candidate in candidates if id(candidate) not in chosen]
        num_others = min(most - len(elites), len(others))
        with lent_random() as reseed:
            reseed(self.settings.seed, "survive", self._num_told)
            return [*elites, *self.toolbox.survive(others, num_others)]
