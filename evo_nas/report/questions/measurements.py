"""What was measured of each network, and by how much one training differs from the next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from evo_nas.individual import Objective, TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.report.questions.shared_rows import SharedRows

Group = tuple[str, int | None]
"""A fingerprint, and the epochs after which it was judged (None: the whole recipe)."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Every training of a run in one objective. values: of each network (by fingerprint) after so many epochs, in the
    objective's own unit, less what its rows and seeds give to every network; where one of them failed there are none.

    spread: the standard deviation of what is left of a training around its network, pooled over all networks that were
    trained at least twice; None where none was. degrees: of freedom behind it. See `SharedRows`.
    """

    objective: Objective
    values: Mapping[str, Mapping[int | None, tuple[float, ...]]]
    spread: float | None
    degrees: int

    @classmethod
    def of(cls, trainings: Iterable[Mapping[TrainingKey, Outcome]], objective: Objective) -> Measurements:
        """From the trainings of the search, the confirmations, and whatever else was trained on seeds of its own."""
        found: dict[Group, dict[int, float]] = {}
        failed: set[Group] = set()
        for each in trainings:
            for key, outcome in each.items():
                group = (key.fingerprint, key.epochs)
                if outcome.ok:
                    found.setdefault(group, {})[key.replicate] = objective.value(outcome)
                else:
                    failed.add(group)
        succeeded = {group: of_one for group, of_one in found.items() if group not in failed}
        shared = _shared_rows(succeeded)
        values: dict[str, dict[int | None, tuple[float, ...]]] = {}
        for (fingerprint, epochs), of_one in succeeded.items():
            adjusted = [value - shared.effects.get(_rows(seed, epochs), 0.0) for seed, value in of_one.items()]
            values.setdefault(fingerprint, {})[epochs] = tuple(adjusted)
        return cls(objective, values, None if shared.noise is None else math.sqrt(shared.noise), shared.degrees)

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


def _shared_rows(found: Mapping[Group, Mapping[int, float]]) -> SharedRows:
    """A network on a rung is one of its own here, and so are the rows of a replicate on a rung."""
    trained = [
        (value, number, _rows(replicate, epochs))
        for number, ((_, epochs), of_one) in enumerate(found.items())
        for replicate, value in of_one.items()
    ]
    values, networks, rows = zip(*trained, strict=True) if trained else ((), (), ())
    return SharedRows(values, networks, rows)


def _rows(replicate: int, epochs: int | None) -> tuple[int, int]:
    return replicate, epochs or 0
