"""Networks as rows of one table, whatever their encoding and their number of layers.

A gene of the whole network is a column. A gene of layers is several: an encoding looks at a network's layers in a fixed
number of slots, each at the same relative depth (`Encoding.axes`), so that networks of unequal length can be compared.
All slots together are the gene; its parts are the first layer, the last, and what lies in between. The number of layers
is a gene of its own. A number stands on its gene's scale, from 0 (lowest) to 1 (highest); a category is its index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.records import Axis, Kind
from evo_nas.strategies.gene_cells import described_genes
from genomes import Choice, Encoding, Gene, Genome, Int

Array = NDArray[np.float64]
Places = tuple[int, ...]
"""Numbers of columns."""

ABSENT = -1.0
"""The place of a gene without effect, left of all others."""


@dataclass(frozen=True)
class TableGene:
    """A gene and its columns. categories: how many values without order, or 0 for a number. gene: None where the
    encoding does not describe it."""

    name: str
    columns: Places
    categories: int
    gene: Gene | None

    @property
    def kind(self) -> Kind:
        return "category" if self.categories else "number"

    def parts(self) -> dict[str, Places]:
        """The columns of each part by its name; none where the gene has one column."""
        if len(self.columns) == 1:
            return {}
        first, between, last = self.columns[:1], self.columns[1:-1], self.columns[-1:]
        parts = {"first layer": first, "layers in between": between, "last layer": last}
        return {name: columns for name, columns in parts.items() if columns}

    def rows(self) -> list[Row]:
        """The gene as a whole, and its parts."""
        return [Row(self, "", self.columns), *(Row(self, part, columns) for part, columns in self.parts().items())]

    def axis(self, num_places: int) -> Axis:
        """At most so many places over the whole gene, every one of them a value that it can have."""
        places = self._places(num_places)
        log = getattr(self.gene, "scale", "linear") == "log"
        scale: Literal["linear", "log"] = "log" if log else "linear"
        return Axis(self.name, self.kind, places, tuple(self.label(place) for place in places), scale)

    def label(self, place: float) -> str:
        """The value at a place, for a person."""
        gene = self.gene
        if gene is None:
            return f"value {place:g}" if self.categories else f"{place:.2g} of its scale"
        if isinstance(gene, Choice):
            index = place if self.categories else place * (len(gene.values) - 1)
            return str(gene.values[round(index)])
        if gene.scale == "log":
            value = gene.low * (gene.high / gene.low) ** place
        else:
            value = gene.low + (gene.high - gene.low) * place
        return f"{round(value):d}" if isinstance(gene, Int) else f"{value:.3g}"

    def _places(self, num_places: int) -> tuple[float, ...]:
        if self.categories:
            return tuple(float(index) for index in range(self.categories))
        if isinstance(self.gene, Choice) and len(self.gene.values) <= num_places:
            return tuple(self.gene.position(value) for value in self.gene.values)
        if isinstance(self.gene, Int) and self.gene.high - self.gene.low < num_places:
            return tuple(self.gene.position(value) for value in range(self.gene.low, self.gene.high + 1))
        return tuple(np.linspace(0.0, 1.0, num_places).tolist())


class Row(NamedTuple):
    """What is measured: a gene, or a part of it, by its columns."""

    gene: TableGene
    part: str
    columns: Places


@dataclass(frozen=True)
class GeneTable:
    """rows: [networks, columns], `ABSENT` for a gene without effect."""

    rows: Array
    genes: tuple[TableGene, ...]

    def categories(self) -> dict[int, int]:
        """How many categories each column has that holds any."""
        return {column: gene.categories for gene in self.genes if gene.categories for column in gene.columns}

    def take(self, chosen: NDArray[np.intp]) -> GeneTable:
        """Some of the networks."""
        return GeneTable(self.rows[chosen], self.genes)

    def has_effect(self, gene: TableGene) -> NDArray[np.bool_]:
        """[networks] whether the gene has an effect there."""
        return np.asarray((self.rows[:, gene.columns] != ABSENT).all(axis=1))

    def varies(self, gene: TableGene) -> bool:
        """Whether two of the networks in which it has an effect differ in it."""
        part = self.rows[self.has_effect(gene)][:, gene.columns]
        return len(part) > 1 and bool((part != part[0]).any())

    def filled(self, key: tuple[KeyPart, ...]) -> Array:
        """The rows without `ABSENT`: a gene without effect has the values of another network, drawn by chance, in which
        it has one. So it says nothing, above all not which other gene took its effect away."""
        rows = self.rows.copy()
        for gene in self.genes:
            there = np.flatnonzero(self.has_effect(gene))
            missing = np.flatnonzero(~self.has_effect(gene))
            if len(there):
                drawn = array_stream(*key, gene.name, "filled").choice(there, size=len(missing))
                rows[missing[:, None], gene.columns] = self.rows[drawn[:, None], gene.columns]
            else:
                rows[:, gene.columns] = 0.0
        return rows

    def values(self, gene: TableGene, columns: Places = ()) -> Array:
        """[networks] one number each, NaN without effect: the mean over the columns (of the gene, if none are given) on
        the gene's scale; of a category the most frequent one, in doubt the one nearer to the first layer."""
        part = self.rows[:, columns or gene.columns]
        if gene.categories:
            weights = 1.0 - 1e-3 * np.arange(part.shape[1])
            votes = [(part == category) @ weights for category in range(gene.categories)]
            one = np.argmax(votes, axis=0).astype(np.float64)
        else:
            one = part.mean(axis=1)
        return np.where(self.has_effect(gene), one, np.nan)


def gene_table(genomes: Sequence[Genome], encoding: Encoding) -> GeneTable:
    """The table of valid genomes, at least one, and of all genes of the space that are free."""
    axes = encoding.axes()
    rows = np.array([encoding.coordinates(genome) for genome in genomes], dtype=np.float64)
    rows = np.where(np.isnan(rows), ABSENT, rows).reshape(len(genomes), len(axes))
    described = described_genes(encoding)
    places: dict[str, list[int]] = {}
    for number, axis in enumerate(axes):
        places.setdefault(axis.gene, []).append(number)
    genes = tuple(
        TableGene(name, tuple(numbers), axes[numbers[0]].categories, described.get(name))
        for name, numbers in places.items()
    )
    return GeneTable(rows, genes)
