"""The smallest space of dense networks in which given ones lie: what a list of networks is a sample of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from genomes.genome import Genome, Value
from genomes.mlp_genes import LAYER_GENES, TRAINING_GENES

DECADES = 10.0
"""A range of positive numbers that spans so many times its low end is looked at on a log scale."""


def spanning_space(genomes: Sequence[Genome]) -> dict[str, Any]:
    """A [space] section that `MlpEncoding.from_space` reads, and that every one of the genomes is a point of.

    Numbers become the range from the smallest to the largest, texts and booleans the values that occur; a gene that
    never varies is fixed. genomes: dense, complete, at least one.
    """
    layers = [layer for genome in genomes for layer in genome.layers]
    space: dict[str, Any] = {"encoding": "mlp", "layers": _gene([len(genome.layers) for genome in genomes])}
    for name, entry in LAYER_GENES.items():
        space[name] = _gene([layer[name] for layer in layers] or [entry.default])
    for name in TRAINING_GENES:
        space[name] = _gene([genome.genes[name] for genome in genomes])
    return space


def _gene(values: Iterable[Value]) -> Any:
    distinct = sorted(set(values), key=lambda value: (str(type(value)), value))
    low, high = distinct[0], distinct[-1]
    if len(distinct) == 1:
        return low
    if isinstance(low, str | bool) or isinstance(high, str | bool):
        return distinct
    scale = "log" if low > 0 and high >= DECADES * low else "linear"
    return {"low": low, "high": high, "scale": scale}
