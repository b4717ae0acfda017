"""Fitness on the scale on which a surrogate is fitted: smaller is better, the ordinary is 0, failures are the worst."""

from __future__ import annotations

from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Noise = tuple[float, float]
"""The squared distances of repeated measurements from their means, summed; degrees of freedom."""
WORST = 3.0
"""Where the bad tail is cut. What a network that learned nothing scores says little about those that did."""
FARTHEST = 1e6
"""So far below the ordinary a target lies at most: what is told may be anything, and the square of it is a double."""
LARGEST_RATIO = 1e150
LEAST_UNIT = 1e-150
"""Differences that are smaller are none."""
QUARTILE = 0.6745
"""The quartile of the normal distribution."""
EXPECTED_NOISE = 0.1
"""Of the median: the standard deviation of one measurement that is expected of a loss before any was repeated, and that
counts as one repetition when some were."""


def targets_of(values: Array, violations: Array, noise: Noise | None) -> tuple[Array, Array]:
    """[n, objectives] values, smaller is better, NaN for a failure, and [n] violations of constraints -> targets
    [n, objectives] of at most `WORST`, and [n, objectives] how much of a value is one unit of its target.

    noise: of a single objective that may be compared in ratios, see `standardised`. Feasibility first (Deb 2000): what
    breaks a constraint is as bad as a failure; while all do, the violation is what is to be made smaller.
    """
    failed = np.asarray(np.isnan(values).any(axis=1))
    feasible = ~failed & (violations == 0.0)
    if not feasible.any() and not failed.all():
        values = np.where(failed[:, None], np.nan, violations[:, None]).repeat(values.shape[1], axis=1)
        noise = None
    else:
        values = np.where(feasible[:, None], values, np.nan)
    columns = [standardised(column, noise) for column in values.T]
    return np.column_stack([targets for targets, _ in columns]), np.column_stack([units for _, units in columns])


def standardised(values: Array, noise: Noise | None) -> tuple[Array, Array]:
    """[n] values, smaller is better, NaN for a failure -> [n] targets of at most `WORST`, and [n] how much of a value
    is one unit of its target.

    noise: of values that may be compared in ratios, if nearly all are positive, as losses are: the best of a space is
    often a hundredth of the ordinary one, and so is its noise, beside which differences between the best would not be
    seen. Then it is arsinh(value / noise) that counts, the generalized logarithm (Johnson 1949; Durbin et al. 2002):
    below the noise differences are differences again, and the lucky gain nothing.

    The median becomes 0, and the distance from it to the better quartile that of a normal distribution: neither
    depends on how bad the bad half is. Where these two are equal, the unit is the standard deviation. Where all are
    equal, all are 0.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values)), np.ones(len(values))
    better, median = np.quantile(known, (0.25, 0.5))
    start = _deviation_of_one(float(median), noise) if noise is not None and better > 0.0 else 0.0
    if start < LEAST_UNIT:
        targets, unit = _spread_evenly(values)
        return targets, np.full(len(values), unit)
    with np.errstate(over="ignore"):
        ratios = np.clip(values / start, -LARGEST_RATIO, LARGEST_RATIO)
    targets, unit = _spread_evenly(np.arcsinh(ratios))
    return targets, np.maximum(np.where(np.isnan(values), 1.0, np.hypot(values, start)) * unit, LEAST_UNIT)


def _deviation_of_one(median: float, noise: Noise) -> float:
    """The standard deviation of one measurement of the good, which are those that are measured again."""
    scatter, freedom = noise
    return hypot(EXPECTED_NOISE * median, sqrt(scatter)) / sqrt(1.0 + freedom)


def _spread_evenly(values: Array) -> tuple[Array, float]:
    """Targets, and the unit that all have."""
    known = values[~np.isnan(values)]
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
