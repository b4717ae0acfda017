"""A sequence of layers of variable length: how it grows, shrinks and changes, and how two of them are crossed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import GenomeError, Rng, Value
from genomes.space import SearchSpace

Layers = tuple[Mapping[str, Value], ...]

WEIGHTS = {"insert_layer": 1.0, "duplicate_layer": 1.0, "remove_layer": 2.0, "change_layer": 3.0}
"""How often each operator is drawn where all apply: as many layers come as go."""


class LayerSpace:
    """Layers that all have the same genes, and the numbers of layers that are allowed.

    layer: the genes of one layer. length: the gene of their number, its values 0 or more; where it leaves gaps (a
    choice of 1, 2 or 4), growing and shrinking go to the next allowed number. default_length: as near as allowed.
    """

    def __init__(self, layer: SearchSpace, length: Gene, default_length: int) -> None:
        self.layer = layer
        self.length = length
        self._lengths = _allowed(length)
        self._default_length = self._nearest(default_length)

    def default(self) -> Layers:
        return tuple(self.layer.default() for _ in range(self._default_length))

    def sample(self, rng: Rng) -> Layers:
        """A length drawn on its own scale (a fixed one draws nothing), then every layer on its own."""
        count = self._lengths[0] if self.length.fixed else int(self.length.sample(rng))
        return tuple(self.layer.sample(rng) for _ in range(count))

    def clip(self, layers: Sequence[Mapping[str, object]]) -> Layers:
        """The nearest valid layers: each clipped, then cut at the end or continued by its last. Never fails."""
        return self._fitted(tuple(self.layer.clip(layer) for layer in layers[: self._lengths[-1]]))

    def check(self, layers: Layers) -> None:
        """Raise GenomeError, naming layer and gene, where the layers are no point of this space."""
        if self._nearest(len(layers)) != len(layers):
            raise GenomeError(f"layers: {len(layers)} is not in {self.length}")
        for number, layer in enumerate(layers, start=1):
            self.layer.check(layer, place=f"layer {number} ")

    def operators(self, layers: Layers) -> dict[str, float]:
        """The operators that can change these layers, each with its weight."""
        count = len(layers)
        applicable = {
            "insert_layer": count < self._lengths[-1],
            "duplicate_layer": 0 < count < self._lengths[-1],
            "remove_layer": count > self._lengths[0],
            "change_layer": count > 0 and bool(self.layer.free),
        }
        return {name: WEIGHTS[name] for name, applies in applicable.items() if applies}

    def mutate(self, layers: Layers, operator: str, rng: Rng) -> tuple[Layers, str]:
        """Apply one operator of `operators(layers)`; the new layers, and what was done ("change_layer:width")."""
        count = len(layers)
        if operator == "insert_layer":
            at = rng.randrange(0, count + 1)
            new = tuple(self.layer.sample(rng) for _ in range(self._longer(count) - count))
            return layers[:at] + new + layers[at:], operator
        if operator == "remove_layer":
            at = rng.randrange(0, self._shorter(count) + 1)
            return layers[:at] + layers[at + count - self._shorter(count) :], operator
        at = rng.randrange(0, count)
        if operator == "duplicate_layer":
            return layers[:at] + (layers[at],) * (self._longer(count) - count) + layers[at:], operator
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
        count = self._nearest(len(layers))
        if count <= len(layers):
            return layers[:count]
        last = layers[-1] if layers else self.layer.default()
        return layers + (last,) * (count - len(layers))

    def _nearest(self, count: int) -> int:
        return count if count in self._lengths else min(self._lengths, key=lambda allowed: abs(allowed - count))

    def _longer(self, count: int) -> int:
        return self._lengths[bisect_right(self._lengths, count)]

    def _shorter(self, count: int) -> int:
        return self._lengths[bisect_left(self._lengths, count) - 1]


def _allowed(length: Gene) -> tuple[int, ...]:
    """The numbers of layers, ascending. Raises GenomeError where one of them is no count."""
    if isinstance(length, Float):
        raise GenomeError(f"layers: expected whole numbers, got {length}")
    values = range(length.low, length.high + 1) if isinstance(length, Int) else length.values
    if isinstance(length, Choice) and not all(type(value) is int for value in values):
        raise GenomeError(f"layers: expected whole numbers, got {length}")
    counts = tuple(sorted(int(value) for value in values))
    if counts[0] < 0:
        raise GenomeError(f"layers: expected 0 or more, got {counts[0]}")
    return counts
