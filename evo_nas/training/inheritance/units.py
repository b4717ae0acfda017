"""Which unit of the parent each unit of the child stands for. A unit is a column of a kernel: a neuron, or a filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

INPUTS = -1
"""The place of what comes before the first layer."""
UNRELATED = -2
"""The place of units that stand for none of the parent."""
SPREAD = 0.1
"""Standard deviation of what tells copies apart, in standard deviations of the kernel."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The values that a layer of the child hands on.

    place: the parent's layer that handed them on, counted from 0, or `INPUTS`, or `UNRELATED`. source: the parent's
    unit that each stands for, int64 [units]. share: float32 [units]; the values of all that stand for one unit, each
    times its share, add up to the parent's value of that unit.
    """

    place: int
    source: NDArray[np.int64]
    share: Array

    @classmethod
    def same(cls, place: int, count: int) -> Units:
        """The parent's own units in their own order."""
        return cls(place, np.arange(count), np.ones(count, np.float32))

    @classmethod
    def unrelated(cls, count: int) -> Units:
        return cls(UNRELATED, np.arange(count), np.ones(count, np.float32))

    @classmethod
    def of(cls, place: int, source: NDArray[np.int64]) -> Units:
        """Units that each have the value of the one that they stand for, whose copies share its work equally."""
        return cls(place, source, (1.0 / copies_of(source)).astype(np.float32))

    def __len__(self) -> int:
        return len(self.source)

    def met_by(self, place: int, count: int) -> Units | None:
        """These units as a layer meets them that takes so many of a place of the parent; None where they cannot be it.

        Units of another place are taken for them by their order if they are as many: most of what a layer computes is
        better than noise, though not what it was (Real et al. 2017 keep every layer whose shape is the same).
        """
        if self.place == place:
            return self
        return Units.same(place, count) if len(self) == count else None

    def repeated(self, times: int, width: int) -> Units:
        """Those of an image that is laid out in a row: at each of so many pixels all channels, int64 [times * units].

        width: the parent's channels.
        """
        source = (np.arange(times)[:, None] * width + self.source).ravel()
        return Units(self.place, source, np.tile(self.share, times))


def activated(place: int, source: NDArray[np.int64], activation: str) -> Units:
    """Copies of a layer's units after its activation; those of a softmax have shared one probability."""
    if activation == "softmax":
        return Units(place, source, np.ones(len(source), np.float32))
    return Units.of(place, source)


def copies_of(source: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many units stand for the unit that each stands for [units]."""
    return np.bincount(source)[source]


def chosen_units(available: NDArray[np.int64], count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Which of the available units so many stand for: the first ones, and beyond them any at random (Net2WiderNet)."""
    kept = available[:count]
    return np.concatenate([kept, generator.choice(available, count - len(kept))])


def divided(kernel: Array, units: Units, generator: np.random.Generator) -> Array:
    """The kernel that takes these units where the parent's took those that they stand for: float32 [..., units, out].

    kernel: float32 [..., parent's units, out]. Every unit passes on its share. Copies would be trained alike for ever,
    so that each pair of them gets weights a little apart, and what one has more the others have less: unlike the
    noise of Chen, Goodfellow and Shlens (2016) it changes nothing of what the layer computes.
    """
    rows = kernel[..., units.source, :] * units.share[:, None]
    copied = copies_of(units.source) > 1
    if not copied.any():
        return np.asarray(rows, np.float32)
    noise = generator.normal(0.0, SPREAD * float(kernel.std()), rows.shape) * copied[:, None]
    return (rows + _balanced(noise, units.source)).astype(np.float32)


def passed_on(units: Units, source: NDArray[np.int64]) -> Array:
    """The kernel that hands on units as copies of those that `source` names, float32 [units, copies]."""
    same: Array = (units.source[:, None] == source).astype(np.float32)
    return same * units.share[:, None]


def _balanced(noise: NDArray[np.float64], source: NDArray[np.int64]) -> NDArray[np.float64]:
    """The noise [..., units, out] without its mean over the units that stand for one: those of each add up to 0."""
    _, inverse, counts = np.unique(source, return_inverse=True, return_counts=True)
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(noise[..., np.argsort(inverse, kind="stable"), :], begins, axis=-2)
    balanced: NDArray[np.float64] = noise - (sums / counts[:, None])[..., inverse, :]
    return balanced
