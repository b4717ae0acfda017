"""Whether a search still finds networks that it has not trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from evo_nas.individual import Evaluated
from evo_nas.strategies.operator_odds import NO_CHILDREN

LEAST_PROPOSALS = 20
LEAST_SAMPLES = 10
"""Random points in a row that were all known: of a space of which a fifth is left, that happens once in ten times."""


@final
class Novelty:
    """Counts proposals whose network was known. Such a proposal costs no training, so no budget of trainings ends it.

    population: twice so many known proposals in a row, and at least `LEAST_PROPOSALS`, are a neighbourhood without
    anything new; with `LEAST_SAMPLES` random ones among them, so is the space, as far as anybody can tell.
    """

    def __init__(self, population: int) -> None:
        self.num_distinct = 0
        self.num_known_in_row = 0
        self._num_known_samples = 0
        self._limit = max(LEAST_PROPOSALS, 2 * population)
        self._known: set[str] = set()

    def tell(self, evaluated: Sequence[Evaluated]) -> int:
        """Take in proposals with their outcomes; how many of them were worth a training."""
        return sum(self._is_new(each) for each in evaluated)

    @property
    def found_nothing(self) -> bool:
        """Whether nothing was new lately."""
        return self.num_known_in_row >= self._limit

    def exhausted(self) -> str | None:
        """A sentence where the space seems to hold nothing that was not trained; None else."""
        if not self.found_nothing or self._num_known_samples < LEAST_SAMPLES:
            return None
        known = "one network that was" if self.num_distinct == 1 else f"{self.num_distinct} networks that were"
        return (
            f"the last {self.num_known_in_row} proposals were known, {self._num_known_samples} random ones among them: "
            f"the space seems to hold no more than the {known} trained"
        )

    def _is_new(self, each: Evaluated) -> bool:
        individual = each.individual
        if individual.epochs is not None or (individual.replicate and individual.operator in NO_CHILDREN):
            return True
        if individual.fingerprint in self._known:
            self.num_known_in_row += 1
            self._num_known_samples += not individual.parents
            return False
        self._known.add(individual.fingerprint)
        self.num_distinct += 1
        self.num_known_in_row = self._num_known_samples = 0
        return True
