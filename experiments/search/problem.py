"""What an engine searches: a space whose true values are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from genomes import Encoding, Gene, Genome, Value

Point = tuple[Value, ...]
"""One value a gene, in the order of the genes: the place in the list for a `Choice`, the value itself for a range."""


class Problem(Protocol):
    """A space with a noisy measurement, to be minimised, and the truth behind it."""

    @property
    def name(self) -> str: ...

    @property
    def genes(self) -> Mapping[str, Gene]:
        """Name -> gene, in the order of a point's values."""

    @property
    def encoding(self) -> Encoding:
        """The same space for our own strategies."""

    def point_of(self, genome: Genome) -> Point:
        """Where a genome of that encoding lies."""

    def value(self, point: Point, luck: float) -> float:
        """What one training returns: always finite, smaller is better. luck, in [0, 1), is the training's seed."""

    def share(self, point: Point) -> float:
        """The share of the space, in [0, 1], that is truly better than the point; 0 for the optimum."""

    def regret(self, point: Point) -> float:
        """How much worse than the optimum the point truly is: 0 for it, 1 for the space's median point."""

    def is_optimum(self, point: Point) -> bool:
        """Whether no point of the space is truly better."""
