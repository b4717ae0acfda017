"""Hypervolume: how much of the space of objectives a front leaves behind it (Zitzler and Thiele 1998).

Everything here is minimised; `minimised` turns the objectives of a run. The only home of moocore, which is also what
DEAP computes its hypervolumes with.
"""

from __future__ import annotations

from collections.abc import Sequence

import moocore
import numpy as np
from numpy.typing import NDArray

from evo_nas.individual import Objective
from evo_nas.outcome import Outcome

MOST_OBJECTIVES = 5
"""The exact volume costs a millisecond for 1,000 points of four objectives and 10 of five, but 20 seconds for 200 of
eight: beyond five none is told."""
MARGIN = 0.1
"""How far the reference point lies beyond the worst values, as a share of their range."""

Array = NDArray[np.float64]


def hypervolume(points: Array, reference: Array) -> float:
    """The exact volume that is dominated by points [n, m] and dominates the reference point [m], all minimised.

    Points that are no better than the reference in some objective add nothing. m: 2 to `MOST_OBJECTIVES`.
    """
    return float(moocore.hypervolume(points, ref=reference)) if len(points) else 0.0


def minimised(outcomes: Sequence[Outcome], objectives: Sequence[Objective]) -> Array:
    """The objectives of outcomes that are ok, [n, m], turned so that smaller is better (law 13)."""
    rows = [[-objective.weight * objective.value(outcome) for objective in objectives] for outcome in outcomes]
    return np.array(rows, dtype=np.float64).reshape(len(outcomes), len(objectives))


def reference_point(points: Array) -> Array:
    """The worst value of points [n, m], n > 0, and a tenth of their range beyond it: so the best in one objective and
    worst in another count too. Where all are equal, a tenth of the value's size, or of 1 where that is 0."""
    worst, spread = points.max(axis=0), np.ptp(points, axis=0)
    size = np.where(worst == 0.0, 1.0, np.abs(worst))
    return np.asarray(worst + MARGIN * np.where(spread > 0.0, spread, size))


def has_hypervolume(objectives: Sequence[Objective]) -> bool:
    """Whether there is a volume to tell, and one that can be computed."""
    return 2 <= len(objectives) <= MOST_OBJECTIVES
