"""Coordinates of genomes as points of a Euclidean space, a group of columns for each gene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from genomes.axes import Axis

Array = NDArray[np.float64]
TRAINED = Axis("how far it was trained")


@final
class Embedding:
    """A number keeps its place in [0, 1]; a category becomes a corner of a simplex whose edges are 1 long. The slots of
    a layer gene are one gene, whose largest distance is 1 as well.

    A gene without effect lies in the middle of its range (as Levesque et al. 2017, "Bayesian optimization for
    conditional hyperparameter spaces", impute it): two genomes in which it has none do not differ by it, and where it
    has one in only one of them, the gene that switches it already tells them apart.

    with_rungs: the coordinates end with how far a genome was trained, 1 being the whole recipe.
    groups: [columns] the gene of each column, 0 .. num_genes - 1.
    """

    def __init__(self, axes: Sequence[Axis], *, with_rungs: bool = False) -> None:
        axes = (*axes, TRAINED) if with_rungs else tuple(axes)
        genes = {name: number for number, name in enumerate(dict.fromkeys(axis.gene for axis in axes))}
        slots = Counter(axis.gene for axis in axes)
        self.num_genes = len(genes)
        self._with_rungs = with_rungs
        self._numbers = np.array([i for i, axis in enumerate(axes) if not axis.categories], dtype=np.intp)
        self._weights = np.array([slots[axes[i].gene] ** -0.5 for i in self._numbers])
        self._corners = [
            (i, _corners(axis.categories, slots[axis.gene])) for i, axis in enumerate(axes) if axis.categories
        ]
        columns = [genes[axes[i].gene] for i in self._numbers]
        columns += [genes[axes[i].gene] for i, corners in self._corners for _ in range(corners.shape[1])]
        self.groups = np.array(columns, dtype=np.intp)

    def points(self, coordinates: Array) -> Array:
        """[n, axes] coordinates, NaN where a gene has no effect -> [n, columns]."""
        numbers = coordinates[:, self._numbers]
        parts = [np.where(np.isnan(numbers), 0.5, numbers) * self._weights]
        for axis, corners in self._corners:
            column = coordinates[:, axis]
            parts.append(corners[np.where(np.isnan(column), len(corners) - 1, column).astype(np.intp)])
        return np.concatenate(parts, axis=1)

    def points_of(self, places: Sequence[Sequence[float]]) -> Array:
        """The points of genomes at these coordinates, trained by the whole recipe: [n, columns]."""
        coordinates = np.array(places, dtype=np.float64)
        if self._with_rungs:
            coordinates = np.column_stack([coordinates, np.ones(len(coordinates))])
        return self.points(coordinates)

    def whole(self, coordinates: Array) -> Array | None:
        """The same genomes as if each had been trained by the whole recipe; None where all have been."""
        if not self._with_rungs:
            return None
        whole = coordinates.copy()
        whole[:, -1] = 1.0
        return whole


def _corners(categories: int, slots: int) -> Array:
    """[categories + 1, categories]: a corner for each category, then the middle."""
    rows = np.vstack([np.eye(categories), np.full(categories, 1.0 / categories)])
    return np.asarray(rows * (0.5 / slots) ** 0.5)
