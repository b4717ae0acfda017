"""The numbers of layers that a space allows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from genomes.genes import Choice, Float, Gene
from genomes.genome import GenomeError, Rng
from genomes.parameters import LAYERS, Choose, Parameter


class Lengths:
    """gene: of the number of layers, its values 0 or more; they may leave gaps (a choice of 1, 2 or 4).

    Raises GenomeError where one of them is no count.
    """

    def __init__(self, gene: Gene) -> None:
        self.gene = gene
        self._allowed = _counts(gene)

    @property
    def lowest(self) -> int:
        return self._allowed[0]

    @property
    def highest(self) -> int:
        return self._allowed[-1]

    def sample(self, rng: Rng) -> int:
        """Drawn on the gene's own scale; a fixed one draws nothing."""
        return self.lowest if self.gene.fixed else int(self.gene.sample(rng))

    def parameters(self) -> tuple[Parameter, ...]:
        """One, or none where the number is fixed."""
        return () if self.gene.fixed else (Parameter(LAYERS, self.gene),)

    def compose(self, choose: Choose) -> int:
        """A chosen number that is allowed; a fixed one is not asked for."""
        return self.nearest(int(self.gene.clip(choose(*self.parameters())))) if self.parameters() else self.lowest

    def check(self, count: int) -> None:
        """Raise GenomeError where so many layers are not allowed."""
        if count not in self._allowed:
            raise GenomeError(f"layers: {count} is not in {self.gene}")

    def nearest(self, count: int) -> int:
        """The allowed number nearest to a count; the smaller of two."""
        return count if count in self._allowed else min(self._allowed, key=lambda allowed: abs(allowed - count))

    def position(self, count: int) -> float:
        """Where an allowed number lies between the lowest (0) and the highest (1)."""
        return (count - self.lowest) / max(self.highest - self.lowest, 1)

    def longer(self, count: int) -> int:
        """The next allowed number above a count below `highest`."""
        return self._allowed[bisect_right(self._allowed, count)]

    def shorter(self, count: int) -> int:
        """The next allowed number below a count above `lowest`."""
        return self._allowed[bisect_left(self._allowed, count) - 1]


def _counts(gene: Gene) -> tuple[int, ...]:
    """Ascending."""
    if isinstance(gene, Float):
        raise GenomeError(f"layers: expected whole numbers, got {gene}")
    values = gene.values
    if isinstance(gene, Choice) and not all(type(value) is int for value in values):
        raise GenomeError(f"layers: expected whole numbers, got {gene}")
    counts = tuple(sorted(int(value) for value in values))
    if counts[0] < 0:
        raise GenomeError(f"layers: expected 0 or more, got {counts[0]}")
    return counts
