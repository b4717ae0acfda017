"""A gene drawn together around values that did well."""

from __future__ import annotations

import math
from collections.abc import Sequence

from genomes.cutting import DIGITS
from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import Value

FEWEST = 2
"""Values below which nothing can be said of a gene."""


def narrowed(gene: Gene, values: Sequence[Value]) -> Gene:
    """The part of a gene that its values come from, as far as can be told from them; never more than the gene itself.

    A range ends where the values do, and a mean gap between them further out, on the gene's own scale: of n values
    drawn uniformly the outermost lie that much inside their range, so that a gene on which nothing depends keeps its
    range on average. An ordinal choice keeps the values between the outermost ones, any other choice those that occur.
    With fewer than two values the gene stays as it is.
    """
    if len(values) < FEWEST or gene.fixed:
        return gene
    if isinstance(gene, Choice):
        return _fewer(gene, values)
    low, high = _ends([_place(gene, value) for value in values])
    start, stop = _at(gene, low), _at(gene, high)
    if isinstance(gene, Int):
        return _whole(gene, start, stop)
    return Float(gene.clip(start), gene.clip(stop), gene.scale)


def _whole(gene: Int, start: float, stop: float) -> Int:
    """The shortest range of the gene's values that holds both ends."""
    before, after = (number - gene.low for number in (start, stop))
    low = gene.low + gene.stride * math.floor(before / gene.stride)
    high = gene.low + gene.stride * math.ceil(after / gene.stride)
    return Int(gene.clip(low), gene.clip(high), gene.scale, gene.stride)


def _fewer(gene: Choice, values: Sequence[Value]) -> Choice:
    places = [gene.values.index(value) for value in values]
    if gene.ordinal:
        return Choice(gene.values[min(places) : max(places) + 1], ordinal=True)
    return Choice(tuple(value for place, value in enumerate(gene.values) if place in places))


def _ends(places: Sequence[float]) -> tuple[float, float]:
    gap = (max(places) - min(places)) / (len(places) - 1)
    return min(places) - gap, max(places) + gap


def _place(gene: Float | Int, value: Value) -> float:
    number = float(gene.clip(value))
    return math.log(number) if gene.scale == "log" else number


def _at(gene: Float | Int, place: float) -> float:
    """Rounded, so that 16 does not become 15 by a hair."""
    number = math.exp(min(place, math.log(gene.high))) if gene.scale == "log" else place
    return float(f"{number:.{DIGITS}g}")
