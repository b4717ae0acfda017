"""Many children of few parents, through the DEAP toolbox, before any of them is an individual of the run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate
from typing import final

from evo_nas.strategies.adaptation import Adaptation
from evo_nas.strategies.births import Births
from evo_nas.strategies.deap_individual import DeapIndividual

NUM_PARENTS = 10
CROSSOVER, FRESH = 0.3, 0.1
"""Shares of the offspring that are made by crossover (every second of them mutated as well) and drawn anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A child that may never be proposed. family: its parents, empty for a sample. place: its coordinates."""

    child: DeapIndividual
    family: tuple[DeapIndividual, ...]
    place: tuple[float, ...]


@final
class Nursery:
    """Makes candidates that are neither known to the run nor made before by it, and that keep the limits on size.

    Draws from Python's `random`, to which a keyed stream must be lent while it is used. known: the places of the
    genomes that the run knows; two genomes at one place are one to a surrogate. adaptation: what was learnt of the
    operators; a child of a poor one is dropped as often as it is poor.
    """

    def __init__(self, births: Births, known: AbstractSet[tuple[float, ...]], adaptation: Adaptation | None) -> None:
        self._births = births
        self._encoding, self._variation = births.encoding, births.variation
        self._known = known
        self._adaptation = adaptation
        self._made: set[tuple[float, ...]] = set()

    def offspring(self, parents: Sequence[DeapIndividual], count: int) -> list[Candidate]:
        """Children of parents that stand in order, the best first: the nth is chosen in proportion to 1 / n. Samples
        while there are no parents.
        """
        if not parents:
            return [candidate for _ in range(count) if (candidate := self._sample()) is not None]
        weights = list(accumulate(1.0 / (rank + 1) for rank in range(len(parents))))
        made = [self._child(random.choices(parents, cum_weights=weights, k=2)) for _ in range(count)]
        return [candidate for candidate in made if candidate is not None]

    def neighbours(self, candidate: Candidate, count: int) -> list[Candidate]:
        """Mutants of a candidate, with its family."""
        made = [self._new(self._variation.mutant(candidate.child), candidate.family) for _ in range(count)]
        return [candidate for candidate in made if candidate is not None]

    def _child(self, parents: Sequence[DeapIndividual]) -> Candidate | None:
        kind = random.random()
        first, second = parents
        if kind < FRESH:
            return self._sample()
        if kind < FRESH + CROSSOVER and first is not second:
            child, _ = self._variation.children(first, second)
            return self._new(self._variation.mutant(child) if random.random() < 0.5 else child, (first, second))
        child = self._variation.mutant(first)
        odds = self._adaptation.operators.odds(child.operators[-1]) if self._adaptation is not None else 1.0
        return self._new(child, (first,)) if odds >= 1.0 or random.random() < odds else None

    def _sample(self) -> Candidate | None:
        child = DeapIndividual(self._encoding.sample(random), ())
        child.operators.append("sample")
        return self._new(child, ())

    def _new(self, child: DeapIndividual, family: tuple[DeapIndividual, ...]) -> Candidate | None:
        genome = child.genome
        place = tuple(self._encoding.coordinates(genome))
        if place in self._known or place in self._made:
            return None
        if self._births.limits is not None and self._births.limits.violation(genome):
            return None
        self._made.add(place)
        child.operators[:] = dict.fromkeys(child.operators)  # climbing takes the same step again and again
        return Candidate(child, family, place)
