"""One objective: expected improvement for the unknown, the knowledge gradient for the known."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np
from numpy.typing import NDArray

from evo_nas.strategies.surrogate.acquisition import log_expected_improvement, log_knowledge_gradient
from evo_nas.strategies.surrogate.gaussian_process import GaussianProcess
from evo_nas.strategies.surrogate.judgement import Rows, in_turn, known_better

Array = NDArray[np.float64]


@final
class OneObjective:
    """A `Judgement`. means: [n] of the observations, as they are believed to be with the whole recipe."""

    def __init__(self, process: GaussianProcess, means: Array) -> None:
        self._process = process
        self._means = means
        self._best = float(means.min())
        self.order = np.argsort(means, kind="stable")

    def promises(self, points: Array) -> Array:
        belief = self._process.belief(points)
        return log_expected_improvement(belief.means, belief.variances, self._best)

    def promises_again(self, rows: Rows) -> Callable[[Array], Array]:
        means, variances, noise = self._means[rows], self._process.known_variances(rows), self._process.noise
        return lambda supposed: log_knowledge_gradient(means, known_better(variances, noise, supposed), noise)

    def chosen(self, points: Array, count: int, *, num_open: int) -> list[int]:
        belief = self._process.belief(points)
        return in_turn(
            count,
            len(points),
            num_open=num_open,
            promises=lambda: log_expected_improvement(belief.means, belief.variances, self._best),
            suppose=belief.suppose,
        )
