"""Genomes that no encoding would make: what a careless operator, an edited file or another space might hand over."""

from __future__ import annotations

import math
from collections.abc import Iterator

from genomes.genome import Genome, Value

JUNK: tuple[Value, ...] = (
    math.nan,
    math.inf,
    -math.inf,
    -0.0,
    0,
    1,
    1.0,
    -1,
    0.5,
    1e308,
    10**400,
    -(10**400),
    True,
    False,
    "",
    "nan",
    "\x00",
)


def hostile_genomes(valid: Genome) -> Iterator[Genome]:
    """Variations of a valid genome, most of them outside any space; values are of the types that genes may have."""
    encoding, genes, layers = valid.encoding, dict(valid.genes), valid.layers
    yield Genome("", genes, layers)
    yield Genome(encoding, {}, layers)
    yield Genome(encoding, {**genes, "foreign": 1}, layers)
    yield Genome(encoding, genes, ())
    yield Genome(encoding, genes, ({},) * 7)
    yield Genome(encoding, genes, ({"foreign": 1},) * 1000)
    yield Genome(encoding, genes, layers * 50)
    for name in genes:
        yield Genome(encoding, {other: value for other, value in genes.items() if other != name}, layers)
    for junk in JUNK:
        for name in genes:
            yield Genome(encoding, {**genes, name: junk}, layers)
        for name in layers[0] if layers else ():
            yield Genome(encoding, genes, ({**layers[0], name: junk}, *layers[1:]))
