"""Dense networks of variable depth whose loss is a formula with a known best network: the regret is the score.

The genomes are those of `genomes.MlpEncoding`. Every term of a loss is zero or more, and all are zero at the best
network, so that what is best is known. The learning rate that a network likes falls with its depth and width and grows
with the batch; widths have a best taper; sigmoids hurt deep stacks; dropout suits wide layers; large rates diverge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist, fmean
from typing import Any

import numpy as np

from evo_nas.randomness import stream
from experiments.search.problem import Point
from genomes import Choice, Encoding, Float, Gene, Genome, Int, MlpEncoding, Value

MOST_LAYERS = 5
NUM_REFERENCES = 10_000
"""Random networks that a share and the median are taken from."""
LAYERS = Int(1, MOST_LAYERS)
WIDTH = Int(8, 256, "log")
ACTIVATION = Choice(("relu", "tanh", "sigmoid"))
DROPOUT = Float(0.0, 0.5)
TRAINING: Mapping[str, Gene] = {
    "learning_rate": Float(1e-4, 1e-1, "log"),
    "batch_size": Choice((16, 32, 64, 128, 256), ordinal=True),
    "l2": Float(1e-7, 1e-2, "log"),
}
LAYER: Mapping[str, Gene] = {"width": WIDTH, "activation": ACTIVATION, "dropout": DROPOUT}


@dataclass(frozen=True, slots=True)
class Network:
    """A network as the formulas see it."""

    rate: float
    batch_size: float
    l2: float
    widths: tuple[float, ...]
    activations: tuple[str, ...]
    dropouts: tuple[float, ...]


@dataclass(frozen=True)
class Landscape:
    """One landscape. A point is (learning rate, batch, l2, layers, then width, activation, dropout of each layer).

    Genes of layers beyond the depth have no effect. depth, width, taper: the best network has so many layers, the
    first so wide, each next one 2^-taper times as wide. rate_falls: decades of the best rate by layer and by doubling.
    spread: of the logarithm of (loss - floor) between seeds. penalty: of the wrong depth, per layer squared.
    """

    name: str
    depth: int
    width: float
    taper: float
    rate_falls: tuple[float, float]
    spread: float
    penalty: float
    floor: float = 0.1

    @cached_property
    def encoding(self) -> Encoding:
        return MlpEncoding({"layers": LAYERS, **LAYER, **TRAINING})

    @cached_property
    def genes(self) -> Mapping[str, Gene]:
        layers = {f"{name}_{n}": gene for n in range(1, MOST_LAYERS + 1) for name, gene in LAYER.items()}
        return {**TRAINING, "layers": LAYERS, **layers}

    def point_of(self, genome: Genome) -> Point:
        training = [_placed(gene, genome.genes[name]) for name, gene in TRAINING.items()]
        layers: list[Value] = []
        for n in range(MOST_LAYERS):
            layer = genome.layers[min(n, len(genome.layers) - 1)]
            layers += [_placed(gene, layer[name]) for name, gene in LAYER.items()]
        return (*training, len(genome.layers), *layers)

    def value(self, point: Point, luck: float) -> float:
        """One number of luck decides both the noise and, in its highest part, whether the training diverges."""
        network = network_of(point)
        held = 1.0 - self._divergence(network)
        if luck >= held:
            return 50.0 * self.floor * (1.0 + 20.0 * (luck - held))
        noise = NormalDist().inv_cdf(min(max(luck / held, 1e-9), 1 - 1e-9))
        return self.floor + self._excess(network) * math.exp(self.spread * noise)

    def truth(self, point: Point) -> float:
        """What trainings of the point return in the median of those that hold."""
        return self.floor + self._excess(network_of(point))

    def share(self, point: Point) -> float:
        return float(np.searchsorted(self._references, self.truth(point))) / NUM_REFERENCES

    def regret(self, point: Point) -> float:
        return (self.truth(point) - self._best) / (float(np.median(self._references)) - self._best)

    def is_optimum(self, point: Point) -> bool:
        return self.truth(point) <= self._best

    @property
    def best_network(self) -> Network:
        """Where every term is zero."""
        widths = tuple(self.width * 2 ** (-self.taper * n) for n in range(self.depth))
        batch = 64.0
        return Network(
            rate=10 ** self._best_rate(widths, batch),
            batch_size=batch,
            l2=1e-5,
            widths=widths,
            activations=("relu",) * self.depth,
            dropouts=tuple(_best_dropout(width) for width in widths),
        )

    @property
    def _best(self) -> float:
        return self.floor + SMALLEST

    @cached_property
    def _references(self) -> Any:
        rng = stream("landscape", self.name)
        return np.sort([self.truth(self.point_of(self.encoding.sample(rng))) for _ in range(NUM_REFERENCES)])

    def _best_rate(self, widths: tuple[float, ...], batch_size: float) -> float:
        by_layer, by_doubling = self.rate_falls
        size = fmean(math.log2(width) for width in widths)
        return -2.0 - by_layer * (len(widths) - 1) - by_doubling * (size - 5) + 0.4 * math.log10(batch_size / 64)

    def _away(self, network: Network) -> float:
        return math.log10(network.rate) - self._best_rate(network.widths, network.batch_size)

    def _divergence(self, network: Network) -> float:
        return 0.95 / (1.0 + math.exp(-8.0 * (self._away(network) - 1.2)))

    def _excess(self, network: Network) -> float:
        """The loss above the floor; `SMALLEST` at the best network."""
        targets = [math.log2(self.width) - self.taper * n for n in range(len(network.widths))]
        widths = fmean(
            max(math.log2(width) - target, 0.6 * (target - math.log2(width))) ** 2
            for width, target in zip(network.widths, targets, strict=True)
        )
        wrong = fmean({"relu": 0.0, "tanh": 0.3, "sigmoid": 1.0}[each] for each in network.activations)
        dropouts = fmean(
            (dropout - _best_dropout(width)) ** 2
            for dropout, width in zip(network.dropouts, network.widths, strict=True)
        )
        return (
            SMALLEST
            + 0.1 * math.log1p(2.0 * self._away(network) ** 2)
            + 0.03 * math.log1p(widths)
            + self.penalty * (len(network.widths) - self.depth) ** 2
            + 0.04 * wrong * len(network.widths)
            + 0.3 * dropouts
            + 0.004 * (math.log10(network.l2) + 5.0) ** 2
            + 0.006 * math.log2(network.batch_size / 64) ** 2
        )


SMALLEST = 0.02
"""What noise there is at the best network is a share of this."""
LANDSCAPES = {
    landscape.name: landscape
    for landscape in (
        Landscape("landscape_tapered", 3, 128.0, 1.0, (0.25, 0.1), 0.1, 0.02),
        Landscape("landscape_deep", 5, 32.0, 0.0, (0.35, 0.05), 0.05, 0.01),
        Landscape("landscape_noisy", 2, 200.0, 0.5, (0.1, 0.2), 0.5, 0.005),
    )
}


def network_of(point: Point) -> Network:
    """What a point means. Genes of layers beyond its depth are left out."""
    values = [*point]
    rate, batch, l2 = (_meant(gene, value) for gene, value in zip(TRAINING.values(), values, strict=False))
    depth = int(values[3])
    layers = [values[4 + 3 * n : 7 + 3 * n] for n in range(depth)]
    return Network(
        rate=float(rate),
        batch_size=float(batch),
        l2=float(l2),
        widths=tuple(float(layer[0]) for layer in layers),
        activations=tuple(str(_meant(ACTIVATION, layer[1])) for layer in layers),
        dropouts=tuple(float(layer[2]) for layer in layers),
    )


def _best_dropout(width: float) -> float:
    return 0.05 * max(math.log2(width) - 4.0, 0.0)


def _placed(gene: Gene, value: Value) -> Value:
    return gene.values.index(value) if isinstance(gene, Choice) else value


def _meant(gene: Gene, value: Value) -> Value:
    return gene.values[int(value)] if isinstance(gene, Choice) else value
