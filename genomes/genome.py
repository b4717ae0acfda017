"""The contract: what a genome is, and what an encoding must do with it.

A genome is a value. It holds genes (network-wide numbers and choices) and a sequence of layers of any length, each with
genes of its own; encodings without layers leave the sequence empty. An encoding is a search space that knows how to
draw, vary and repair genomes. `checks.check_encoding` states its laws and tests them.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from genomes.showing import genome_html, genome_text

if TYPE_CHECKING:
    from genomes.axes import Axis
    from genomes.genes import Gene
    from genomes.parameters import Choose, Parameter
    from genomes.space import SearchSpace

Value = bool | int | float | str
Shape = tuple[int, ...]
"""Of one row as a network takes it: (30,) for a table, (28, 28, 1) for images (height, width, channels)."""
T = TypeVar("T")


class GenomeError(ValueError):
    """A genome or a space that cannot be used. The text says what was expected, what came, and where."""


class Rng(Protocol):
    """What an operator draws from: a `random.Random`, or the module `random` while a keyed stream is lent to it."""

    def random(self) -> float: ...
    def randrange(self, start: int, stop: int, /) -> int: ...
    def gauss(self, mu: float, sigma: float, /) -> float: ...
    def choice(self, seq: Sequence[T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Genome:
    """A point of a search space. Treat the mappings as read-only; every operator returns a new genome."""

    encoding: str
    genes: Mapping[str, Value]
    layers: tuple[Mapping[str, Value], ...] = ()

    def __str__(self) -> str:
        return genome_text(self)

    def _repr_html_(self) -> str:
        return genome_html(self)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; `from_json` is the inverse, to the bit."""
        return {
            "encoding": self.encoding,
            "genes": dict(self.genes),
            "layers": [dict(layer) for layer in self.layers],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Genome:
        """Raises GenomeError where the data is not a genome."""
        try:
            encoding, genes, layers = (
                data["encoding"],
                dict(data["genes"]),
                tuple(dict(d) for d in data["layers"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GenomeError(f'expected a genome as {{"encoding", "genes", "layers"}}, got {data!r:.200}') from error
        values = [value for mapping in (genes, *layers) for value in mapping.values()]
        if not isinstance(encoding, str) or not all(isinstance(value, Value) for value in values):
            raise GenomeError(f"expected genes that are numbers, texts or booleans, got {data!r:.200}")
        return cls(encoding, genes, layers)


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical_json(data: Any) -> str:
    """The same text for the same data: sorted keys, no spaces, no NaN."""
    return _encode(data)


def fingerprint_of(canonical: Genome) -> str:
    """The fingerprint of a genome that is in canonical form already."""
    data = {"encoding": canonical.encoding, "genes": canonical.genes, "layers": canonical.layers}
    return hashlib.blake2b(canonical_json(data).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Variant:
    """A mutated genome and the name of the operator that made it, such as "insert_layer"."""

    genome: Genome
    operator: str


@dataclass(frozen=True, slots=True)
class Size:
    """What a network will cost, known before anything is built.

    parameters: as Keras counts them, batch normalisation's moving statistics included.
    flops: multiply-adds counted as two, for the inference of one row.
    training_bytes: predicted peak of weights, gradients, optimizer slots, best copy and one batch's activations.
    """

    parameters: int
    flops: int
    training_bytes: int


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One layer of a network, known before anything is built.

    name: unique in its network. kind: "input", "dense", "activation", "dropout", "convolution", "depthwise
    convolution", "batch normalization", "pooling", "add", "crop", "flatten", "backbone", ... shape: of its output for
    one row, such as (110,) or (28, 28, 32). parameters: as Keras counts them. detail: a few words, such as "relu" or
    "5 × 5". inputs: names of the layers it reads, where that is not the one before it alone.
    """

    name: str
    kind: str
    shape: Shape
    parameters: int
    detail: str = ""
    inputs: tuple[str, ...] = ()


class Encoding(ABC):
    """A search space of genomes. Subclasses are final; every operator is total and returns a valid genome."""

    name: ClassVar[str]
    facts: ClassVar[tuple[str, ...]] = ()
    """Keys of `describe` that say something of the data or of the space and are no genes."""

    @abstractmethod
    def sample(self, rng: Rng) -> Genome:
        """A random valid genome, each gene drawn uniformly on its own scale."""

    @abstractmethod
    def default(self) -> Genome:
        """The point that a practitioner would try first, as near as the space allows."""

    @abstractmethod
    def mutate(self, genome: Genome, rng: Rng) -> Variant:
        """A valid genome a step away. It differs in canonical form unless the space has only one point."""

    @abstractmethod
    def crossover(self, first: Genome, second: Genome, rng: Rng) -> tuple[Genome, Genome]:
        """Two valid children; parents of unequal length are aligned."""

    @abstractmethod
    def repair(self, genome: Genome) -> Genome:
        """The nearest valid genome: values clipped to their genes, missing genes filled, foreign ones dropped.

        Valid genomes come back equal. This is what admits the children of operators that know nothing of the space.
        """

    @abstractmethod
    def canonical(self, genome: Genome) -> Genome:
        """The genome without the genes that have no effect (momentum under adam): equal networks, equal forms."""

    @abstractmethod
    def check(self, genome: Genome) -> None:
        """Raise GenomeError, naming gene and place, where the genome is not a point of this space."""

    @abstractmethod
    def size(self, genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
        """Parameters, FLOPs and bytes of the network for rows of a shape and that many output units."""

    def layer_table(self, genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
        """The layers of the network in the order in which they are built; empty where the encoding cannot tell.

        Their parameters add up to those of `size`.
        """
        return ()

    @property
    def input_shape(self) -> Shape:
        """A shape of rows that every network of the space can take: that of the data, where the space knows them."""
        return (1,)

    @property
    def is_complete(self) -> bool:
        """Whether the space says all that a search needs. Where it does not, training can tell the missing keys once
        the data are known, and the space is read again with them.
        """
        return True

    def for_data(self, input_shape: Shape, num_outputs: int) -> Encoding:
        """The same space for the data that its networks are trained on; `describe` holds what it learnt of them.

        Raises GenomeError where its networks cannot take such rows.
        """
        return self

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The space as plain data that the encoding's own reader accepts: what a settings file would hold."""

    @abstractmethod
    def axes(self) -> tuple[Axis, ...]:
        """What the numbers of `coordinates` mean, one by one; a fixed gene has none."""

    @abstractmethod
    def coordinates(self, genome: Genome) -> Sequence[float]:
        """Where a valid genome lies, a number for each axis; NaN for a gene without effect.

        Equal canonical forms lie at the same place. Different ones may, where a long network is looked at in slots.
        """

    def compose(self, choose: Choose) -> Genome:
        """The genome whose free genes are chosen one after the other, each only where it has an effect, once those are
        known that this depends on. What is chosen is clipped to its gene; what has no effect has its default.

        Raises GenomeError where the encoding does not offer this; searches by parameters then cannot use it.
        """
        raise GenomeError(f"the encoding {self.name!r} does not name its parameters (`compose`)")

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        """Every parameter that `compose` may ask for, but for those of layers beyond so many.

        Raises what `compose` does.
        """
        raise GenomeError(f"the encoding {self.name!r} does not name its parameters (`parameters`)")

    def outline(self) -> SearchSpace:
        """All genes side by side with their conditions, as they are where all layers of a genome are equal.

        Raises GenomeError where the encoding does not tell: grids and narrowed ranges need it.
        """
        raise self._untold("outline")

    def assembled(self, values: Mapping[str, Value]) -> Genome:
        """The genome with a value for each gene of the outline, and as many equal layers as they say.

        values: valid; genes that are missing, having no effect, get their defaults. Raises what `outline` does.
        """
        raise self._untold("assembled")

    def narrowed(self, genes: Mapping[str, Gene]) -> Encoding:
        """The part of this space in which some genes of the outline have fewer values. Its genomes are points of this
        space, with the same canonical forms. Raises what `outline` does.
        """
        raise self._untold("narrowed")

    def _untold(self, method: str) -> GenomeError:
        return GenomeError(
            f"the encoding {self.name!r} has no method {method!r}, by which strategies such as grid and coarse_to_fine "
            "learn its genes; write one, or take another strategy"
        )

    def fingerprint(self, genome: Genome) -> str:
        """32 hexadecimal digits of the canonical form: equal for genomes that build and train equally."""
        return fingerprint_of(self.canonical(genome))
