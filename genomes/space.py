"""A search space: named genes, and the conditions under which a gene has an effect."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from genomes.genes import Gene
from genomes.genome import GenomeError, Rng, Value

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Condition:
    """`gene` has an effect only where the gene `on` has one of `values` (or, if `unless`, none of them)."""

    gene: str
    on: str
    values: tuple[Value, ...]
    unless: bool = False


class SearchSpace:
    """Named genes with their conditions, the step of a mutation, and the default point.

    A gene has an effect where all its conditions hold and the genes they name have an effect themselves. Values of
    genes without effect are kept, so that a switch back remembers them; `effective` leaves them out.

    Raises GenomeError for a condition on an unknown or a later gene.
    """

    def __init__(
        self, genes: Mapping[str, Gene], conditions: Sequence[Condition] = (), defaults: Values | None = None
    ) -> None:
        self.genes = dict(genes)
        self.free = {name: gene for name, gene in self.genes.items() if not gene.fixed}
        self._default = {name: gene.clip((defaults or {}).get(name)) for name, gene in self.genes.items()}
        self._conditions = self._in_order(conditions)
        self._can_be_zero = tuple(name for name, gene in self.genes.items() if gene.contains(0.0))

    @property
    def conditions(self) -> Mapping[str, Sequence[Condition]]:
        """Name of a gene -> the conditions under which it has an effect, all of which must hold."""
        return self._conditions

    def default(self) -> dict[str, Value]:
        """The defaults, each as near as its gene allows; the first or lowest value where none was given."""
        return self._default.copy()

    def sample(self, rng: Rng) -> dict[str, Value]:
        """Every free gene drawn uniformly on its own scale."""
        values = self._default.copy()
        for name, gene in self.free.items():
            values[name] = gene.sample(rng)
        return values

    def clip(self, values: Mapping[str, object]) -> dict[str, Value]:
        """The nearest valid values: missing genes at their default, foreign ones left out. Never fails."""
        clipped = self._default.copy()
        for name, gene in self.free.items():
            if name in values:
                clipped[name] = gene.clip(values[name])
        return clipped

    def effective(self, values: Values) -> dict[str, Value]:
        """The values that have an effect, in the order of the genes; -0.0 as 0.0. Missing genes are without effect."""
        kept = {name: values[name] for name in self.genes if name in values}
        for gene in self._can_be_zero:
            if kept.get(gene) == 0.0:
                kept[gene] = 0.0
        for gene in self._conditions:
            if not self.takes_effect(gene, kept):
                kept.pop(gene, None)
        return kept

    def takes_effect(self, gene: str, effective: Values) -> bool:
        """Whether a gene has an effect, given the values of the earlier genes that have one."""
        for condition in self._conditions.get(gene, ()):
            if condition.on not in effective or (effective[condition.on] in condition.values) is condition.unless:
                return False
        return True

    def step_some(self, values: Values, names: Sequence[str], rng: Rng) -> tuple[dict[str, Value], tuple[str, ...]]:
        """Step one or a few of the named free genes; the new values and the names of the genes that moved.

        How many: k with probability proportional to k^-1.5, so that most children are one step away and some are
        far (the heavy tail of Doerr et al. 2017, "Fast genetic algorithms").
        """
        cumulative = _heavy_tail(len(names))
        count = 1 + bisect(cumulative, rng.random() * cumulative[-1], hi=len(names) - 1)
        moved = _drawn(names, count, rng)
        return {**values, **{name: self.genes[name].step(values[name], rng) for name in moved}}, moved

    def check(self, values: Values, place: str = "") -> None:
        """Raise GenomeError, naming place and gene, where the values are no point of this space."""
        for name, gene in self.genes.items():
            if name not in values:
                raise GenomeError(f"{place}{name} is missing")
            if not gene.contains(values[name]):
                raise GenomeError(f"{place}{name}: {values[name]!r:.100} is not in {gene}")
        for name in values:
            if name not in self.genes:
                raise GenomeError(f"{place}{name!r} is no gene of this space; its genes are {', '.join(self.genes)}")

    def describe(self) -> dict[str, object]:
        """Plain data, gene by gene, that `gene_from` reads back."""
        return {name: gene.describe() for name, gene in self.genes.items()}

    def _in_order(self, conditions: Sequence[Condition]) -> dict[str, tuple[Condition, ...]]:
        order = {name: index for index, name in enumerate(self.genes)}
        for condition in conditions:
            if condition.gene not in order or condition.on not in order:
                raise GenomeError(f"{condition}: expected genes of this space, which are {', '.join(order)}")
            if order[condition.on] >= order[condition.gene]:
                raise GenomeError(f"{condition}: expected {condition.on!r} to stand before {condition.gene!r}")
        conditional = sorted({condition.gene for condition in conditions}, key=order.__getitem__)
        return {name: tuple(c for c in conditions if c.gene == name) for name in conditional}


@cache
def _heavy_tail(limit: int) -> tuple[float, ...]:
    return tuple(accumulate(k**-1.5 for k in range(1, limit + 1)))


def _drawn(names: Sequence[str], count: int, rng: Rng) -> tuple[str, ...]:
    """`count` different names, by the first steps of a Fisher-Yates shuffle."""
    if count == 1:
        return (rng.choice(names),)
    rest = list(names)
    for index in range(count):
        other = rng.randrange(index, len(rest))
        rest[index], rest[other] = rest[other], rest[index]
    return tuple(rest[:count])
