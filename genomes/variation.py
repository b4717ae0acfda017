"""Parts of the operators that several encodings share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genomes.genome import Rng, Value
from genomes.space import SearchSpace

Genes = Mapping[str, Value]


def drawn(weights: Mapping[str, float], rng: Rng) -> str:
    """One of the names, at least one, each as likely as its weight says."""
    point = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        point -= weight
        if point < 0.0:
            return name
    return name


def free_groups(space: SearchSpace, together: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The free genes that crossover swaps, in the order of the space; a gene of no group is one of its own."""
    group_of = {name: tuple(group) for group in together for name in group}
    groups = dict.fromkeys(group_of.get(name, (name,)) for name in space.free)
    return tuple(tuple(name for name in group if name in space.free) for group in groups)


def swapped(first: Genes, second: Genes, groups: Sequence[Sequence[str]], rng: Rng) -> tuple[Genes, Genes]:
    """Uniform crossover: each group changes places with probability 1/2."""
    genes, rest = dict(first), dict(second)
    for group in groups:
        if rng.random() < 0.5:
            for name in group:
                genes[name], rest[name] = rest[name], genes[name]
    return genes, rest
