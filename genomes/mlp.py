"""A dense network of variable depth: width, activation and dropout of every layer, and how the whole is trained."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, final

from genomes.axes import MOST_SLOTS, Axis, Places
from genomes.catalogue import completed, defaults_of, read_flag
from genomes.equal_layers import EqualLayerSpace
from genomes.genes import Gene
from genomes.genome import Encoding, Genome, GenomeError, LayerRecord, Rng, Shape, Size, Value, Variant
from genomes.layers import LayerSpace
from genomes.learning_rates import NORMALIZED_RATES, in_unit
from genomes.mlp_genes import (
    BLOCKS,
    CATALOGUE,
    CONDITIONS,
    DEFAULT_LAYERS,
    EQUAL_LAYERS,
    FLAGS,
    LAYER_GENES,
    training_genes,
)
from genomes.mlp_layers import mlp_layer_table
from genomes.mlp_size import mlp_size
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import Condition, SearchSpace
from genomes.variation import drawn, free_groups, swapped

CHANGE_GENE_WEIGHT = 3.0
"""How often training genes are changed, beside `genomes.layers.WEIGHTS`."""
BATCH_NORMALIZATION = "batch_normalization"
"""The gene that follows hidden layers only."""


@final
class MlpEncoding(Encoding):
    """Dense networks. A genome holds every training gene in `genes` and {width, activation, dropout} for each layer.

    genes: name -> gene, for names of `mlp_genes.CATALOGUE`; a gene left out is fixed at its default there.
    equal_layers: only networks whose layers are all equal, as many tutorials search them. That is said of the space:
        a network that is in both kinds of space has one fingerprint.
    normalized_rates: the gene `learning_rate` counts in multiples of the optimizer's own default rate, see
        `genomes.learning_rates`. Each genome of such a space says so, as its last gene.
    Raises GenomeError, naming the gene, for an unknown name or an illegal value.
    """

    name: ClassVar[str] = "mlp"

    def __init__(
        self, genes: Mapping[str, Gene], *, equal_layers: bool = False, normalized_rates: bool = False
    ) -> None:
        given = {name: CATALOGUE.legal(name, gene) for name, gene in genes.items()}
        training = training_genes(normalized_rates=normalized_rates)
        self._normalized_rates = normalized_rates
        self._training = SearchSpace(completed(training, given), CONDITIONS, defaults_of(training))
        layer = SearchSpace(completed(LAYER_GENES, given), (), defaults_of(LAYER_GENES))
        kind = EqualLayerSpace if equal_layers else LayerSpace
        self._layers = kind(layer, given.get("layers", DEFAULT_LAYERS), DEFAULT_LAYERS.low)
        self._blocks = free_groups(self._training, BLOCKS)
        self._places = Places(self._training.free)
        self._layer_places = Places(layer.free)
        self._num_slots = 1 if equal_layers else min(self._layers.lengths.highest, MOST_SLOTS)

    @classmethod
    def from_space(cls, space: Mapping[str, Any]) -> MlpEncoding:
        """The encoding that a [space] section describes; its key `encoding`, if any, is not looked at.

        A plain value fixes a gene; a list offers values (ordinal if numbers); `{low, high, scale}` is a range;
        `{values, ordinal}` a list that says which it is. `equal_layers = true` makes all layers of a genome equal,
        `normalized_rates = true` learning rates of different optimizers comparable.
        Raises GenomeError, naming the gene or key.
        """
        genes = CATALOGUE.read({name: data for name, data in space.items() if name not in ("encoding", *FLAGS)})
        equal, normalized = (read_flag(space, key) for key in FLAGS)
        return cls(genes, equal_layers=equal, normalized_rates=normalized)

    @staticmethod
    def default_space() -> dict[str, Any]:
        """A rich space as plain data, for those who have none in mind."""
        return {
            "encoding": "mlp",
            "layers": {"low": 1, "high": 5},
            "width": {"low": 8, "high": 256, "scale": "log"},
            "activation": ["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"],
            "dropout": {"low": 0.0, "high": 0.5},
            "optimizer": ["adam", "adamw", "nadam", "sgd", "rmsprop"],
            "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
            "momentum": {"low": 0.0, "high": 0.99},
            "nesterov": [False, True],
            "batch_size": [32, 64, 128, 256, 512],
            "l2": [0.0, 1e-6, 1e-5, 1e-4, 1e-3],
            "batch_normalization": [False, True],
            "kernel_initializer": ["glorot_uniform", "he_normal", "lecun_normal"],
            "preprocessing": ["standard", "minmax", "robust", "quantile"],
        }

    def sample(self, rng: Rng) -> Genome:
        return Genome(self.name, self._training.sample(rng), self._layers.sample(rng))

    def default(self) -> Genome:
        return Genome(self.name, self._training.default(), self._layers.default())

    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        """One operator, drawn by weight among those that apply: insert, remove, duplicate or change a layer, or change
        one or a few training genes that have an effect. "unchanged" where nothing can move.
        """
        effective = self._effective(genome)
        movable = [name for name in self._training.free if name in effective]
        operators = self._layers.operators(genome.layers)
        if movable:
            operators["change_gene"] = CHANGE_GENE_WEIGHT
        if not operators:
            return Variant(genome, "unchanged")
        operator = drawn(operators, rng)
        if operator == "change_gene":
            genes, moved = self._training.step_some(genome.genes, movable, rng)
            return Variant(Genome(self.name, genes, genome.layers), f"change_gene:{','.join(moved)}")
        layers, done = self._layers.mutate(genome.layers, operator, rng)
        return Variant(Genome(self.name, genome.genes, layers), done)

    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        """One cut through both stacks of layers at the same relative depth (equal layers: see `EqualLayerSpace`);
        training genes uniformly, those that mean something only together (an optimizer, its rate and its numbers)
        together.
        """
        one, other = self._layers.crossover(first.layers, second.layers, rng)
        genes, rest = swapped(first.genes, second.genes, self._blocks, rng)
        return Genome(self.name, genes, one), Genome(self.name, rest, other)

    def repair(self, genome: Genome) -> Genome:
        """As the contract says; a learning rate that comes from a space in the other unit is converted."""
        genes = self._training.clip(genome.genes)
        own = in_unit(genome.genes, genes["optimizer"], normalized=self._normalized_rates)
        if own is not genome.genes:
            genes = self._training.clip(own)
        return Genome(self.name, genes, self._layers.clip(genome.layers))

    def canonical(self, genome: Genome) -> Genome:
        layers = tuple(self._layers.layer.effective(layer) for layer in genome.layers)
        return Genome(self.name, self._effective(genome), layers)

    def check(self, genome: Genome) -> None:
        if genome.encoding != self.name:
            raise GenomeError(f"expected a genome of the encoding {self.name!r}, got one of {genome.encoding!r:.100}")
        self._training.check(genome.genes)
        self._layers.check(genome.layers)

    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        return mlp_size(genome, prod(input_shape), num_outputs)

    def layer_table(self, genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
        return mlp_layer_table(genome, prod(input_shape), num_outputs)

    def for_data(self, input_shape: Shape, num_outputs: int) -> Encoding:
        """Raises GenomeError for images."""
        if len(input_shape) > 1:
            shape = " x ".join(map(str, input_shape))
            raise GenomeError(
                f'a dense network takes rows of numbers, and these are images of {shape}; use encoding = "cnn"'
            )
        return self

    def describe(self) -> dict[str, Any]:
        described = {"encoding": self.name, "layers": self._layers.lengths.gene.describe()}
        equal = {EQUAL_LAYERS: True} if isinstance(self._layers, EqualLayerSpace) else {}
        return {**described, **equal, **self._layers.layer.describe(), **self._training.describe()}

    def compose(self, choose: Choose) -> Genome:
        """The layers are chosen first."""
        layers = self._layers.compose(choose)

        def chosen(parameter: Parameter) -> Value:
            idle = parameter.gene == BATCH_NORMALIZATION and not layers
            return self._training.genes[parameter.gene].clip(None) if idle else choose(parameter)

        return Genome(self.name, composed(self._training, chosen), layers)

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        return (*self._layers.parameters(most_layers), *parameters_in(self._training))

    def outline(self) -> SearchSpace:
        depth = {"layers": self._layers.lengths.gene}
        genes = {**depth, **self._layers.layer.genes, **self._training.genes}
        of_layers = [Condition(name, "layers", (0,), unless=True) for name in (*LAYER_GENES, "batch_normalization")]
        return SearchSpace(genes, [*CONDITIONS, *(of_layers if self._layers.lengths.lowest == 0 else ())])

    def assembled(self, values: Mapping[str, Value]) -> Genome:
        layer = self._layers.layer.clip(values)
        return Genome(self.name, self._training.clip(values), (layer,) * int(values["layers"]))

    def narrowed(self, genes: Mapping[str, Gene]) -> MlpEncoding:
        kept = {**self.outline().genes, **genes}
        kept.pop(NORMALIZED_RATES, None)
        equal = isinstance(self._layers, EqualLayerSpace)
        return MlpEncoding(kept, equal_layers=equal, normalized_rates=self._normalized_rates)

    def axes(self) -> tuple[Axis, ...]:
        depth = () if self._layers.lengths.gene.fixed else (Axis("layers"),)
        return (*self._places.axes, *depth, *self._layer_places.axes * self._num_slots)

    def coordinates(self, genome: Genome) -> list[float]:
        lengths = self._layers.lengths
        depth = [] if lengths.gene.fixed else [lengths.position(len(genome.layers))]
        layers = self._layer_places.of_layers(genome.layers, self._num_slots)
        return [*self._places.of(self._effective(genome)), *depth, *layers]

    def _effective(self, genome: Genome) -> dict[str, Value]:
        effective = self._training.effective(genome.genes)
        if not genome.layers:
            effective.pop(BATCH_NORMALIZATION, None)  # it follows hidden layers only
        return effective
