"""Scales for numeric columns, as scikit-learn's scalers define them, as pure functions of [rows, columns] arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evo_nas.data.columns import FloatArray

MOST_REFERENCES = 1000
SMALLEST = 1e-290


def standard_scale(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and population standard deviation of each column."""
    return values.mean(axis=0), values.std(axis=0)


def minmax_scale(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Minimum and range of each column: the values end in [0, 1]."""
    low = values.min(axis=0)
    return low, values.max(axis=0) - low


def robust_scale(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median and interquartile range of each column: outliers do not set the scale.

    Where the range is zero (a column of mostly zeros) the standard deviation takes its place. RobustScaler divides by
    one there, which hands a network the raw amounts.
    """
    quarter, half, three_quarters = np.percentile(values, [25, 50, 75], axis=0)
    spread = three_quarters - quarter
    return half, np.where(spread == 0.0, values.std(axis=0), spread)


SCALES: dict[str, Callable[[FloatArray], tuple[FloatArray, FloatArray]]] = {
    "standard": standard_scale,
    "minmax": minmax_scale,
    "robust": robust_scale,
}
"""Kind -> a function that gives center and width of each column."""


def safe_scale(values: FloatArray, kind: str) -> tuple[FloatArray, FloatArray]:
    """Center and width for a kind in `SCALES`; a width of zero becomes one. A constant column has its value as center,
    so that its values become exactly zero and not the rounding of a mean."""
    center, width = SCALES[kind](values)
    constant = values.min(axis=0) == values.max(axis=0)
    return np.where(constant, values[0], center), np.where(constant | (width == 0.0), 1.0, width)


def quantile_references(values: FloatArray) -> FloatArray:
    """The quantiles [references, columns] of the values at up to 1,000 equal steps, never decreasing."""
    num_references = min(MOST_REFERENCES, len(values))
    quantiles = np.percentile(values, np.linspace(0.0, 1.0, num_references) * 100.0, axis=0)
    increasing: FloatArray = np.maximum.accumulate(quantiles, axis=0)
    return increasing


def uniform_ranks(values: FloatArray, quantiles: FloatArray) -> FloatArray:
    """The share of the reference rows below each value, in [0, 1] [rows, columns], as QuantileTransformer has it.

    Where references repeat, a value equal to them gets the middle of their ranks. Numbers below 1e-290 count as 0.
    """
    ranks = np.empty_like(values)
    steps = np.linspace(0.0, 1.0, len(quantiles))
    for i in range(values.shape[1]):
        column, reference = _without_dust(values[:, i]), _without_dust(quantiles[:, i])
        from_below = np.interp(column, reference, steps)
        from_above = np.interp(-column, -reference[::-1], -steps[::-1])
        ranks[:, i] = 0.5 * (from_below - from_above)
        ranks[column >= reference[-1], i] = 1.0
        ranks[column <= reference[0], i] = 0.0
    return ranks


def _without_dust(values: FloatArray) -> FloatArray:
    """Numbers so small that the slope between two of them overflows are 0."""
    return np.where(np.abs(values) < SMALLEST, 0.0, values)
