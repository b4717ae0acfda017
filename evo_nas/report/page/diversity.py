"""How different the genomes of a generation are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genomes import Encoding, Genome

MOST_COMPARED = 64
"""Genomes of a generation that are looked at: of more, every n-th."""

Array = NDArray[np.float64]


def gene_spread(encoding: Encoding | None, genomes: Sequence[Genome]) -> float | None:
    """The mean distance of two genomes drawn at random, in [0, 1] (Gower 1971, averaged over the genes).

    A number's distance is the difference of its places on its gene's scale; a category's is 0 or 1; a gene without
    effect in one of the two is left out. None where there is nothing to compare.
    """
    own = [] if encoding is None else [each for each in genomes if each.encoding == encoding.name]
    own = own[:: max(1, len(own) // MOST_COMPARED)]
    if encoding is None or len(own) < 2 or not encoding.axes():
        return None
    places = np.array([encoding.coordinates(genome) for genome in own], dtype=np.float64)
    distances = [
        _categories(column) if axis.categories else _numbers(column)
        for axis, column in zip(encoding.axes(), places.T, strict=True)
    ]
    known = [distance for distance in distances if distance is not None]
    return float(np.mean(known)) if known else None


def _numbers(column: Array) -> float | None:
    """Gini's mean difference, from the sorted values."""
    values = np.sort(column[~np.isnan(column)])
    count = len(values)
    if count < 2:
        return None
    weights = 2.0 * np.arange(count) - count + 1.0
    return float(2.0 * (weights @ values) / (count * (count - 1)))


def _categories(column: Array) -> float | None:
    """How often two drawn at random differ."""
    values = column[~np.isnan(column)]
    count = len(values)
    if count < 2:
        return None
    _, sizes = np.unique(values, return_counts=True)
    return float(1.0 - np.sum(sizes * (sizes - 1.0)) / (count * (count - 1.0)))
