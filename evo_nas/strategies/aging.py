"""Aging evolution: the oldest dies, not the worst (Real et al. 2019, "Regularized evolution")."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import final

from deap import base, tools

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.restarts import RESTART, Restarts
from evo_nas.strategies.strategy import Strategy, steady_state_requirement
from genomes import Encoding, Genome


@final
class AgingEvolution(Strategy):
    """Steady state: each child is a mutant of the winner of a tournament, and joins as the youngest.

    `population` is the paper's P, `tournament_size` its S. It differs from the paper in that a child is made while up
    to `in_flight` - 1 others still train, so that the first max(P, in_flight) proposals are samples; and in that a
    failure ages out like everybody else but is never a parent. What breaks a constraint loses its tournaments to
    whoever breaks it less.
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
        self.settings = settings
        self.objectives = tuple(objectives)
        self.constraints = settings.parsed_constraints()
        self.adaptation = Adaptation(encoding, objectives) if settings.adapt else None
        self.births = Births(encoding, toolbox, settings, first=first, adaptation=self.adaptation, limits=limits)
        self.restarts = Restarts(encoding, settings, objectives, self.constraints)
        self._queue: deque[DeapIndividual] = deque(maxlen=settings.population)

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return [member for member in self._queue if member.fitness.valid]

    def required_results(self, proposal: int) -> int:
        return steady_state_requirement(proposal, self.settings.in_flight)

    def ask(self, n: int) -> list[Individual]:
        return [self._propose() for _ in range(n)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        if self.adaptation is not None:
            self.adaptation.tell(evaluated)
        for e in evaluated:
            self._queue.append(evaluated_individual(e.individual, e.outcome, self.objectives, self.constraints))
            if self.restarts.due([e], lambda: [member.genome for member in self.population]):
                elites = tools.selBest(self.population, max(1, self.settings.elites))
                self._queue.clear()
                self._queue.extend(elites)

    def converged(self) -> str | None:
        return self.restarts.convergence.converged()

    def remarks(self) -> Sequence[str]:
        return self.restarts.remarks

    def _propose(self) -> Individual:
        parents = self.population
        if self.births.num_born < self.settings.population or not parents:
            return self.births.founder()
        if self.restarts.take_fresh():
            return self.births.sample(RESTART)
        (parent,) = self.births.select(parents, 1)
        return self.births.mutant(parent)
