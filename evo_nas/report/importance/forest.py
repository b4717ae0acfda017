"""A forest that knows what it has not seen: trees in pairs, each pair grown on two halves that share no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import KeyPart, array_stream, stream_key
from evo_nas.report.importance.gene_table import Array

NUM_PAIRS = 64
LEAST_IN_LEAF = 2
MOST_LEAVES = 256
COLUMNS_A_SPLIT = 0.7
"""Share of the columns that a split may choose from, so that genes which go together all have their say."""


@dataclass(frozen=True)
class Tree:
    """A regression tree of scikit-learn. orders: column of a category -> [categories] the place of each, in the order
    of their mean values in the tree's own half: one split then parts them best (Fisher 1958), and no other network has
    a say in it."""

    fitted: Any
    orders: Mapping[int, Array]

    def seen(self, places: Array, column: int) -> Array:
        """The places of a column as the tree sees them; of any shape."""
        order = self.orders.get(column)
        return places.astype(np.float32).astype(np.float64) if order is None else order[places.astype(np.intp)]

    def predict(self, rows: Array) -> Array:
        """[rows] what the tree says."""
        return np.asarray(self.fitted.tree_.predict(_reordered(rows, self.orders).astype(np.float32))[:, 0])


@dataclass(frozen=True)
class Pair:
    """Two trees. in_first: [networks] whose half the first was grown on; the second saw the others."""

    first: Tree
    second: Tree
    in_first: NDArray[np.bool_]

    def unseen(self) -> tuple[tuple[Tree, NDArray[np.intp]], ...]:
        """Each tree with the networks that it has not seen."""
        return (self.first, np.flatnonzero(~self.in_first)), (self.second, np.flatnonzero(self.in_first))


@dataclass(frozen=True)
class Forest:
    """Regression trees (Breiman 2001) on complementary halves (as Shah and Samworth 2013 pair subsamples) instead of
    bootstraps: whatever two trees of a pair agree in is no noise, since no network is behind both.

    rows: [networks, columns] and values: [networks] that it was grown on, at least two networks.
    """

    pairs: tuple[Pair, ...]
    rows: Array
    values: Array

    @property
    def trees(self) -> list[Tree]:
        return [tree for pair in self.pairs for tree in (pair.first, pair.second)]

    def unseen_predictions(self) -> Array:
        """[networks] the mean of the predictions of the trees that have not seen the network."""
        total = np.zeros(len(self.values))
        for pair in self.pairs:
            for tree, unseen in pair.unseen():
                total[unseen] += tree.predict(self.rows[unseen])
        return total / len(self.pairs)

    def explained(self) -> float:
        """The share of the variance of unseen networks that it explains; 1 for all, at or below 0 for nothing."""
        errors = self.values - self.unseen_predictions()
        return 1.0 - float(np.mean(errors**2) / np.var(self.values))


def grow(
    rows: Array,
    values: Array,
    key: tuple[KeyPart, ...],
    *,
    categories: Mapping[int, int] | None = None,
    num_pairs: int = NUM_PAIRS,
) -> Forest:
    """Grow a forest; the same for the same key. Values must differ.

    categories: columns that hold the indices of so many categories; the others hold numbers.
    """
    draws = array_stream(*key, "halves")
    pairs = []
    for number in range(num_pairs):
        in_first = _half(len(values), draws)
        halves = (("first", in_first), ("second", ~in_first))
        first, second = (
            _tree(rows[half], values[half], categories or {}, stream_key(*key, number, name)) for name, half in halves
        )
        pairs.append(Pair(first, second, in_first))
    return Forest(tuple(pairs), rows, values)


def _half(count: int, draws: np.random.Generator) -> NDArray[np.bool_]:
    in_first = np.zeros(count, dtype=bool)
    in_first[draws.permutation(count)[: count // 2]] = True
    return in_first


def _tree(rows: Array, values: Array, categories: Mapping[int, int], key: int) -> Tree:
    from sklearn.tree import DecisionTreeRegressor

    orders = {column: _order(rows[:, column], values, count) for column, count in categories.items()}
    tree = DecisionTreeRegressor(
        min_samples_leaf=LEAST_IN_LEAF,
        max_leaf_nodes=MOST_LEAVES,
        max_features=COLUMNS_A_SPLIT,
        random_state=key % 2**32,
    )
    return Tree(tree.fit(_reordered(rows, orders), values), orders)


def _order(column: Array, values: Array, count: int) -> Array:
    """[categories] their places by mean value; one that does not occur has the mean of all."""
    codes = column.astype(np.intp)
    occurs = np.bincount(codes, minlength=count)
    sums = np.bincount(codes, weights=values, minlength=count)
    means = np.where(occurs > 0, sums / np.maximum(occurs, 1), values.mean())
    return np.argsort(np.argsort(means, kind="stable"), kind="stable").astype(np.float64)


def _reordered(rows: Array, orders: Mapping[int, Array]) -> Array:
    if not orders:
        return rows
    reordered = rows.copy()
    for column, order in orders.items():
        reordered[:, column] = order[rows[:, column].astype(np.intp)]
    return reordered
