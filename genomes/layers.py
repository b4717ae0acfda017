"""A sequence of layers of variable length: how it grows, shrinks and changes, and how two of them are crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from genomes.genes import Gene
from genomes.genome import Rng, Value
from genomes.lengths import Lengths
from genomes.parameters import Choose, Parameter, composed, parameters_in
from genomes.space import SearchSpace

Layers = tuple[Mapping[str, Value], ...]

WEIGHTS = {"insert_layer": 1.0, "duplicate_layer": 1.0, "remove_layer": 2.0, "change_layer": 3.0}
"""How often each operator is drawn where all apply: as many layers come as go."""


@final
class LayerSpace:
    """Layers that all have the same genes, and the numbers of layers that are allowed.

    layer: the genes of one layer. length: the gene of their number, its values 0 or more; where it leaves gaps (a
    choice of 1, 2 or 4), growing and shrinking go to the next allowed number. default_length: as near as allowed.
    """

    def __init__(self, layer: SearchSpace, length: Gene, default_length: int) -> None:
        self.layer = layer
        self.lengths = Lengths(length)
        self._default_length = self.lengths.nearest(default_length)

    def default(self) -> Layers:
        return tuple(self.layer.default() for _ in range(self._default_length))

    def sample(self, rng: Rng) -> Layers:
        """A length drawn on its own scale (a fixed one draws nothing), then every layer on its own."""
        return tuple(self.layer.sample(rng) for _ in range(self.lengths.sample(rng)))

    def compose(self, choose: Choose) -> Layers:
        """The length is chosen first, then layer by layer."""
        return tuple(composed(self.layer, choose, place) for place in range(self.lengths.compose(choose)))

    def parameters(self, most_layers: int) -> tuple[Parameter, ...]:
        """Those of the length, then of every layer that there may be, up to so many."""
        places = range(min(self.lengths.highest, most_layers))
        layers = [each for place in places for each in parameters_in(self.layer, place)]
        return (*self.lengths.parameters(), *layers)

    def clip(self, layers: Sequence[Mapping[str, object]]) -> Layers:
        """The nearest valid layers: each clipped, then cut at the end or continued by its last. Never fails."""
        return self._fitted(tuple(self.layer.clip(layer) for layer in layers[: self.lengths.highest]))

    def check(self, layers: Layers) -> None:
        """Raise GenomeError, naming layer and gene, where the layers are no point of this space."""
        self.lengths.check(len(layers))
        for number, layer in enumerate(layers, start=1):
            self.layer.check(layer, place=f"layer {number} ")

    def operators(self, layers: Layers) -> dict[str, float]:
        """The operators that can change these layers, each with its weight."""
        return applicable(len(layers), self.lengths, self.layer)

    def mutate(self, layers: Layers, operator: str, rng: Rng) -> tuple[Layers, str]:
        """Apply one operator of `operators(layers)`; the new layers, and what was done ("change_layer:width")."""
        count = len(layers)
        if operator == "insert_layer":
            at = rng.randrange(0, count + 1)
            new = tuple(self.layer.sample(rng) for _ in range(self.lengths.longer(count) - count))
            return layers[:at] + new + layers[at:], operator
        if operator == "remove_layer":
            at = rng.randrange(0, self.lengths.shorter(count) + 1)
            return layers[:at] + layers[at + count - self.lengths.shorter(count) :], operator
        at = rng.randrange(0, count)
        if operator == "duplicate_layer":
            return layers[:at] + (layers[at],) * (self.lengths.longer(count) - count) + layers[at:], operator
        name = rng.choice(tuple(self.layer.free))
        changed = {**layers[at], name: self.layer.genes[name].step(layers[at][name], rng)}
        return (*layers[:at], changed, *layers[at + 1 :]), f"change_layer:{name}"

    def crossover(self, first: Layers, second: Layers, rng: Rng) -> tuple[Layers, Layers]:
        """Lay both sequences on [0, 1], cut them at one point, and swap what follows.

        Layers meet layers of the same relative depth, and both children are as long as one of the parents or
        something between. Equal parents have themselves for children.
        """
        cut = rng.random()
        here, there = int(cut * len(first) + 0.5), int(cut * len(second) + 0.5)
        children = first[:here] + second[there:], second[:there] + first[here:]
        return self._fitted(children[0]), self._fitted(children[1])

    def _fitted(self, layers: Layers) -> Layers:
        count = self.lengths.nearest(len(layers))
        if count <= len(layers):
            return layers[:count]
        last = layers[-1] if layers else self.layer.default()
        return layers + (last,) * (count - len(layers))


def applicable(count: int, lengths: Lengths, layer: SearchSpace) -> dict[str, float]:
    """The operators that can change so many layers, each with its weight."""
    applies = {
        "insert_layer": count < lengths.highest,
        "duplicate_layer": 0 < count < lengths.highest,
        "remove_layer": count > lengths.lowest,
        "change_layer": count > 0 and bool(layer.free),
    }
    return {name: WEIGHTS[name] for name, can in applies.items() if can}
