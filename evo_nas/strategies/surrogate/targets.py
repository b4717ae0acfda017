"""Fitness on the scale on which a surrogate is fitted: smaller is better, the ordinary is 0, failures are the worst."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WORST = 3.0
"""Where the bad tail is cut. What a network that learned nothing scores says little about those that did."""
FARTHEST = 1e6
"""So far below the ordinary a target lies at most: what is told may be anything, and the square of it is a double."""
LEAST_UNIT = 1e-150
"""Differences that are smaller are none."""
QUARTILE = 0.6745
"""The quartile of the normal distribution."""


def targets_of(values: Array, violations: Array) -> tuple[Array, Array]:
    """[n, objectives] values, smaller is better, NaN for a failure, and [n] violations of constraints -> targets
    [n, objectives] of at most `WORST`, and [objectives] how much of a value is one unit of a target.

    Feasibility first (Deb 2000): what breaks a constraint is as bad as a failure; while all do, the violation is what
    is to be made smaller.
    """
    failed = np.asarray(np.isnan(values).any(axis=1))
    feasible = ~failed & (violations == 0.0)
    if not feasible.any() and not failed.all():
        values = np.where(failed[:, None], np.nan, violations[:, None]).repeat(values.shape[1], axis=1)
    else:
        values = np.where(feasible[:, None], values, np.nan)
    columns = [standardised(column) for column in values.T]
    return np.column_stack([targets for targets, _ in columns]), np.array([unit for _, unit in columns])


def standardised(values: Array) -> tuple[Array, float]:
    """[n] values, smaller is better, NaN for a failure -> [n] targets of at most `WORST`, and their unit.

    The median becomes 0, and the distance from it to the better quartile that of a normal distribution: neither
    depends on how bad the bad half is. Where these two are equal, the unit is the standard deviation. Where all are
    equal, all are 0.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values)), 1.0
    median, better = np.quantile(known, (0.5, 0.25))
    spread = float((median - better) / QUARTILE)
    if not spread > 0.0:
        spread = _deviation(known) or 1.0
    spread = max(spread, float(median - known.min()) / FARTHEST, LEAST_UNIT)
    with np.errstate(over="ignore"):
        targets = np.minimum((values - median) / spread, WORST)
    return np.where(np.isnan(targets), WORST, targets), spread


def _deviation(values: Array) -> float:
    """The standard deviation; squares of the largest doubles are none, so that it is taken of shares of the largest."""
    largest = float(np.abs(values).max())
    return largest * float((values / largest).std()) if np.ptp(values) > 0.0 else 0.0
