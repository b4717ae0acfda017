"""Several objectives: the hypervolume that a training would add if it turned out rather well.

Ponweiser et al. 2008 (SMS-EGO): a candidate is taken at its lower confidence bounds, and judged by what that point
would add to the front of what is believed. Expected hypervolume improvement costs more for the same order of most
candidates; this rule is exact where the model is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from evo_nas.strategies.improvement import hypervolume_improvement
from evo_nas.strategies.surrogate.gaussian_process import Belief, GaussianProcess
from evo_nas.strategies.surrogate.judgement import Rows, in_turn, known_better

Array = NDArray[np.float64]
CONFIDENCE = 1.0
"""Standard deviations by which a candidate is taken better than expected."""
MARGIN = 0.1
"""How far the reference lies beyond the worst that was seen, as a share of their extent, or of 1 where they have none.
Beyond the worst of the front alone would be too near: a front that begins in one corner would never leave it."""


@final
class SeveralObjectives:
    """A `Judgement`. processes: one an objective. means: [n, objectives] of the observations, as they are believed."""

    def __init__(self, processes: Sequence[GaussianProcess], means: Array) -> None:
        self._processes = tuple(processes)
        ranks = dominations(means)
        front = means[ranks == 0]
        extent = np.ptp(means, axis=0)
        self._reference = means.max(axis=0) + MARGIN * np.where(extent > 0.0, extent, 1.0)
        self._front = front
        self.order = np.lexsort((means.sum(axis=1), ranks))

    def promises(self, points: Array) -> Array:
        return self._gains(self._beliefs(points), self._front)

    def promises_again(self, rows: Rows) -> Callable[[Array], Array]:
        """How much variance goes, relative to what there is: the less it was measured, the more."""
        known = [(process.known_variances(rows), process.noise) for process in self._processes]

        def promises(supposed: Array) -> Array:
            left = [(known_better(variances, noise, supposed), noise) for variances, noise in known]
            return np.asarray(np.sum([variances / (variances + noise) for variances, noise in left], axis=0))

        return promises

    def chosen(self, points: Array, count: int, *, num_open: int) -> list[int]:
        beliefs = self._beliefs(points)
        front = [self._front]

        def suppose(index: int) -> None:
            front.append(np.array([[belief.means[index] for belief in beliefs]]))
            for belief in beliefs:
                belief.suppose(index)

        return in_turn(
            count,
            len(points),
            num_open=num_open,
            promises=lambda: self._gains(beliefs, np.concatenate(front)),
            suppose=suppose,
        )

    def _beliefs(self, points: Array) -> list[Belief]:
        return [process.belief(points) for process in self._processes]

    def _gains(self, beliefs: Sequence[Belief], front: Array) -> Array:
        """Where nothing is added, the nearer to the front the better: the largest distance by which it is beaten."""
        bounds = np.column_stack([belief.means - CONFIDENCE * np.sqrt(belief.variances) for belief in beliefs])
        gains = hypervolume_improvement(front, self._reference, bounds)
        beaten = (bounds[:, None, :] - front[None, :, :]).min(axis=2).max(axis=1)
        return np.asarray(np.where(gains > 0.0, gains, np.minimum(-beaten, 0.0)))


def dominations(values: Array) -> NDArray[np.intp]:
    """[n] by how many others each of [n, objectives] is dominated (Fonseca and Fleming 1993); 0 is the front."""
    as_good = (values[:, None, :] <= values[None, :, :]).all(axis=2)
    better = (values[:, None, :] < values[None, :, :]).any(axis=2)
    return np.asarray((as_good & better).sum(axis=0))
