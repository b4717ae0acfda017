"""How likely a genome is to be worth its training, from the failures of those that shared values with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from evo_nas.individual import Evaluated
from evo_nas.strategies.gene_cells import Cell, GeneCells
from genomes import Encoding, Genome

LEAST_ODDS = 0.05
"""Of the worst genome: its values are tried again now and then, since what failed with others may do without them."""
PRIOR_TRAININGS = 2.0
"""Weight of the overall rate of failures, as so many trainings of each value (a Beta prior of that mean)."""
NOTABLE_DEVIATIONS = 4.0
"""A value is blamed where it failed more often than the overall rate explains, by so many standard deviations."""

REFRESH = 10
"""Outcomes after which blame is laid anew."""


@dataclass(frozen=True, slots=True)
class BlamedValue:
    """A gene's value, or cell of values, that fails notably more often than others. rate: smoothed, in [0, 1]."""

    gene: str
    values: str
    num_trainings: int
    num_failures: int
    rate: float


@final
class FailureOdds:
    """Counts failures by gene value; every failure counts, whatever its status.

    A value's rate is (failures + m p) / (trainings + m) with p the overall rate and m `PRIOR_TRAININGS`. A genome's
    odds are those of its worst blamed value, (1 - rate) / (1 - p), at least `LEAST_ODDS`; 1 where nothing is blamed, so
    that failures that strike at random change nothing. A failure that needs two values together blames both a little.
    The state depends on the sequence of outcomes told and not on how it was cut. One gene is looked at at a time, as
    the tree of Parzen estimators does (Bergstra et al. 2011); the Beta prior and the test for blame are ours.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._cells = GeneCells(encoding)
        self._counts: dict[Cell, list[int]] = {}
        self._uncounted: list[tuple[Genome, bool]] = []
        self._odds: dict[Cell, float] = {}
        self._num_trainings = 0
        self._num_failures = 0

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """Take in outcomes. Cost: a microsecond a gene; until one fails they are kept and not looked at."""
        for each in evaluated:
            failed = not each.outcome.ok
            self._num_trainings += 1
            self._num_failures += failed
            self._uncounted.append((each.individual.genome, failed))
            if self._num_failures:
                self._count()
            if self._num_failures and self._num_trainings % REFRESH == 0:
                self._odds = {cell: self._odds_of(cell) for cell in self._counts if self._blamed(cell)}

    @property
    def rate(self) -> float:
        """The overall rate of failures in [0, 1); 0 while there was none."""
        return self._num_failures / (self._num_trainings + 1)

    def odds(self, genome: Genome) -> float:
        """In [LEAST_ODDS, 1]: how likely the genome is to succeed, relative to any other."""
        if not self._odds:
            return 1.0
        return min((self._odds.get(cell, 1.0) for cell in self._cells.of(genome)), default=1.0)

    def blamed(self) -> list[BlamedValue]:
        """The values blamed now, worst first."""
        rows = [
            BlamedValue(cell[0], self._cells.shown(cell), trainings, failures, self._rate(cell))
            for cell, (trainings, failures) in self._counts.items()
            if cell in self._odds
        ]
        return sorted(rows, key=lambda row: (-row.rate, row.gene, row.values))

    def _count(self) -> None:
        for genome, failed in self._uncounted:
            for cell in self._cells.of(genome):
                counts = self._counts.setdefault(cell, [0, 0])
                counts[0] += 1
                counts[1] += failed
        self._uncounted.clear()

    def _blamed(self, cell: Cell) -> bool:
        trainings, failures = self._counts[cell]
        if failures < 2:
            return False
        expected = trainings * self.rate
        return failures - expected >= NOTABLE_DEVIATIONS * math.sqrt(expected * (1.0 - self.rate) + 0.5)

    def _odds_of(self, cell: Cell) -> float:
        return min(1.0, max(LEAST_ODDS, (1.0 - self._rate(cell)) / (1.0 - self.rate)))

    def _rate(self, cell: Cell) -> float:
        trainings, failures = self._counts[cell]
        return (failures + PRIOR_TRAININGS * self.rate) / (trainings + PRIOR_TRAININGS)
