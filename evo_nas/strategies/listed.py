"""No search at all: the networks of a list, in order and as they are given, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from deap import tools

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.strategy import Strategy
from genomes import Encoding, Genome

LISTED = "listed"
"""The strategy's name, and the operator of its individuals."""


@final
class ListedNetworks(Strategy):
    """Proposes each genome of a list once. None of them waits for another one's result, so all may train together.

    A genome is not repaired: what lies beyond the ranges of a space is trained like any other. networks: at least one.
    The "population" is the best seen so far.
    """

    def __init__(
        self,
        encoding: Encoding,
        settings: SearchSettings,
        objectives: Sequence[Objective],
        *,
        networks: Sequence[Genome],
    ) -> None:
        self.encoding = encoding
        self.settings = settings
        self.objectives = tuple(objectives)
        self.constraints = settings.parsed_constraints()
        self._networks = tuple(networks)
        self._num_asked = 0
        self._best: list[DeapIndividual] = []

    @property
    def population(self) -> Sequence[DeapIndividual]:
        return self._best

    def required_results(self, proposal: int) -> int:
        """None within the list; beyond it there is no proposal that anything could be enough for."""
        return 0 if proposal < len(self._networks) else len(self._networks)

    def ask(self, n: int) -> list[Individual]:
        """Raises UserError where the list is shorter."""
        first, self._num_asked = self._num_asked, self._num_asked + n
        if self._num_asked > len(self._networks):
            raise UserError(f"the list holds {len(self._networks)} networks, and {self._num_asked} were asked for")
        return [self._individual(number) for number in range(first, self._num_asked)]

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        members = [evaluated_individual(e.individual, e.outcome, self.objectives, self.constraints) for e in evaluated]
        valid = [member for member in members if member.fitness.valid]
        self._best = tools.selBest([*self._best, *valid], self.settings.population)

    def _individual(self, number: int) -> Individual:
        genome = self._networks[number]
        fingerprint = self.encoding.fingerprint(genome)
        return Individual(number, number // self.settings.population, genome, fingerprint, operator=LISTED)
