"""The first genomes of a search: what the user would try, a small and a large network, and an even spread."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from genomes import Encoding, Genome

CHOICE = 48
"""So many samples are drawn for each place of the spread; the one that fills most of a gap is taken."""
EXTREMES = 0.1
"""How far from the ends of the samples, ordered by their parameters, the small and the large network are taken."""


def first_genomes(encoding: Encoding, count: int) -> list[tuple[Genome, str]]:
    """So many genomes with the name of what made each: the default, a small one, a large one, then the spread.

    Small and large are by parameters, and left out where nothing has a size. Draws from Python's `random`, to which a
    keyed stream must be lent.
    """
    drawn = [encoding.sample(random) for _ in range(CHOICE * max(count, 1))]
    named = [(encoding.default(), "default"), *_extremes(encoding, drawn)][:count]
    spread = Spread(encoding, count)
    for genome, _ in named:
        spread.add(spread.strata(genome))
    while len(named) < count:
        named.append((spread.best(drawn[len(named) * CHOICE :][:CHOICE]), "sample"))
    return named


def _extremes(encoding: Encoding, drawn: Sequence[Genome]) -> list[tuple[Genome, str]]:
    sizes = [encoding.size(genome, encoding.input_shape, 1).parameters for genome in drawn]
    if min(sizes) == max(sizes):
        return []
    order = sorted(range(len(drawn)), key=sizes.__getitem__)
    skipped = int(EXTREMES * len(order))
    return [(drawn[order[skipped]], "small"), (drawn[order[-1 - skipped]], "large")]


class Spread:
    """Every gene is cut into as many strata as there are genomes, and each stratum is to be used as often as any other.

    A Latin hypercube (McKay et al. 1979) by choice among samples, since a genome cannot be made from its coordinates.
    """

    def __init__(self, encoding: Encoding, count: int) -> None:
        self._encoding = encoding
        axes = encoding.axes()
        self._levels = np.array([axis.categories or count for axis in axes])
        self._numeric = np.array([not axis.categories for axis in axes], dtype=bool)
        self._used = np.zeros((len(axes), max(count, *self._levels, 1) + 1) if len(axes) else (0, 1))
        self._rows = np.arange(len(axes))

    def strata(self, genome: Genome) -> np.ndarray:
        """[axes] the stratum of each coordinate; the last one for a gene without effect."""
        place = np.array(self._encoding.coordinates(genome))
        scaled = np.where(self._numeric, np.minimum(place * self._levels, self._levels - 1), place)
        return np.where(np.isnan(scaled), self._used.shape[1] - 1, scaled).astype(np.intp)

    def add(self, strata: np.ndarray) -> None:
        self._used[self._rows, strata] += 1.0

    def best(self, drawn: Sequence[Genome]) -> Genome:
        """The one whose strata were used least; it counts as used from here on."""
        rows = [self.strata(genome) for genome in drawn]
        crowding = [float((self._used[self._rows, row] * self._levels).sum()) for row in rows]
        chosen = int(np.argmin(crowding))
        self.add(rows[chosen])
        return drawn[chosen]
