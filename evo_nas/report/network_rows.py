"""What a picture or a table of a network shows: its layers, those that repeat themselves folded, the rest in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod

from genomes import LayerRecord

MOST_ROWS = 60
"""Rows that a picture has at most; a deeper network shows its beginning and its end."""
ALIKE = 3
"""So many equal blocks in a row are shown as one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, or as many equal ones as `times` says, or, where `kind` is "", so many that are left out.

    parameters: of one of them; of all that are left out together. begins: whether a block of layers begins here.
    """

    kind: str
    detail: str
    shape: tuple[int, ...]
    parameters: int
    times: int = 1
    begins: bool = False

    @property
    def units(self) -> int:
        """Numbers that it hands on for one row of data."""
        return prod(self.shape)


def rows_of(table: Sequence[LayerRecord], most: int = MOST_ROWS) -> list[Row]:
    """The rows of a network, at most `most` (4 or more). Their parameters, times included, add up to the table's."""
    folded = [row for alike in _folded(_blocks(table)) for row in alike]
    if len(folded) <= most:
        return folded
    ends = [number for number, row in enumerate(folded) if row.begins] + [len(folded)]
    head = max((end for end in ends if end <= most // 2), default=most // 2)
    tail = min((end for end in ends if end > len(folded) - most // 2 and end > head), default=len(folded))
    return [*folded[:head], _left_out(folded[head:tail]), *folded[tail:]]


def total_parameters(table: Iterable[LayerRecord]) -> int:
    return sum(layer.parameters for layer in table)


def shape_text(shape: Sequence[int]) -> str:
    """Such as "110" or "28 × 28 × 32"."""
    return " × ".join(f"{size:,}" for size in shape)


def _blocks(table: Iterable[LayerRecord]) -> Iterator[tuple[Row, ...]]:
    """A layer with parameters, and those without that follow it."""
    block: list[Row] = []
    for layer in table:
        begins = bool(layer.parameters and layer.kind != "batch normalization")
        if begins and block:
            yield tuple(block)
            block = []
        block.append(Row(layer.kind, layer.detail, layer.shape, layer.parameters, begins=begins))
    if block:
        yield tuple(block)


def _folded(blocks: Iterable[tuple[Row, ...]]) -> Iterator[tuple[Row, ...]]:
    for block, alike in groupby(blocks):
        count = sum(1 for _ in alike)
        if count >= ALIKE:
            yield tuple(replace(row, times=count) for row in block)
        else:
            yield from [block] * count


def _left_out(rows: Sequence[Row]) -> Row:
    parameters = sum(row.parameters * row.times for row in rows)
    return Row("", "", (), parameters, times=sum(row.times for row in rows))
