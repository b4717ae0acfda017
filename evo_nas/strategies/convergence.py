"""When a population has converged, and when more trainings are not worth it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, pstdev
from typing import final

from evo_nas.individual import Constraint, Evaluated, Objective
from evo_nas.strategies.novelty import Novelty
from evo_nas.strategies.progress import Progress
from genomes import Encoding, Genome

LEAST_PATIENCE = 100
PATIENCE_POPULATIONS = 5
PATIENCE_SHARE = 0.5
PATIENCE_SHARE_AGAIN = 0.25
"""Patience: evaluations without progress, in absolute numbers, in populations, and relative to all that were spent;
the last is for a population that was restarted already. Measured on synthetic spaces with noise: with half as much
patience the restarts cost a tenth of what was gained, with twice as much there were none."""
NARROW = 0.35
"""A population whose genes spread less than this share of what they did at the start is concentrated."""
LONG = 3
"""Patiences after which a population that is not concentrated counts as converged all the same."""


@final
class Convergence:
    """The criterion of restarts and of stopping, for any search that has something like a population.

    A population has converged when nothing has improved (`Progress`) for max(100, 5 populations, half of all
    evaluations spent) evaluations since the last improvement or restart (a quarter after a restart that brought no
    improvement), and it is concentrated: the standard deviation of its genes, mean over the genes, is less than
    `NARROW` of that of the first population. Without the latter it takes `LONG` times as many. It has also converged
    where everything that it proposes is known (`Novelty`). More trainings are not worth it when it converges once more
    after `restarts` restarts in a row that brought no improvement, when the space is exhausted, or when all values are
    equal and a restart did not help.

    Everything is looked at after every `population` outcomes, so that it does not matter how the outcomes are cut.
    Adaptive restarts on stalled epsilon-progress are those of Borg (Hadka and Reed 2013); patience that grows with
    what was spent, the spread of genes and the stop are ours.
    """

    def __init__(
        self,
        encoding: Encoding,
        objectives: Sequence[Objective],
        *,
        population: int,
        restarts: int,
        constraints: Sequence[Constraint] = (),
    ) -> None:
        self._spread = GeneSpread(encoding)
        self._progress = Progress(objectives, constraints)
        self._novelty = Novelty(population)
        self._population = population
        self._restarts = restarts
        self._num_told = 0
        self._num_spent = 0
        self._mark = 0
        self._best: int | None = None
        self._num_restarts = 0
        self._first: list[Genome] = []
        self._reason: str | None = None
        self._verdict: str | None = None

    def tell(self, evaluated: Sequence[Evaluated], population: Callable[[], Sequence[Genome]] = tuple) -> None:
        """Take in outcomes in order of proposal. Cost: microseconds each.

        population: those who could become parents after these outcomes; called when it is needed, which is seldom.
        """
        for each in evaluated:
            self._take_in(each)
            if self._num_told % self._population == 0:
                self._look(population)

    def reason(self) -> str | None:
        """Why the population has converged, a sentence; None while it has not, and again once it is `restarted`."""
        return self._reason

    def restarted(self) -> None:
        """The population was restarted: it is given new patience."""
        self._num_restarts += 1
        self._mark = self._num_spent
        self._reason = None

    def converged(self) -> str | None:
        """Why more trainings are not worth it, a sentence; None while they are."""
        return self._verdict

    def _take_in(self, each: Evaluated) -> None:
        if self._num_told < self._population:
            self._first.append(each.individual.genome)
        self._num_told += 1
        self._num_spent += self._novelty.tell([each])
        if self._progress.improves(each):
            self._mark, self._best, self._num_restarts = self._num_spent, each.individual.id, 0
            self._reason = self._verdict = None

    def _look(self, population: Callable[[], Sequence[Genome]]) -> None:
        if self._reason is None:
            self._reason = self._exhaustion() or self._stagnation(population)
        if self._reason is not None and self._verdict is None:
            self._verdict = self._final(self._reason)

    def _exhaustion(self) -> str | None:
        if not self._novelty.found_nothing:
            return None
        return f"the last {self._novelty.num_known_in_row} proposals were known"

    def _stagnation(self, population: Callable[[], Sequence[Genome]]) -> str | None:
        since = self._num_spent - self._mark
        share = PATIENCE_SHARE_AGAIN if self._num_restarts else PATIENCE_SHARE
        patience = max(LEAST_PATIENCE, PATIENCE_POPULATIONS * self._population, share * self._num_spent)
        if since < patience:
            return None
        if self._best is None:
            return f"none of {self._num_spent} evaluations has succeeded"
        if self._progress.flat:
            return f"all {self._num_spent} evaluations have the same values"
        width = self._spread.of(population()) / (self._spread.of(self._first) or math.inf)
        if width > NARROW and since < LONG * patience:
            return None
        return (
            f"nothing has improved by more than {self._shown_margins()} in {since} evaluations (individual "
            f"{self._best} was the last to), and the genes spread over {width:.0%} of what they did at the start"
        )

    def _final(self, reason: str) -> str | None:
        if self._novelty.found_nothing and self._restarts:
            return self._novelty.exhausted()  # restarts draw random points until that is sure
        enough = min(self._restarts, 1) if self._progress.flat else self._restarts
        if self._num_restarts < enough:
            return None
        if not self._num_restarts:
            return reason
        times = "one restart" if self._num_restarts == 1 else f"{self._num_restarts} restarts"
        return f"{reason}, after {times} that brought nothing better"

    def _shown_margins(self) -> str:
        return " or ".join(f"{margin:.3g}" for margin in self._progress.margins())


class GeneSpread:
    """How far genomes lie apart, in the coordinates of their encoding."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._categories = [axis.categories for axis in encoding.axes()]

    def of(self, genomes: Sequence[Genome]) -> float:
        """The mean over the axes of the standard deviation of the numbers, or of the share of all but the most frequent
        category; 0 for fewer than two genomes. A gene that some genomes lack counts for those that have it.
        """
        if len(genomes) < 2 or not self._categories:
            return 0.0
        columns = zip(*map(self._encoding.coordinates, genomes), strict=True)
        return fmean(
            _deviation([place for place in column if place == place], categories)
            for column, categories in zip(columns, self._categories, strict=True)
        )


def _deviation(places: Sequence[float], categories: int) -> float:
    if len(places) < 2:
        return 0.0
    if not categories:
        return pstdev(places)
    return 1.0 - max(map(places.count, set(places))) / len(places)
