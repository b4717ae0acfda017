"""What a search has been told, genome by genome."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy, deepcopy
from dataclasses import replace
from math import log
from typing import TypeVar, final

import numpy as np
from numpy.typing import NDArray

from evo_nas.individual import Constraint, Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Replicates
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from evo_nas.strategies.told_values import LARGEST_VALUE
from genomes import Encoding

Array = NDArray[np.float64]
T = TypeVar("T", np.float64, np.intp)
ENOUGH_EQUAL = 4
"""Repeated measurements that are all equal before a fitness counts as free of noise."""


@final
class Observed:
    """The distinct genomes in order of their first result, each with all that was measured of it.

    members: the individual that proposed each first, with the mean of all its measurements as its fitness. A genome
    that failed once is a failure: a network that fails on one seed in three is no network to ship. full_epochs: those
    of the recipe, where genomes may be judged earlier; the coordinates then end with how far each was trained,
    log(epochs) / log(full_epochs), and a genome that was judged after several numbers of epochs is several
    rows. num_whole: how many of the num_told were trained by the whole recipe.
    """

    def __init__(
        self,
        encoding: Encoding,
        objectives: Sequence[Objective],
        constraints: Sequence[Constraint],
        *,
        full_epochs: int | None = None,
    ) -> None:
        self.members: list[DeapIndividual] = []
        self.num_told = 0
        self.num_whole = 0
        self._num_equal = 0
        self._num_different = 0
        self._encoding = encoding
        self._objectives, self._constraints = tuple(objectives), tuple(constraints)
        self._full_epochs = full_epochs
        self._signs = np.array([-objective.weight for objective in objectives])
        self._rows: dict[tuple[str, int | None], int] = {}
        self._individuals: list[Individual] = []
        self._replicates: list[Replicates] = []
        self._coordinates = np.zeros((64, len(encoding.axes()) + (full_epochs is not None)))
        self._sums = np.zeros((64, len(self._objectives)))
        self._scatter = np.zeros((64, len(self._objectives)))
        self._shifts = np.zeros((64, len(self._objectives)))
        self._violations = np.zeros(64)
        self._counts = np.zeros(64)
        self._num_again = 0
        self._again_keys = np.zeros((64, 2), dtype=np.intp)
        self._again_values = np.zeros((64, len(self._objectives)))

    def __len__(self) -> int:
        return len(self.members)

    @property
    def coordinates(self) -> Array:
        """[genomes, axes]."""
        return self._coordinates[: len(self)]

    @property
    def counts(self) -> Array:
        """[genomes] how often each was measured."""
        return self._counts[: len(self)]

    @property
    def values(self) -> Array:
        """[genomes, objectives] means, smaller is better, without the effects of replicates; NaN for a failure."""
        return np.asarray((self._sums[: len(self)] - self._shifts[: len(self)]) / self.counts[:, None])

    @property
    def repeats(self) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """Of every measurement after a genome's first: its row [n], its replicate [n], its values [n, objectives]."""
        keys = self._again_keys[: self._num_again]
        return keys[:, 0], keys[:, 1], self._again_values[: self._num_again]

    def correct(self, taken: Array) -> None:
        """Take out what replicates do to all genomes alike: of each of `repeats`, in its own unit, [n, objectives]."""
        rows, _, values = self.repeats
        self._shifts[:] = 0.0
        np.add.at(self._shifts, rows, taken)
        firsts = self._sums.copy()
        np.subtract.at(firsts, rows, values)
        means = (self._sums - self._shifts) / np.maximum(self._counts, 1.0)[:, None]
        self._scatter[:] = np.where(self._counts[:, None] > 1.0, (firsts - means) ** 2, 0.0)
        np.add.at(self._scatter, rows, (values - taken - means[rows]) ** 2)

    @property
    def scatter(self) -> Array:
        """[genomes, objectives] the squared distances of the measurements of each genome from their mean, summed."""
        return self._scatter[: len(self)]

    @property
    def noise(self) -> tuple[float, float]:
        """`scatter` of the first objective summed over the good genomes, and its degrees of freedom: over those that
        are no worse than the median of the feasible. A training that went wrong says nothing of the noise of the best.
        """
        feasible, values = self.feasible, self.values[:, 0]
        if not feasible.any():
            return 0.0, 0.0
        repeated = feasible & (self.counts > 1.0) & (values <= np.median(values[feasible]))
        return float(self.scatter[repeated, 0].sum()), float((self.counts[repeated] - 1.0).sum())

    @property
    def violations(self) -> Array:
        """[genomes] of the constraints, relative to their bounds; 0 where all are kept."""
        return self._violations[: len(self)]

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """[genomes] which have values and keep all constraints."""
        return np.asarray((self.violations == 0.0) & ~np.isnan(self._sums[: len(self)]).any(axis=1))

    @property
    def any_feasible(self) -> bool:
        return bool(self.feasible.any())

    @property
    def without_noise(self) -> bool:
        """Whether measuring again has given the same value every time, and often enough to believe in it."""
        return not self._num_different and self._num_equal >= ENOUGH_EQUAL

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        for each in evaluated:
            self.num_told += 1
            self.num_whole += each.individual.epochs is None
            key = each.individual.fingerprint, each.individual.epochs
            if key not in self._rows:
                self._rows[key] = len(self)
                self._add(each)
            elif each.individual.replicate:
                self._add_measurement(self._rows[key], each)

    def also(self, evaluated: Sequence[Evaluated]) -> Observed:
        """What would be observed had it been told these as well. This one stays as it is."""
        other = copy(self)
        for name, part in vars(self).items():
            if isinstance(part, (list, dict, np.ndarray)):
                setattr(other, name, part.copy())
        for each in evaluated:
            row = self._rows.get((each.individual.fingerprint, each.individual.epochs))
            if row is not None:
                other._replicates[row] = deepcopy(self._replicates[row])
        other.tell(evaluated)
        return other

    def _values(self, outcome: Outcome) -> Array:
        if not outcome.ok:
            return np.full(len(self._objectives), np.nan)
        values = self._signs * [objective.value(outcome) for objective in self._objectives]
        return np.asarray(np.clip(values, -LARGEST_VALUE, LARGEST_VALUE))

    def _add(self, each: Evaluated) -> None:
        row = len(self)
        if row == len(self._counts):
            self._grow()
        place = self._encoding.coordinates(each.individual.genome)
        self._coordinates[row, : len(place)] = place
        if self._full_epochs is not None:
            self._coordinates[row, -1] = self._trained(each.individual.epochs, self._full_epochs)
        self._sums[row] = self._values(each.outcome)
        self._scatter[row] = self._shifts[row] = 0.0
        self._counts[row] = 1.0
        self._individuals.append(each.individual)
        self._replicates.append(Replicates(each.outcome))
        self.members.append(self._member(row))

    def _trained(self, epochs: int | None, full_epochs: int) -> float:
        return 1.0 if epochs is None else log(max(epochs, 1)) / max(log(full_epochs), 1e-9)

    def _member(self, row: int) -> DeapIndividual:
        mean = self._replicates[row].outcome()
        mean = replace(mean, seconds=mean.seconds / int(self._counts[row]))
        member = evaluated_individual(self._individuals[row], mean, self._objectives, self._constraints)
        self._violations[row] = min(member.fitness.violation, LARGEST_VALUE)
        return member

    def _add_measurement(self, row: int, each: Evaluated) -> None:
        values, count = self._values(each.outcome), self._counts[row]
        first = self._values(self._replicates[row].first)
        if not np.isnan([values, first]).any():  # a failure says nothing about the noise of what succeeds
            self._num_equal += bool((values == first).all())
            self._num_different += bool((values != first).any())
        away = values - self._sums[row] / count
        self._scatter[row] += away * away * count / (count + 1.0)
        self._sums[row] += values
        self._counts[row] += 1.0
        if self._num_again == len(self._again_keys):
            self._again_keys, self._again_values = _doubled(self._again_keys), _doubled(self._again_values)
        self._again_keys[self._num_again] = row, each.individual.replicate
        self._again_values[self._num_again] = values
        self._num_again += 1
        self._replicates[row].add(each.outcome)
        self.members[row] = self._member(row)

    def _grow(self) -> None:
        """Room for as many again, so that what a row costs does not depend on the history."""
        self._coordinates, self._sums = _doubled(self._coordinates), _doubled(self._sums)
        self._scatter, self._shifts = _doubled(self._scatter), _doubled(self._shifts)
        self._violations, self._counts = _doubled(self._violations), _doubled(self._counts)


def _doubled(array: NDArray[T]) -> NDArray[T]:
    return np.concatenate([array, np.zeros_like(array)])
