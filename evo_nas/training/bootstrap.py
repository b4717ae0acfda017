"""How sure a score is, as far as its rows can say: a bootstrap over them (Efron 1979)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import Task
from evo_nas.intervals import LEVEL
from evo_nas.training.metrics import Predictions, Truth, Values, measure_many

RESAMPLES = 1000
FEWEST_RESAMPLES = 200
MOST_ROWS_DRAWN = 100_000_000
"""Of millions of test rows fewer resamples are drawn; their bounds are the closer together."""
ROWS_AT_ONCE = 2_000_000
LEAST_ROWS = 5
"""Of each class, or of a regression: with fewer, resamples are too much alike to say anything."""

ONE_CLASS = "all test rows are of one class"
NO_DIFFERENCE = "every resample of the test rows gives the same value"


def bootstrap_interval(
    names: Sequence[str], truth: Truth, predictions: Predictions, task: Task, generator: np.random.Generator
) -> dict[str, Any]:
    """{"level", "of": {metric: [low, high]}, "missing": {metric: why it has none}, "how": a sentence}.

    Truth and predictions as in `metrics.measure`. Rows are drawn with replacement within each class, so that every
    resample has the classes' shares. The bounds are percentiles, further out the fewer rows the smallest class has
    (the expanded percentile interval of Hesterberg 2015, which makes up for resamples that vary too little). It says
    how the value would differ on other rows like these, not how another training of the network would.
    """
    strata = _strata(truth, task)
    if why := _too_few(strata):
        return {"level": LEVEL, "of": {}, "missing": dict.fromkeys(names, why), "how": "not computed"}
    resamples = _number_of_resamples(len(truth))
    drawn = _measured(names, truth, predictions, task, _draws(strata, resamples, generator))
    tail = _tail(min(len(rows) for rows in strata))
    bounds = {name: np.quantile(values, [tail, 1.0 - tail]).tolist() for name, values in drawn.items()}
    missing = {name: NO_DIFFERENCE for name, (low, high) in bounds.items() if not low < high}
    if task != "regression" and len(strata) == 1 and "roc_auc" in names:
        missing["roc_auc"] = ONE_CLASS
    by_class = "" if task == "regression" else ", by class"
    return {
        "level": LEVEL,
        "of": {name: bound for name, bound in bounds.items() if name not in missing},
        "missing": missing,
        "how": f"{resamples:,} bootstrap resamples of {len(truth):,} test rows{by_class}",
    }


def _strata(truth: Truth, task: Task) -> list[NDArray[np.int64]]:
    """The rows of each class that has some; all rows of a regression."""
    if task == "regression":
        return [np.arange(len(truth))]
    return [np.flatnonzero(truth == label) for label in np.unique(truth)]


def _too_few(strata: Sequence[NDArray[np.int64]]) -> str:
    fewest = min(len(rows) for rows in strata)
    of_class = " of a class" if len(strata) > 1 else ""
    return "" if fewest >= LEAST_ROWS else f"{fewest} test rows{of_class} are too few, {LEAST_ROWS} are needed"


def _number_of_resamples(num_rows: int) -> int:
    return min(RESAMPLES, max(FEWEST_RESAMPLES, MOST_ROWS_DRAWN // num_rows))


def _draws(
    strata: Sequence[NDArray[np.int64]], resamples: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Row indices [some resamples, rows], until there are enough; few enough at once to fit into memory."""
    num_rows = sum(len(rows) for rows in strata)
    at_once = max(1, ROWS_AT_ONCE // num_rows)
    for start in range(0, resamples, at_once):
        count = min(at_once, resamples - start)
        parts = [rows[generator.integers(len(rows), size=(count, len(rows)))] for rows in strata]
        yield np.concatenate(parts, axis=1)


def _measured(
    names: Sequence[str], truth: Truth, predictions: Predictions, task: Task, draws: Iterator[NDArray[np.int64]]
) -> dict[str, Values]:
    """Metric -> its value on each resample."""
    parts = [measure_many(names, truth[rows], predictions[rows], task) for rows in draws]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _tail(num_rows: int) -> float:
    """The share of resamples beyond each bound: 0.025 for many rows, less for few."""
    from scipy.special import ndtr, stdtrit

    quantile = float(stdtrit(num_rows - 1, 0.5 + LEVEL / 2))
    return float(ndtr(-math.sqrt(num_rows / (num_rows - 1)) * quantile))
