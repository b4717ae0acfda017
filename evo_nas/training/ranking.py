"""The area under the ROC curve, from ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def areas_under_curves(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area of each member [members]; NaN where its rows are all positive or all negative.

    positive: [1 or members, rows]. scores: [members, rows]. The area is the statistic of Mann and Whitney (1947) as a
    share of all pairs; rows of equal score have the average of their ranks. Up to the last division everything is
    a whole number, so the area is exact to one rounding.
    """
    order = scores.argsort(axis=-1)
    positive = np.broadcast_to(positive, scores.shape)
    ranks = _twice_ranks(np.take_along_axis(scores, order, axis=-1))
    rank_sums = np.where(np.take_along_axis(positive, order, axis=-1), ranks, 0).sum(axis=-1)
    num_positive = np.count_nonzero(positive, axis=-1)
    pairs = num_positive * (scores.shape[1] - num_positive)
    twice_won = rank_sums - num_positive * (num_positive + 1)
    return np.where(pairs > 0, twice_won / np.maximum(2 * pairs, 1), np.nan)


def _twice_ranks(ascending: NDArray[np.float64]) -> NDArray[np.int64]:
    """Twice the average rank, counted from 1, of scores that ascend along each row: int64, same shape."""
    places = np.arange(ascending.shape[1])
    new = ascending[:, 1:] != ascending[:, :-1]
    if new.all():
        return np.broadcast_to(2 * (places + 1), ascending.shape)
    first = np.zeros(ascending.shape, dtype=np.int64)
    last = np.full(ascending.shape, places[-1])
    np.multiply(new, places[1:], out=first[:, 1:])
    np.copyto(last[:, :-1], places[:-1], where=new)
    np.maximum.accumulate(first, axis=-1, out=first)
    np.minimum.accumulate(last[:, ::-1], axis=-1, out=last[:, ::-1])
    ranks: NDArray[np.int64] = first + last + 2
    return ranks
