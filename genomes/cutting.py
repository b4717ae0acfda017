"""The values at which a grid looks at a gene."""

from __future__ import annotations

import math

from genomes.genes import Choice, Float, Gene, Int
from genomes.genome import Value

DIGITS = 12
"""Of what lies between the ends of a range: the middle of 0.001 and 0.1 on a log scale is 0.01, and not a hair off."""


def cut(gene: Gene, points: int) -> tuple[Value, ...]:
    """Values of a gene, each once: all of a choice; of a range so many, evenly apart on its own scale.

    points: 1 or more. Both ends of a range are among them; a single one is the middle. Whole numbers are rounded, and
    a range of fewer whole numbers than points gives all of them.
    """
    if isinstance(gene, Choice):
        return gene.values
    if gene.fixed:
        return (gene.low,)
    if isinstance(gene, Int) and len(gene.values) <= points:
        return tuple(gene.values)
    if points == 1:
        return (_between(gene, 0.5),)
    inner = [_between(gene, number / (points - 1)) for number in range(1, points - 1)]
    return tuple(dict.fromkeys((gene.low, *inner, gene.high)))


def _between(gene: Float | Int, share: float) -> Value:
    if gene.scale == "log":
        place = math.exp(math.log(gene.low) * (1.0 - share) + math.log(gene.high) * share)
    else:
        place = gene.low * (1.0 - share) + gene.high * share
    return gene.clip(float(f"{place:.{DIGITS}g}"))
