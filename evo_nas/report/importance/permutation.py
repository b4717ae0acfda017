"""Permutation importance: how much worse unseen networks are predicted where one gene is shuffled among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.forest import Forest
from evo_nas.report.importance.gene_table import Array, Places
from evo_nas.report.importance.records import Estimate

NUM_SHUFFLES = 5
DEVIATIONS = 1.96
"""Of a normal distribution, for an interval of 95 %."""
TRAINED_ANEW = 2.0
"""The variance over networks takes the forest as given; another sample would give another forest. With halves for
training and testing that doubles it (Nadeau and Bengio 2003, 1 + tested / trained)."""


def permutation_importance(forest: Forest, sets: Sequence[Places], key: tuple[KeyPart, ...]) -> list[Estimate]:
    """For each set of columns, which are shuffled together: the fall of the explained share of the variance.

    Breiman (2001), with the whole forest's prediction instead of each tree's. Only trees that have not seen a network
    predict it, so that noise has 0 on average. The interval is the mean's over networks.
    """
    before = (forest.values - forest.unseen_predictions()) ** 2
    variance = float(np.var(forest.values))
    orders = _orders(len(forest.values), key)
    worse = [_squared_errors(forest, columns, orders) - before for columns in sets]
    return [_estimate(each / variance) for each in worse]


def _orders(count: int, key: tuple[KeyPart, ...]) -> NDArray[np.intp]:
    draws = array_stream(*key, "shuffles")
    return np.array([draws.permutation(count) for _ in range(NUM_SHUFFLES)])


def _squared_errors(forest: Forest, columns: Places, orders: NDArray[np.intp]) -> Array:
    """[shuffles, networks]."""
    shuffled = np.tile(forest.rows, (len(orders), 1, 1))
    shuffled[:, :, columns] = forest.rows[orders][:, :, columns]
    total = np.zeros(orders.shape)
    for pair in forest.pairs:
        for tree, unseen in pair.unseen():
            rows = shuffled[:, unseen].reshape(-1, shuffled.shape[2])
            total[:, unseen] += tree.predict(rows).reshape(len(orders), -1)
    return np.asarray((forest.values - total / len(forest.pairs)) ** 2)


def _estimate(worse: Array) -> Estimate:
    """worse: [shuffles, networks]. Networks and shuffles are both drawn by chance, and both are counted."""
    mean, by_network, by_shuffle = float(np.mean(worse)), worse.mean(axis=0), worse.mean(axis=1)
    of_networks = TRAINED_ANEW * np.var(by_network, ddof=1) / len(by_network)
    squared = of_networks + np.var(by_shuffle, ddof=1) / len(by_shuffle)
    reach = DEVIATIONS * float(squared) ** 0.5
    return Estimate(mean, mean - reach, mean + reach)
