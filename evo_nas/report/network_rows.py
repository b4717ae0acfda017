"""What a picture or a table of a network shows: its layers, those that repeat themselves folded, the rest in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod

from genomes import LayerRecord

MOST_ROWS = 60
"""Rows that a picture has at most; a deeper network shows its beginning and its end."""
BACKBONE = "backbone"
"""The kind of a pretrained block. Its detail is "frozen" or "thawed", which is followed by its name in a row."""
ALIKE = 3
"""So many equal blocks in a row are shown as one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, or as many equal ones as `times` says, or, where `kind` is "", so many that are left out.

    parameters: of one of them; of all that are left out together. begins: whether a block of layers begins here.
    joined: whether it reads the row above. skips: how many rows further up the others stand that it reads, where those
    are shown; at least 2.
    """

    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    times: int = 1
    begins: bool = False
    joined: bool = True
    skips: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        """Numbers that it hands on for one row of data."""
        return prod(self.shape)


def rows_of(table: Sequence[LayerRecord], most: int = MOST_ROWS) -> list[Row]:
    """The rows of a network, at most `most` (4 or more). Their parameters, times included, add up to the table's."""
    folded = _folded(list(_blocks(table)))
    if len(folded) <= most:
        return folded
    ends = [number for number, row in enumerate(folded) if row.begins] + [len(folded)]
    head = max((end for end in ends if end <= most // 2), default=most // 2)
    tail = min((end for end in ends if end > len(folded) - most // 2 and end > head), default=len(folded))
    places = [*range(head), *[None] * (tail - head), *range(head + 1, head + 1 + len(folded) - tail)]
    moved = _moved(list(enumerate(folded)), places)
    return [*moved[:head], _left_out(folded[head:tail]), *moved[tail:]]


def total_parameters(table: Iterable[LayerRecord]) -> int:
    return sum(layer.parameters for layer in table)


def shape_text(shape: Sequence[int]) -> str:
    """Such as "110" or "28 × 28 × 32"."""
    return " × ".join(f"{size:,}" for size in shape)


def _blocks(table: Sequence[LayerRecord]) -> Iterator[tuple[Row, ...]]:
    """A layer with parameters, and those without that follow it."""
    places = {layer.name: place for place, layer in enumerate(table)}
    block: list[Row] = []
    for place, layer in enumerate(table):
        begins = bool(layer.parameters and layer.kind != "batch normalization")
        if begins and block:
            yield tuple(block)
            block = []
        sources = [place - places[name] for name in layer.inputs if name in places]
        block.append(
            Row(
                layer.kind,
                f"{layer.detail} {layer.name}" if layer.kind == BACKBONE else layer.detail,
                layer.shape,
                layer.parameters,
                begins=begins,
                joined=not sources or 1 in sources,
                skips=tuple(source for source in sources if source > 1),
            )
        )
    if block:
        yield tuple(block)


def _folded(blocks: Iterable[tuple[Row, ...]]) -> list[Row]:
    """The rows of all blocks, those of `ALIKE` or more equal ones in a row once."""
    kept: list[tuple[int, Row]] = []
    places: list[int | None] = []
    for block, alike in groupby(blocks):
        count = sum(1 for _ in alike)
        shown = 1 if count >= ALIKE else count
        for copy in range(count):
            begin = len(kept) if copy < shown else len(kept) - len(block)
            if copy < shown:
                kept += [(len(places) + at, replace(row, times=count // shown)) for at, row in enumerate(block)]
            places += range(begin, begin + len(block))
    return _moved(kept, places)


def _moved(rows: Sequence[tuple[int, Row]], places: Sequence[int | None]) -> list[Row]:
    """Rows whose skips lead to where the rows that they read stand now. rows: each with the place that it had; places:
    the new place of each, None for those that are left out.
    """
    return [replace(row, skips=tuple(_new_skips(place, row, places))) for place, row in rows]


def _new_skips(place: int, row: Row, places: Sequence[int | None]) -> Iterator[int]:
    here = places[place]
    for skip in row.skips:
        source = places[place - skip]
        if here is not None and source is not None and here - source > 1:
            yield here - source


def _left_out(rows: Sequence[Row]) -> Row:
    parameters = sum(row.parameters * row.times for row in rows)
    return Row("", "", (), parameters, times=sum(row.times for row in rows))
