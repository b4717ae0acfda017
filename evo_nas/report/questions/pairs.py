"""Two individuals side by side: gene by gene, layer by layer, number by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evo_nas.history.lineage import ancestors
from evo_nas.individual import Evaluated, Individual
from genomes import Genome, Value, aligned

Cell = Value | None


@dataclass(frozen=True, slots=True)
class Row:
    """what: a gene, "layer 2 width", or a number of the outcome. None: that side has no such thing."""

    what: str
    first: Cell
    second: Cell

    @property
    def differs(self) -> bool:
        return self.first != self.second


def gene_rows(first: Genome, second: Genome) -> list[Row]:
    """Every gene of either, given canonical forms; layers as they are aligned, numbered as in the second (one that only
    the first has, as there).
    """
    rows = list(_genes("", first.genes, second.genes))
    for before, after in aligned(first.layers, second.layers):
        number = after if after is not None else before
        assert number is not None, "a pair has a side"
        place = f"layer {number + 1} " + ("(removed) " if after is None else "(inserted) " if before is None else "")
        rows.extend(_genes(place, _layer(first, before), _layer(second, after)))
    return rows


def outcome_rows(first: Evaluated, second: Evaluated) -> list[Row]:
    """Status, every metric, size, seconds and how often each was measured again."""
    ours, theirs = first.outcome, second.outcome
    names = dict.fromkeys([*ours.metrics, *theirs.metrics])
    return [
        Row("status", str(ours.status), str(theirs.status)),
        *(Row(name, ours.metrics.get(name), theirs.metrics.get(name)) for name in names),
        Row("parameters", ours.parameters, theirs.parameters),
        Row("flops", ours.flops, theirs.flops),
        Row("seconds", ours.seconds, theirs.seconds),
    ]


def common_ancestors(individuals: Mapping[int, Individual], first: int, second: int) -> list[int]:
    """The nearest: ancestors of both (an individual is one of its own here) that are no ancestor of another such."""
    common = set(_family(individuals, first)) & set(_family(individuals, second))
    older = {ancestor for each in common for ancestor in individuals[each].parents}
    return sorted(common - older)


def _family(individuals: Mapping[int, Individual], number: int) -> Sequence[int]:
    return [*ancestors(individuals, number), number]


def _layer(genome: Genome, place: int | None) -> Mapping[str, Value]:
    return {} if place is None else genome.layers[place]


def _genes(place: str, first: Mapping[str, Value], second: Mapping[str, Value]) -> Iterator[Row]:
    for name in dict.fromkeys([*second, *first]):
        yield Row(place + name, first.get(name), second.get(name))
