"""Values of genes in a few cells, each gene on its own scale: what is counted where genomes share hardly a number."""

from __future__ import annotations

from collections.abc import Mapping

from genomes import Choice, Encoding, Float, Gene, Genome, GenomeError, Int, gene_from

NUM_CELLS = 10
"""Of a range or an ordinal gene; a step of a mutation is one or two of them."""

Cell = tuple[str, int]
"""The name of a gene, and the index of a category or of a tenth of the gene's scale."""


class GeneCells:
    """The cells of an encoding's free genes. A layer's gene is counted wherever a layer has it, whichever layer."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._axes = tuple((axis.gene, axis.categories) for axis in encoding.axes())

    def of(self, genome: Genome) -> set[Cell]:
        """The cells of the values that have an effect. Cost: a microsecond a gene."""
        places = zip(self._axes, self._encoding.coordinates(genome), strict=True)
        return {
            (name, int(place) if categories else _cell(place))
            for (name, categories), place in places
            if place == place  # NaN: the gene has no effect
        }

    def shown(self, cell: Cell) -> str:
        """A cell for a person, such as "0.158 to 0.398" or "relu"."""
        name, number = cell
        gene = described_genes(self._encoding).get(name)
        if gene is None:
            return f"{number / NUM_CELLS:g} to {(number + 1) / NUM_CELLS:g} of its scale"
        if isinstance(gene, Choice):
            inside = [value for value in gene.values if _cell(gene.position(value)) == number]
            return " or ".join(map(str, inside if gene.ordinal else [gene.values[number]]))
        return f"{_at(gene, number / NUM_CELLS):.3g} to {_at(gene, (number + 1) / NUM_CELLS):.3g}"


def described_genes(encoding: Encoding) -> dict[str, Gene]:
    """The genes that an encoding describes, by name; without the conditions under which they have an effect."""
    genes = {}
    for name, data in encoding.describe().items():
        known = (
            ("values", "ordinal")
            if isinstance(data, Mapping) and "values" in data
            else ("low", "high", "scale", "step")
        )
        alone = {key: data[key] for key in known if key in data} if isinstance(data, Mapping) else data
        try:
            genes[name] = gene_from(alone)
        except GenomeError:
            continue  # an encoding of the user's own may say other things of itself
    return genes


def _cell(place: float) -> int:
    return min(int(place * NUM_CELLS), NUM_CELLS - 1)


def _at(gene: Float | Int, place: float) -> float:
    """The value at a place of a range, from 0 (low) to 1 (high)."""
    if gene.scale == "log":
        return float(gene.low * (gene.high / gene.low) ** place)
    return float(gene.low + (gene.high - gene.low) * place)
