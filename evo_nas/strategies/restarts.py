"""A converged population begins anew: its elites stay, the others make room for fresh samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

from evo_nas.config import SearchSettings
from evo_nas.individual import Constraint, Evaluated, Objective
from evo_nas.strategies.convergence import Convergence
from genomes import Encoding, Genome

RESTART = "restart"
"""The operator's name of a fresh sample."""


@final
class Restarts:
    """Says when a population is to be restarted, and keeps count of the fresh samples that it is owed."""

    def __init__(
        self,
        encoding: Encoding,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        constraints: Sequence[Constraint] = (),
    ) -> None:
        self.convergence = Convergence(
            encoding,
            objectives,
            population=settings.population,
            restarts=settings.restarts,
            constraints=constraints,
        )
        self.remarks: list[str] = []
        self._settings = settings
        self._num_told = 0
        self._num_owed = 0

    def due(self, evaluated: Sequence[Evaluated], population: Callable[[], Sequence[Genome]]) -> bool:
        """Take in outcomes, `population` being who could become parents after them; whether to keep the elites only."""
        self._num_told += len(evaluated)
        self.convergence.tell(evaluated, population)
        reason = self.convergence.reason()
        if reason is None or not self._settings.restarts:
            return False
        self.convergence.restarted()
        self._num_owed = self._settings.population
        self.remarks.append(f"restarted after {self._num_told} individuals: {reason}")
        return True

    def take_fresh(self) -> bool:
        """Whether the next proposal is to be a fresh sample."""
        if not self._num_owed:
            return False
        self._num_owed -= 1
        return True
