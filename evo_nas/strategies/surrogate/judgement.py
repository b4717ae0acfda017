"""What a screen asks of a model: who is believed best, and what trainings promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

LEAST = -1e300
"""What promises nothing at all, and yet more than what is taken."""


class Judgement(Protocol):
    """order: places of the observations that it rests on, the best first."""

    order: Rows

    def promises(self, points: Array) -> Array:
        """[n] how much a training of each of points [n, columns] promises; the larger the better."""

    def promises_again(self, rows: Rows) -> Callable[[Array], Array]:
        """How much one more measurement of each of these observations promises, [rows >= 2]: a function of how many
        times more each was measured, [rows], with what is expected of it.
        """

    def chosen(self, points: Array, count: int, *, num_open: int) -> list[int]:
        """So many of the points, each the best once those before it, and the first num_open of the points, which are
        in training and not to be chosen, are believed to give what is expected of them.
        """


def in_turn(
    count: int, num_points: int, *, num_open: int, promises: Callable[[], Array], suppose: Callable[[int], None]
) -> list[int]:
    """The kriging believer's loop (Ginsbourger et al. 2010)."""
    taken = np.zeros(num_points, dtype=bool)
    for index in range(num_open):
        suppose(index)
        taken[index] = True
    chosen: list[int] = []
    while len(chosen) < min(count, num_points - num_open):
        index = int(np.argmax(np.where(taken, -np.inf, np.nan_to_num(promises(), nan=LEAST, neginf=LEAST))))
        taken[index] = True
        chosen.append(index)
        suppose(index)
    return chosen


def chosen_again(judgement: Judgement, rows: Rows, count: int, most: Array) -> Rows:
    """So many of at least two observations, each the best once those before it were measured; fewer where each has
    come as often as it may.

    most: [rows] how often each may come.
    """
    supposed, promises = np.zeros(len(rows)), judgement.promises_again(rows)
    for _ in range(min(count, int(most.sum()))):
        supposed[int(np.argmax(np.where(supposed < most, promises(supposed), -np.inf)))] += 1.0
    return np.repeat(rows, supposed.astype(np.intp))


def known_better(variances: Array, noise: float, measurements: Array) -> Array:
    """Variances after so many measurements more."""
    return np.asarray(variances * noise / (noise + measurements * variances))
