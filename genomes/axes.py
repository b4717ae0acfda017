"""Where genomes lie: each as a row of numbers of one length, so that distances between them can be learned.

A surrogate sees a genome only so. A number lies between 0 and 1 on its gene's own scale, a category is its index, and a
gene without effect is NaN. Layers are looked at in a fixed number of slots, each at a relative depth, so that networks
of unequal length are laid over each other as crossover lays them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import Value

Place = Callable[[Value], float]
MOST_SLOTS = 6
"""So many relative depths are looked at, at most."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One number of a genome's coordinates.

    gene: which gene it belongs to; the slots of a layer gene share its name. categories: how many values a categorical
    gene has (the coordinate is the index of one of them), or 0 for a number between 0 and 1.
    """

    gene: str
    categories: int = 0


class _Table(dict[Value, float]):
    """Coordinates by value; NaN for any other."""

    def __missing__(self, value: Value) -> float:
        return nan


def axis_of(name: str, gene: Gene) -> Axis:
    """The axis of a free gene."""
    return Axis(name, len(gene.values) if isinstance(gene, Choice) and not gene.ordinal else 0)


def place_of(gene: Gene) -> Place:
    """The function from a value of a gene to its coordinate; a table where the values can be listed.

    A number beyond a range lies at its end, and what is none of the listed values lies nowhere (NaN): networks that
    were given to a run, and not proposed by it, need not be points of its space.
    """
    if isinstance(gene, Float | Int):
        return gene.position
    last = max(len(gene.values) - 1, 1) if gene.ordinal else 1
    return _Table({value: index / last for index, value in enumerate(gene.values)}).__getitem__


class Places:
    """The coordinates of the free genes of one mapping."""

    def __init__(self, free: Mapping[str, Gene]) -> None:
        self.axes = tuple(axis_of(name, gene) for name, gene in free.items())
        self._places = tuple((name, place_of(gene)) for name, gene in free.items())
        self._nowhere = [nan] * len(self.axes)

    def of(self, effective: Mapping[str, Value]) -> list[float]:
        """NaN for a gene that is missing, or has a value that is none of the space's."""
        return [place(effective[name]) if name in effective else nan for name, place in self._places]

    def of_layers(self, layers: Sequence[Mapping[str, Value]], num_slots: int) -> list[float]:
        """The layers at the middles of so many equal parts of the depth, one after the other."""
        if not layers:
            return self._nowhere * num_slots
        places = [self.of(layer) for layer in layers]
        count = len(layers)
        return [place for slot in range(num_slots) for place in places[(2 * slot + 1) * count // (2 * num_slots)]]
