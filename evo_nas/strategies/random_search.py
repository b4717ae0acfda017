"""Random search: the baseline that every strategy has to beat (Bergstra and Bengio 2012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import base

from evo_nas.config import SearchSettings
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies.best_seen import BestSeen
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual
from evo_nas.strategies.network_size import SizeLimits
from evo_nas.strategies.novelty import Novelty
from evo_nas.strategies.strategy import Strategy, generational_requirement
from genomes import Encoding, Genome


@final
class RandomSearch(Strategy):
    """Independent samples."""

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
        self.births = Births(encoding, toolbox, settings, first=first, limits=limits)
        self._novelty = Novelty(settings.population)
        self._best = BestSeen(settings, objectives)

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._best.members

    def required_results(self, proposal: int) -> int:
        return generational_requirement(proposal, self.settings.population)

    def ask(self, n: int) -> list[Individual]:
        return [self.births.founder() for _ in range(n)]

    def converged(self) -> str | None:
        """Where the space is used up; nothing else ends a random search before its budget."""
        return self._novelty.exhausted()

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        self._novelty.tell(evaluated)
        self._best.tell(evaluated)
