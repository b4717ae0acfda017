"""A head on a pretrained backbone: how much of the backbone is frozen, and the dense network on what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

from genomes.axes import Axis, Places
from genomes.backbone import FACTS, Backbone, backbone_from
from genomes.genes import Gene
from genomes.genome import Encoding, Genome, GenomeError, LayerRecord, Rng, Shape, Size, Value, Variant
from genomes.mlp import MlpEncoding
from genomes.mlp_genes import FLAGS
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import SearchSpace
from genomes.transfer_genes import (
    BACKBONE,
    FROZEN_UNTIL,
    KEYS,
    OUTPUTS,
    OWN_GENES,
    PREPROCESSING,
    WEIGHTS,
    own_space,
    read_backbone,
    spelt_ends,
    transfer_catalogue,
)
from genomes.transfer_size import head_of, transfer_layer_table, transfer_size

OWN_WEIGHT = 0.3
"""How often the genes of the backbone are changed, beside the head's; the head has some ten times as many."""


@final
class TransferEncoding(Encoding):
    """A pretrained backbone with a dense head of 0 or more layers.

    A genome holds in `genes` what its backbone is (by name, and by the digest of its architecture and weights, which
    are fixed), how much of it is frozen, how its features are pooled, and all training genes of a dense network; in
    `layers` those of the head. The head is an `MlpEncoding`, whose operators do the work.

    The backbone's blocks are a table that whoever trains makes once (`is_complete`); without it genomes can be drawn
    and changed, but not weighed. Raises GenomeError, naming the gene or key.
    """

    name: ClassVar[str] = "transfer"
    facts: ClassVar[tuple[str, ...]] = (WEIGHTS, "input_shape", "blocks")

    def __init__(self, own: SearchSpace, head: MlpEncoding, *, weights: str, backbone: Backbone | None) -> None:
        self._own = own
        self._head = head
        self._weights = weights
        self._backbone = backbone
        self._places = Places(own.free)

    @classmethod
    def from_space(cls, space: Mapping[str, Any]) -> TransferEncoding:
        """The encoding that a [space] section describes: `backbone`, `weights`, and genes as in `MlpEncoding`."""
        name, weights = read_backbone(space)
        backbone = backbone_from(space)
        catalogue = transfer_catalogue(backbone)
        known = {key: data for key, data in space.items() if key not in ("encoding", *KEYS, *FLAGS)}
        genes = catalogue.read(known)
        if FROZEN_UNTIL in genes and backbone is not None:
            genes[FROZEN_UNTIL] = spelt_ends(genes[FROZEN_UNTIL], backbone)
        legal = {
            gene: values if _free_text(gene, backbone) else catalogue.legal(gene, values)
            for gene, values in genes.items()
        }
        head = {gene: values for gene, values in legal.items() if gene not in OWN_GENES}
        flags = {flag: space[flag] for flag in FLAGS if flag in space}
        own = own_space(name, backbone, legal)
        return cls(own, _head(head, flags), weights=weights, backbone=backbone)

    @property
    def is_complete(self) -> bool:
        return self._backbone is not None

    @property
    def input_shape(self) -> Shape:
        return self._backbone.input_shape if self._backbone else (32, 32, 3)

    @property
    def num_features(self) -> int | None:
        """How many numbers a head is fed whose backbone is frozen to the end and pooled; None without a table."""
        return self._backbone.blocks[-1].shape[-1] if self._backbone else None

    def for_data(self, input_shape: Shape, num_outputs: int) -> Encoding:
        """Raises GenomeError for tables, for images of another size than the backbone's table, and for fewer outputs
        than the data need.
        """
        if len(input_shape) != 3:
            raise GenomeError('a pretrained backbone takes images, and these are rows of a table; use encoding = "mlp"')
        if self._backbone is not None and tuple(input_shape) != self._backbone.input_shape:
            expected, found = (" x ".join(map(str, shape)) for shape in (self._backbone.input_shape, input_shape))
            raise GenomeError(
                f"{', '.join(FACTS)}: this table of the backbone is for images of {expected}, and the data's are "
                f"{found}; leave these keys out, and it is made again"
            )
        outputs = int(self._own.default()[OUTPUTS])
        if outputs and (outputs < num_outputs or num_outputs == 1 != outputs):
            needed = "one" if num_outputs == 1 else f"at least {num_outputs}"
            raise GenomeError(f"{OUTPUTS} = {outputs}: the data need {needed}; correct it or leave it out")
        return self

    def sample(self, rng: Rng) -> Genome:
        return self._joined(self._own.sample(rng), self._head.sample(rng))

    def default(self) -> Genome:
        return self._joined(self._own.default(), self._head.default())

    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        """The head's operators, or a step of one or a few genes of the backbone that have an effect."""
        own, head = self._parted(genome)
        effective = self._own.effective(own)
        movable = [name for name in self._own.free if name in effective]
        if movable and rng.random() < OWN_WEIGHT:
            return self._own_step(own, head, movable, rng)
        variant = self._head.mutate(head, rng)
        if variant.operator == "unchanged" and movable:
            return self._own_step(own, head, movable, rng)
        return Variant(self._joined(own, variant.genome), variant.operator)

    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        """The heads as in `MlpEncoding`; each gene of the backbone is swapped with probability one half."""
        (genes, one), (rest, other) = self._parted(first), self._parted(second)
        genes, rest = dict(genes), dict(rest)
        for name in self._own.free:
            if rng.random() < 0.5:
                genes[name], rest[name] = rest[name], genes[name]
        heads = self._head.crossover(one, other, rng)
        return self._joined(genes, heads[0]), self._joined(rest, heads[1])

    def repair(self, genome: Genome) -> Genome:
        return self._joined(self._own.clip(genome.genes), self._head.repair(head_of(genome)))

    def canonical(self, genome: Genome) -> Genome:
        own, head = self._parted(genome)
        return self._joined(self._own.effective(own), self._head.canonical(head))

    def check(self, genome: Genome) -> None:
        if genome.encoding != self.name:
            raise GenomeError(f"expected a genome of the encoding {self.name!r}, got one of {genome.encoding!r:.100}")
        own, head = self._parted(genome)
        self._own.check(own)
        self._head.check(head)

    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        """Of images of the shape that the backbone's table is for, whatever shape is given.

        Raises GenomeError where there is no table yet.
        """
        return transfer_size(genome, self._known_backbone(), num_outputs)

    def layer_table(self, genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
        """As of `size`; without a table of the backbone no layer can be told."""
        return transfer_layer_table(genome, self._backbone, num_outputs) if self._backbone else ()

    def describe(self) -> dict[str, Any]:
        head = {key: data for key, data in self._head.describe().items() if key not in ("encoding", PREPROCESSING)}
        table = self._backbone.describe() if self._backbone else {}
        own = {name: gene.describe() for name, gene in self._own.genes.items() if name in OWN_GENES}
        name = self._own.default()[BACKBONE]
        return {"encoding": self.name, BACKBONE: name, WEIGHTS: self._weights, **own, **head, **table}

    def compose(self, choose: Choose) -> Genome:
        """The genes of the backbone are chosen first."""
        own = composed(self._own, choose)
        return self._joined(own, self._head.compose(choose))

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        return (*parameters_in(self._own), *self._head.parameters(most_layers))

    def outline(self) -> SearchSpace:
        head = self._head.outline()
        spaces = (self._own, head)
        genes = {name: gene for space in spaces for name, gene in space.genes.items() if _is_own(name, space, head)}
        conditions = [each for space in spaces for conditions in space.conditions.values() for each in conditions]
        return SearchSpace(genes, conditions)

    def assembled(self, values: Mapping[str, Value]) -> Genome:
        return self._joined(self._own.clip(values), self._head.assembled({**values, PREPROCESSING: "none"}))

    def narrowed(self, genes: Mapping[str, Gene]) -> TransferEncoding:
        own = SearchSpace(
            {name: genes.get(name, gene) for name, gene in self._own.genes.items()},
            [each for conditions in self._own.conditions.values() for each in conditions],
            self._own.default(),
        )
        head = self._head.narrowed({name: gene for name, gene in genes.items() if name not in self._own.genes})
        return TransferEncoding(own, head, weights=self._weights, backbone=self._backbone)

    def axes(self) -> tuple[Axis, ...]:
        return (*self._places.axes, *self._head.axes())

    def coordinates(self, genome: Genome) -> list[float]:
        own, head = self._parted(self.canonical(genome))
        return [*self._places.of(own), *self._head.coordinates(head)]

    def _own_step(self, own: Mapping[str, Value], head: Genome, movable: list[str], rng: Rng) -> Variant:
        genes, moved = self._own.step_some(own, movable, rng)
        return Variant(self._joined(genes, head), f"change_gene:{','.join(moved)}")

    def _known_backbone(self) -> Backbone:
        if self._backbone is None:
            raise GenomeError(
                "the size of these networks is not known before the backbone's table is made, which a run does first"
            )
        return self._backbone

    def _joined(self, own: Mapping[str, Value], head: Genome) -> Genome:
        genes = {name: value for name, value in head.genes.items() if name != PREPROCESSING}
        return Genome(self.name, {**own, **genes}, head.layers)

    def _parted(self, genome: Genome) -> tuple[dict[str, Value], Genome]:
        own = {name: genome.genes[name] for name in self._own.genes if name in genome.genes}
        return own, head_of(genome)


def _head(genes: Mapping[str, Gene], flags: Mapping[str, Any]) -> MlpEncoding:
    described = {name: gene.describe() for name, gene in genes.items()}
    return MlpEncoding.from_space({"layers": 0, **described, **flags, PREPROCESSING: "none"})


def _free_text(gene: str, backbone: Backbone | None) -> bool:
    """Which block freezing ends at can be checked only where the blocks are known."""
    return gene == FROZEN_UNTIL and backbone is None


def _is_own(name: str, space: SearchSpace, head: SearchSpace) -> bool:
    """Both spaces have a gene of that name; that of the head means nothing."""
    return name != PREPROCESSING or space is not head
