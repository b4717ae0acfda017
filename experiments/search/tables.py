"""A table: a finite space with the results of several training seeds for every point of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from experiments.search.problem import Point
from genomes import Choice, Encoding, FlatEncoding, Gene, Genome, Value

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A space of ordinal and categorical genes with everything known.

    values: [configuration, training seed], smaller is better; NaN at the end of a row that has fewer seeds than others.
        Configurations stand in row-major order: the last gene moves fastest.
    The truth of a configuration is the mean of its row. A point holds the place of each gene's value in its list.
    """

    name: str
    choices: Mapping[str, Choice]
    values: Array = field(repr=False)

    def __post_init__(self) -> None:
        expected = prod(self.lengths)
        if self.values.ndim != 2 or len(self.values) != expected:
            raise ValueError(f"{self.name}: expected {expected} rows of values, got an array of {self.values.shape}")
        if not np.isfinite(self.values[:, 0]).all():
            raise ValueError(f"{self.name}: expected a finite value for the first seed of every configuration")

    @property
    def genes(self) -> Mapping[str, Gene]:
        return self.choices

    @cached_property
    def encoding(self) -> Encoding:
        return FlatEncoding(self.choices)

    def point_of(self, genome: Genome) -> Point:
        return tuple(places[genome.genes[name]] for name, places in self._places.items())

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many values each gene has."""
        return tuple(len(choice.values) for choice in self.choices.values())

    @property
    def num_points(self) -> int:
        return len(self.values)

    @cached_property
    def truth(self) -> Array:
        """The mean over the seeds, [configuration]."""
        return np.asarray(np.nanmean(self.values, axis=1), dtype=np.float64)

    def row(self, point: Point) -> int:
        """Where the point's configuration stands. Raises IndexError for a place that a gene does not have."""
        row = 0
        for place, length in zip(point, self.lengths, strict=True):
            if type(place) is not int or not 0 <= place < length:
                raise IndexError(f"{self.name}: expected places below {self.lengths}, got {point}")
            row = row * length + place
        return row

    def point(self, row: int) -> Point:
        """The inverse of `row`."""
        return tuple(int(place) for place in np.unravel_index(row, self.lengths))

    def value(self, point: Point, luck: float) -> float:
        row = self.row(point)
        return float(self.values[row, int(luck * self._num_seeds[row])])

    def share(self, point: Point) -> float:
        return float(self._num_better[self.row(point)]) / self.num_points

    def regret(self, point: Point) -> float:
        best, median = float(self.truth.min()), float(np.median(self.truth))
        return (float(self.truth[self.row(point)]) - best) / (median - best)

    def is_optimum(self, point: Point) -> bool:
        return bool(self._num_better[self.row(point)] == 0)

    @cached_property
    def _places(self) -> dict[str, dict[Value, int]]:
        return {name: {value: i for i, value in enumerate(choice.values)} for name, choice in self.choices.items()}

    @cached_property
    def _num_seeds(self) -> NDArray[np.int64]:
        return np.asarray(np.isfinite(self.values).sum(axis=1))

    @cached_property
    def _num_better(self) -> NDArray[np.int64]:
        return np.searchsorted(np.sort(self.truth), self.truth, side="left")


def without_noise(table: Table) -> Table:
    """The table in which every training returns the truth."""
    return Table(f"{table.name}_exact", table.choices, table.truth[:, None].copy())
