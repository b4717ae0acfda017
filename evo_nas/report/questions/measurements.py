"""What was measured of each network, and by how much one training differs from the next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from evo_nas.individual import Objective, TrainingKey
from evo_nas.outcome import Outcome

Group = tuple[str, int | None]
"""A fingerprint, and the epochs after which it was judged (None: the whole recipe)."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Every training of a run in one objective. values: of each network (by fingerprint) after so many epochs, in the
    objective's own unit; where one of them failed there are none.

    spread: the standard deviation of a training from the others of its network, pooled over all networks that were
    trained at least twice; None where none was. degrees: of freedom behind it.
    """

    objective: Objective
    values: Mapping[str, Mapping[int | None, tuple[float, ...]]]
    spread: float | None
    degrees: int

    @classmethod
    def of(cls, trainings: Iterable[Mapping[TrainingKey, Outcome]], objective: Objective) -> Measurements:
        """From the trainings of the search, the confirmations, and whatever else was trained on seeds of its own."""
        groups: dict[Group, list[float]] = {}
        failed: set[Group] = set()
        for each in trainings:
            for key, outcome in each.items():
                group = (key.fingerprint, key.epochs)
                if outcome.ok:
                    groups.setdefault(group, []).append(objective.value(outcome))
                else:
                    failed.add(group)
        values: dict[str, dict[int | None, tuple[float, ...]]] = {}
        for (fingerprint, epochs), found in groups.items():
            if (fingerprint, epochs) not in failed:
                values.setdefault(fingerprint, {})[epochs] = tuple(found)
        return cls(objective, values, *_pooled(each for of_one in values.values() for each in of_one.values()))

    def of_group(self, group: Group) -> tuple[float, ...]:
        """All trainings of a network after so many epochs; empty where it failed or was not measured so."""
        fingerprint, epochs = group
        return self.values.get(fingerprint, {}).get(epochs, ())

    def mean(self, group: Group) -> float | None:
        """Of all trainings of a network; None where it failed or was not measured so."""
        found = self.of_group(group)
        return fmean(found) if found else None

    def variance(self, group: Group) -> float:
        """Of that mean. NaN where no network was trained twice, infinite where this one was not measured."""
        if self.spread is None:
            return math.nan
        found = self.of_group(group)
        return self.spread**2 / len(found) if found else math.inf

    def compared(self, child: str, parent: str) -> tuple[Group, Group] | None:
        """What to compare of two networks, by fingerprint: the whole recipe, else the highest rung that both had."""
        common = self.values.get(child, {}).keys() & self.values.get(parent, {}).keys()
        if not common:
            return None
        epochs = None if None in common else max(each for each in common if each is not None)
        return (child, epochs), (parent, epochs)


def _pooled(groups: Iterable[tuple[float, ...]]) -> tuple[float | None, int]:
    squares, degrees = 0.0, 0
    for values in groups:
        mean = fmean(values)
        squares += sum((value - mean) ** 2 for value in values)
        degrees += len(values) - 1
    return (math.sqrt(squares / degrees), degrees) if degrees else (None, 0)
