"""A convolutional network: a variable number of convolution blocks, a dense head, and how the whole is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, final

from genomes.axes import MOST_SLOTS, Axis, Places
from genomes.catalogue import completed, defaults_of, read_flag
from genomes.cnn_blocks import BlockOperators
from genomes.cnn_fitting import Fitting
from genomes.cnn_genes import (
    BLOCK_CONDITIONS,
    BLOCK_GENES,
    CATALOGUE,
    DEFAULT_BLOCKS,
    FACTS,
    GENE_CONDITIONS,
    HEAD_GENES,
    KEYS,
    TOGETHER,
    lenet_5,
)
from genomes.cnn_layers import cnn_layer_table
from genomes.cnn_limits import Frame, Limits, with_room
from genomes.cnn_reading import described_frame, framed_for, read_frame
from genomes.cnn_size import cnn_size
from genomes.genes import Gene
from genomes.genome import Encoding, Genome, GenomeError, LayerRecord, Rng, Shape, Size, Value, Variant
from genomes.image_genes import training_genes
from genomes.layers import Layers, LayerSpace
from genomes.learning_rates import NORMALIZED_RATES, in_unit
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import SearchSpace
from genomes.variation import drawn, free_groups, swapped

CHANGE_GENE_WEIGHT = 4.0
"""How often genes of head and training are changed, beside `genomes.cnn_blocks.WEIGHTS`."""
ATTEMPTS = 12
"""So often a mutation is tried that pixels or limits have taken back."""
SAMPLES = 200
"""Then so many genomes are drawn to find one that differs."""


@final
class CnnEncoding(Encoding):
    """Convolutional networks. A genome holds the genes of head and training in `genes`, and its blocks in `layers`.

    genes: name -> gene, for names of `cnn_genes.CATALOGUE`; a gene left out is fixed at its default there, but for
        those of augmentation, which a genome has only where they are given.
    frame: the images and outputs of the data, as far as they are known, and how large a network may be. Every genome
        finds enough pixels in images of that shape (until it is known, of 32 x 32) and, once the data are known, keeps
        the limits: the operators repair what they make.
    normalized_rates: as in `MlpEncoding`.
    Raises GenomeError, naming the gene or limit, for an unknown name, an illegal value, images that are too small for
    the fewest blocks, or limits that no network of the space keeps.
    """

    name: ClassVar[str] = "cnn"
    facts: ClassVar[tuple[str, ...]] = FACTS

    def __init__(
        self, genes: Mapping[str, Gene], frame: Frame | None = None, *, normalized_rates: bool = False
    ) -> None:
        given = {name: CATALOGUE.legal(name, gene) for name, gene in genes.items()}
        others = {**HEAD_GENES, **training_genes(given, normalized_rates=normalized_rates)}
        self._normalized_rates = normalized_rates
        self._genes = SearchSpace(completed(others, given), GENE_CONDITIONS, defaults_of(others))
        block = SearchSpace(completed(BLOCK_GENES, given), BLOCK_CONDITIONS, defaults_of(BLOCK_GENES))
        self._blocks = LayerSpace(block, given.get("layers", DEFAULT_BLOCKS), DEFAULT_BLOCKS.low)
        self._frame = with_room(frame or Frame(), self._blocks)
        self._operators = BlockOperators(self._blocks)
        self._fitting = Fitting(self._blocks, self._frame.pixels)
        self._limits = Limits(self._blocks, self._genes, self._fitting, self._frame)
        self._groups = free_groups(self._genes, TOGETHER)
        self._places = Places(self._genes.free)
        self._block_places = Places(block.free)
        self._num_slots = min(self._blocks.lengths.highest, MOST_SLOTS)

    @classmethod
    def from_space(cls, space: Mapping[str, Any]) -> CnnEncoding:
        """The encoding that a [space] section describes; its key `encoding`, if any, is not looked at.

        Genes as in `MlpEncoding.from_space`. `max_parameters` and `max_flops` limit every network; `input_shape` and
        `num_outputs` say for which data, and are learnt from these where they are left out.
        Raises GenomeError, naming the gene or key.
        """
        genes = CATALOGUE.read({name: data for name, data in space.items() if name not in ("encoding", *KEYS)})
        return cls(genes, read_frame(space), normalized_rates=read_flag(space, NORMALIZED_RATES))

    @staticmethod
    def default_space() -> dict[str, Any]:
        """A rich space around LeNet-5 as plain data, for those who have none in mind."""
        return {
            "encoding": "cnn",
            "layers": {"low": 1, "high": 6},
            "filters": {"low": 8, "high": 128, "scale": "log"},
            "kernel": [1, 3, 5, 7],
            "convolutions": ["one", "two", "separable"],
            "padding": ["same", "valid"],
            "batch_normalization": [False, True],
            "activation": ["relu", "leaky_relu", "elu", "gelu", "silu", "tanh"],
            "reduction": ["none", "max", "average", "stride"],
            "dropout": {"low": 0.0, "high": 0.5},
            "skip": [False, True],
            "head": ["flatten", "average", "max"],
            "head_layers": [0, 1, 2],
            "head_width": {"low": 32, "high": 512, "scale": "log"},
            "head_activation": ["relu", "gelu", "tanh"],
            "head_dropout": {"low": 0.0, "high": 0.6},
            "optimizer": ["adam", "adamw", "nadam", "sgd", "rmsprop"],
            "learning_rate": {"low": 1e-4, "high": 3e-2, "scale": "log"},
            "momentum": {"low": 0.0, "high": 0.99},
            "nesterov": [False, True],
            "batch_size": [32, 64, 128, 256],
            "l2": [0.0, 1e-5, 1e-4, 1e-3],
            "kernel_initializer": ["glorot_uniform", "he_normal"],
            "preprocessing": ["unit", "standard"],
        }

    @property
    def input_shape(self) -> Shape:
        return self._frame.input_shape

    def for_data(self, input_shape: Shape, num_outputs: int) -> CnnEncoding:
        """Raises GenomeError for rows that are no images, for other data than the space says, and where the images are
        too small for its blocks, or too large for its limits.
        """
        frame = framed_for(self._frame, input_shape, num_outputs)
        return self if frame == self._frame else self._with(self._given(), frame)

    def sample(self, rng: Rng) -> Genome:
        """Each gene uniformly on its own scale; then pixels and limits have their say."""
        return self._fitted(Genome(self.name, self._genes.sample(rng), self._blocks.sample(rng)))

    def default(self) -> Genome:
        """LeNet-5, as near as the space allows, with the training genes' defaults."""
        return self.repair(lenet_5())

    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        """One operator, drawn by weight among those that apply: insert, duplicate, remove, deepen, widen, swap or
        change a block, or change one or a few genes of head and training that have an effect.

        What runs out of pixels or exceeds a limit is repaired; where that undoes the change, another one is tried.
        "sample": none of them lasted, and a genome was drawn afresh; "unchanged": nor did that find another network.
        """
        for _ in range(ATTEMPTS):
            variant = self._varied(genome, rng)
            if variant is None:
                break
            fitted = self._fitted(variant.genome)
            if fitted is variant.genome or self._differ(fitted, genome):
                return replace(variant, genome=fitted)
        for _ in range(SAMPLES):
            fresh = self.sample(rng)
            if self._differ(fresh, genome):
                return Variant(fresh, "sample")
        return Variant(genome, "unchanged")

    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        """Blocks of the same relative depth change places, see `BlockOperators.crossover`; other genes uniformly, those
        that mean something only together together. Both children are then fitted to pixels and limits.
        """
        blocks = self._operators.crossover(first.layers, second.layers, rng)
        genes = swapped(first.genes, second.genes, self._groups, rng)
        one, other = (Genome(self.name, *parts) for parts in zip(genes, map(self._cut, blocks), strict=True))
        return self._fitted(one), self._fitted(other)

    def repair(self, genome: Genome) -> Genome:
        """As the contract says; a learning rate that comes from a space in the other unit is converted, and what does
        not fit pixels and limits is changed as `Fitting.fitted` and `Limits.kept` say.
        """
        genes = self._genes.clip(genome.genes)
        own = in_unit(genome.genes, genes["optimizer"], normalized=self._normalized_rates)
        if own is not genome.genes:
            genes = self._genes.clip(own)
        return self._fitted(Genome(self.name, genes, self._blocks.clip(genome.layers)))

    def canonical(self, genome: Genome) -> Genome:
        blocks = tuple(self._blocks.layer.effective(block) for block in genome.layers)
        return Genome(self.name, self._genes.effective(genome.genes), blocks)

    def check(self, genome: Genome) -> None:
        if genome.encoding != self.name:
            raise GenomeError(f"expected a genome of the encoding {self.name!r}, got one of {genome.encoding!r:.100}")
        self._genes.check(genome.genes)
        self._blocks.check(genome.layers)
        self._fitting.check(genome.layers)
        self._limits.check(genome)

    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        """Raises GenomeError where the blocks run out of the pixels of such images."""
        return cnn_size(genome, input_shape, num_outputs)

    def layer_table(self, genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
        return cnn_layer_table(genome, input_shape, num_outputs)

    def describe(self) -> dict[str, Any]:
        blocks = {"layers": self._blocks.lengths.gene.describe(), **self._blocks.layer.describe()}
        return {"encoding": self.name, **described_frame(self._frame), **blocks, **self._genes.describe()}

    def compose(self, choose: Choose) -> Genome:
        """The blocks are chosen first. What does not fit pixels and limits is repaired at the end."""
        blocks = self._blocks.compose(choose)
        return self._fitted(Genome(self.name, composed(self._genes, choose), blocks))

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        return (*self._blocks.parameters(most_layers), *parameters_in(self._genes))

    def outline(self) -> SearchSpace:
        return SearchSpace(self._given(), [*BLOCK_CONDITIONS, *GENE_CONDITIONS])

    def assembled(self, values: Mapping[str, Value]) -> Genome:
        """Blocks that run out of pixels, and networks beyond the limits, are repaired."""
        block = self._blocks.layer.clip(values)
        return self._fitted(Genome(self.name, self._genes.clip(values), (block,) * int(values["layers"])))

    def narrowed(self, genes: Mapping[str, Gene]) -> CnnEncoding:
        return self._with({**self._given(), **genes}, self._frame)

    def axes(self) -> tuple[Axis, ...]:
        depth = () if self._blocks.lengths.gene.fixed else (Axis("layers"),)
        return (*self._places.axes, *depth, *self._block_places.axes * self._num_slots)

    def coordinates(self, genome: Genome) -> list[float]:
        lengths = self._blocks.lengths
        depth = [] if lengths.gene.fixed else [lengths.position(len(genome.layers))]
        effective = self.canonical(genome)
        return [
            *self._places.of(effective.genes),
            *depth,
            *self._block_places.of_layers(effective.layers, self._num_slots),
        ]

    def _varied(self, genome: Genome, rng: Rng) -> Variant | None:
        """A genome that differs in canonical form, pixels and limits not looked at; None where nothing can move."""
        effective = self._genes.effective(genome.genes)
        movable = [name for name in self._genes.free if name in effective]
        operators = self._operators.applicable(genome.layers)
        if movable:
            operators["change_gene"] = CHANGE_GENE_WEIGHT
        if not operators:
            return None
        operator = drawn(operators, rng)
        if operator == "change_gene":
            genes, moved = self._genes.step_some(genome.genes, movable, rng)
            return Variant(Genome(self.name, genes, genome.layers), f"change_gene:{','.join(moved)}")
        blocks, done = self._operators.mutate(genome.layers, operator, rng)
        return Variant(Genome(self.name, genome.genes, blocks), done)

    def _fitted(self, genome: Genome) -> Genome:
        """The genome itself where it fits."""
        blocks = self._fitting.fitted(genome.layers)
        return self._limits.kept(genome if blocks is genome.layers else Genome(self.name, genome.genes, blocks))

    def _cut(self, blocks: Layers) -> Layers:
        """As many blocks as are allowed."""
        return blocks if len(blocks) == self._blocks.lengths.nearest(len(blocks)) else self._blocks.clip(blocks)

    def _differ(self, one: Genome, other: Genome) -> bool:
        return self.canonical(one) != self.canonical(other)

    def _given(self) -> dict[str, Gene]:
        genes = {"layers": self._blocks.lengths.gene, **self._blocks.layer.genes, **self._genes.genes}
        genes.pop(NORMALIZED_RATES, None)
        return genes

    def _with(self, genes: Mapping[str, Gene], frame: Frame) -> CnnEncoding:
        return CnnEncoding(genes, frame, normalized_rates=self._normalized_rates)
