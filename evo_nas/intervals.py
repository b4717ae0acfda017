"""An interval around a mean of a few values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

LEVEL = 0.95
"""Of every interval that is reported."""

Interval = tuple[float, float]


Range = tuple[float, float]
EVERYWHERE: Range = (-math.inf, math.inf)


def t_interval(values: Sequence[float], level: float = LEVEL, *, within: Range = EVERYWHERE) -> Interval | None:
    """The interval of Student (1908) around the mean of independent values; None for fewer than two.

    It takes the values to be normally distributed. Equal values give an interval of width 0. within: where the mean
    must lie, so that a share is never said to be above 1.
    """
    if len(values) < 2:
        return None
    from scipy.special import stdtrit

    quantile = float(stdtrit(len(values) - 1, 0.5 + level / 2))
    mean, reach = fmean(values), quantile * stdev(values) / math.sqrt(len(values))
    return max(mean - reach, within[0]), min(mean + reach, within[1])
