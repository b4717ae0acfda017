"""Networks that are no larger than a space allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf
from typing import final

from genomes.cnn_fitting import Fitting
from genomes.cnn_genes import CONVOLUTIONS, HEADS, MOST_HEAD_LAYERS, PADDINGS, REDUCTIONS
from genomes.cnn_shapes import Pixels
from genomes.cnn_size import cnn_size
from genomes.genes import Gene
from genomes.genome import Genome, GenomeError, Shape, Value
from genomes.layers import LayerSpace
from genomes.mlp_size import ACTIVATION_FLOPS
from genomes.space import SearchSpace

HALVINGS = 24.0
"""Widths are at last divided by two to this power, which takes every legal one to the lowest of its gene."""
STEPS = 96
SUPPOSED_OUTPUTS = 10
LARGEST_SUPPOSED_SIDE = 4096
MOST_COUNTS = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """What a space knows of its networks beside the genes: the images they take, their outputs, the largest allowed."""

    given_shape: Shape | None = None
    given_outputs: int | None = None
    max_parameters: int | None = None
    max_flops: float | None = None
    supposed_side: int = 32

    @property
    def input_shape(self) -> Shape:
        """Of the data where it is known; until then networks are drawn as if for square images in colour."""
        return self.given_shape or (self.supposed_side, self.supposed_side, 3)

    @property
    def num_outputs(self) -> int:
        return self.given_outputs or SUPPOSED_OUTPUTS

    @property
    def pixels(self) -> Pixels:
        return self.input_shape[0], self.input_shape[1]

    @property
    def limited(self) -> bool:
        """Limits hold once the data are known: before that nobody can say how large a network is."""
        known = self.given_shape is not None and self.given_outputs is not None
        return known and (self.max_parameters is not None or self.max_flops is not None)

    def excess(self, genome: Genome) -> float:
        """A network's size as a share of what is allowed, by the limit that it comes nearest to; 0 without limits."""
        if not self.limited:
            return 0.0
        size = cnn_size(genome, self.input_shape, self.num_outputs)
        return max(size.parameters / (self.max_parameters or inf), size.flops / (self.max_flops or inf))


def with_room(frame: Frame, blocks: LayerSpace) -> Frame:
    """The frame; where the images are not known yet, supposed to be so large that the fewest blocks find room."""
    while frame.given_shape is None and frame.supposed_side < LARGEST_SUPPOSED_SIDE:
        try:
            Fitting(blocks, frame.pixels)
        except GenomeError:
            frame = replace(frame, supposed_side=2 * frame.supposed_side)
        else:
            break
    return frame


@final
class Limits:
    """Narrows networks of a space until they keep its limits.

    genes: of head and training. Raises GenomeError where the smallest network that can be found in the space is larger
    than allowed.
    """

    def __init__(self, blocks: LayerSpace, genes: SearchSpace, fitting: Fitting, frame: Frame) -> None:
        self._blocks, self._genes, self._fitting, self._frame = blocks, genes, fitting, frame
        if frame.limited:
            self._smallest = min(self._small_ones(), key=frame.excess)
            self.check(self._smallest, "even the smallest network of this space")

    def kept(self, genome: Genome) -> Genome:
        """The genome itself where it keeps the limits.

        Else all its widths are divided by the least power of 2^(1/4) that is enough. Where none is, the smallest
        network's head takes the place of its own, then its convolutions, then all of it.
        """
        if not self._frame.limited or self._frame.excess(genome) <= 1.0:
            return genome
        return next(fitting for each in self._simpler(genome) if (fitting := self._narrowed(each)) is not None)

    def check(self, genome: Genome, name: str = "this network") -> None:
        """Raise GenomeError, naming the limit, where a network is larger than allowed."""
        if not self._frame.limited or self._frame.excess(genome) <= 1.0:
            return
        size = cnn_size(genome, self._frame.input_shape, self._frame.num_outputs)
        images = " x ".join(map(str, self._frame.input_shape))
        for key, number, limit in (
            ("max_parameters", size.parameters, self._frame.max_parameters),
            ("max_flops", size.flops, self._frame.max_flops),
        ):
            if limit is not None and number > limit:
                raise GenomeError(
                    f"[space] {key}: {name} has {number:,} {key[4:]} on images of {images}, more than {limit:,.0f}"
                )

    def _simpler(self, genome: Genome) -> Iterator[Genome]:
        smallest = self._smallest
        yield genome
        head = {name: smallest.genes[name] for name in smallest.genes if name.startswith("head")}
        genome = Genome(genome.encoding, {**genome.genes, **head}, genome.layers)
        yield genome
        least = {name: smallest.layers[0][name] for name in ("kernel", "convolutions", "batch_normalization", "skip")}
        blocks = self._fitting.fitted(tuple({**block, **least} for block in genome.layers))
        yield Genome(genome.encoding, genome.genes, blocks)
        yield Genome(genome.encoding, genome.genes, smallest.layers)

    def _narrowed(self, genome: Genome) -> Genome | None:
        """The least narrow of the narrower genomes that keeps the limits, found by bisection; None where none does."""
        enough, too_little = STEPS, -1
        if self._frame.excess(self._divided(genome, enough)) > 1.0:
            return None
        while enough - too_little > 1:
            step = (enough + too_little) // 2
            if self._frame.excess(self._divided(genome, step)) > 1.0:
                too_little = step
            else:
                enough = step
        return self._divided(genome, enough)

    def _divided(self, genome: Genome, step: int) -> Genome:
        share = 2.0 ** (-step * HALVINGS / STEPS)
        filters, width = self._blocks.layer.genes["filters"], self._genes.genes["head_width"]
        blocks = tuple({**block, "filters": filters.clip(int(block["filters"]) * share)} for block in genome.layers)
        genes = genome.genes
        if genes["head_layers"]:
            genes = {**genes, "head_width": width.clip(int(genes["head_width"]) * share)}
        return Genome(genome.encoding, genes, blocks)

    def _small_ones(self) -> Iterator[Genome]:
        """Networks of equal blocks, as narrow as they can be, among which the smallest of the space is sought."""
        block = self._least(self._blocks.layer, {"batch_normalization": False, "skip": False, "dropout": 0.0})
        genes = self._least(self._genes, {"head_dropout": 0.0})
        of_block: dict[str, Sequence[Value]] = {
            "reduction": REDUCTIONS,
            "convolutions": CONVOLUTIONS,
            "padding": PADDINGS,
        }
        lengths = self._blocks.lengths
        counts = [count for count in range(lengths.lowest, lengths.highest + 1) if lengths.nearest(count) == count]
        for count, shape, head in product(
            counts[:MOST_COUNTS],
            _combined(self._blocks.layer, of_block),
            _combined(self._genes, {"head": HEADS, "head_layers": self._fewest_layers()}),
        ):
            blocks = self._fitting.fitted(({**block, **shape},) * count)
            yield Genome("cnn", {**genes, **head}, blocks)

    def _fewest_layers(self) -> Sequence[Value]:
        """Two numbers, since a narrow layer may cost less than none: all outputs would read all that it reads."""
        gene = self._genes.genes["head_layers"]
        return [number for number in range(MOST_HEAD_LAYERS + 1) if gene.contains(number)][:2]

    def _least(self, space: SearchSpace, wanted: Mapping[str, Value]) -> dict[str, Value]:
        """The default with the least widths, the cheapest activation, and what else is wanted where it is allowed."""
        values = space.default()
        for name, gene in space.genes.items():
            if name.endswith("activation"):
                values[name] = min(_listed(gene), key=lambda value: ACTIVATION_FLOPS.get(str(value), 4))
            elif name in ("filters", "kernel", "head_width"):
                values[name] = gene.clip(0)
            elif name in wanted:
                values[name] = gene.clip(wanted[name])
        return values


def _listed(gene: Gene) -> list[Value]:
    return list(getattr(gene, "values", ()))


def _combined(space: SearchSpace, values: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    allowed = [[each for each in values[name] if space.genes[name].contains(each)] for name in values]
    return [dict(zip(values, combined, strict=True)) for combined in product(*allowed)]
