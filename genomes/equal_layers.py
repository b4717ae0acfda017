"""A sequence of layers that are all equal: one width, one activation, one dropout for the whole network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from genomes.genes import Gene
from genomes.genome import GenomeError, Rng
from genomes.layers import Layers, LayerSpace, applicable
from genomes.lengths import Lengths
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import SearchSpace


@final
class EqualLayerSpace:
    """As `LayerSpace`, whose points with equal layers are the points of this space; the operators keep them equal."""

    def __init__(self, layer: SearchSpace, length: Gene, default_length: int) -> None:
        self.layer = layer
        self.lengths = Lengths(length)
        self._any = LayerSpace(layer, length, default_length)

    def default(self) -> Layers:
        return self._any.default()

    def sample(self, rng: Rng) -> Layers:
        """A length drawn on its own scale (a fixed one draws nothing), then one layer, however many there are."""
        count = self.lengths.sample(rng)
        return (self.layer.sample(rng),) * count

    def compose(self, choose: Choose) -> Layers:
        """The length is chosen first, then one layer, if there is any."""
        count = self.lengths.compose(choose)
        return (composed(self.layer, choose),) * count if count else ()

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        """Those of the length and of the one layer, however many there are."""
        return (*self.lengths.parameters(), *parameters_in(self.layer))

    def clip(self, layers: Sequence[Mapping[str, object]]) -> Layers:
        """As `LayerSpace.clip`; a layer that then differs from the first becomes like it. Never fails."""
        clipped = self._any.clip(layers)
        return tuple(layer if layer == clipped[0] else clipped[0] for layer in clipped)

    def check(self, layers: Layers) -> None:
        """Raise GenomeError, naming layer and gene, where the layers are no point of this space."""
        self._any.check(layers)
        for number, layer in enumerate(layers, start=1):
            for name, value in layer.items():
                if value != layers[0][name]:
                    raise GenomeError(
                        f"layer {number} {name}: {value!r} is not {layers[0][name]!r} as in layer 1; "
                        "in this space all layers are equal (equal_layers = true)"
                    )

    def operators(self, layers: Layers) -> dict[str, float]:
        return applicable(len(layers), self.lengths, self.layer)

    def mutate(self, layers: Layers, operator: str, rng: Rng) -> tuple[Layers, str]:
        """As `LayerSpace.mutate`: what is inserted repeats the layer that is there, and all layers change alike."""
        count = len(layers)
        if operator == "remove_layer":
            return layers[: self.lengths.shorter(count)], operator
        if operator == "change_layer":
            changed, done = self._any.mutate(layers[:1], operator, rng)
            return changed * count, done
        layer = layers[0] if layers else self.layer.sample(rng)
        return (layer,) * self.lengths.longer(count), operator

    def crossover(self, first: Layers, second: Layers, rng: Rng) -> tuple[Layers, Layers]:
        """Each child has the layer of one parent, the other child that of the other.

        One is as long as a parent or something between, the other has what is left of both lengths. Equal parents have
        themselves for children.
        """
        shorter, longer = sorted((len(first), len(second)))
        count = rng.randrange(shorter, longer + 1)
        one, other = (first, second) if rng.random() < 0.5 else (second, first)
        return self._repeated(one or other, count), self._repeated(other or one, shorter + longer - count)

    def _repeated(self, layers: Layers, count: int) -> Layers:
        return layers[:1] * self.lengths.nearest(count)
