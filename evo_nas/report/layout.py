"""Places for a family tree: generations are rows, and within a row relatives stand near each other.

Barycentre sweeps (Sugiyama, Tagawa and Toda, 1981): the layers are given, so only the order within them is searched.
"""

from __future__ import annotations

from collections.abc import Sequence

Edge = tuple[int, int]
Place = tuple[float, float]

_NUM_SWEEPS = 8
_MOST_ABREAST = 60
_STAGGER = 0.16


def ordered_rows(rows: Sequence[Sequence[int]], edges: Sequence[Edge]) -> list[list[int]]:
    """The same rows, each in an order in which few edges cross.

    edges: (child, parent), between any two rows. Down and up in turn, every node goes to the mean place of its
    neighbours on the side the sweep comes from; a node without any stays. O(sweeps x (nodes + edges)).
    """
    ordered = [list(row) for row in rows]
    row_of = {node: number for number, row in enumerate(rows) for node in row}
    above: dict[int, list[int]] = {node: [] for node in row_of}
    below: dict[int, list[int]] = {node: [] for node in row_of}
    for edge in edges:
        upper, lower = sorted(edge, key=lambda node: row_of[node])
        above[lower].append(upper)
        below[upper].append(lower)
    place = {node: x for row in ordered for node, x in _spread(row).items()}
    for sweep in range(_NUM_SWEEPS):
        downwards = sweep % 2 == 0
        neighbours = above if downwards else below
        for row in ordered if downwards else reversed(ordered):
            row.sort(key=lambda node: _mean_place(node, neighbours[node], place))
            place.update(_spread(row))
    return ordered


def places(rows: Sequence[Sequence[int]]) -> dict[int, Place]:
    """(x, y) of every node: x in (0, 1), y the number of its row, from the top.

    A row of more than `_MOST_ABREAST` is staggered over up to four lines around its own, so that nodes do not touch.
    """
    found: dict[int, Place] = {}
    for number, row in enumerate(rows):
        num_lines = min(4, -(-len(row) // _MOST_ABREAST))
        for position, (node, x) in enumerate(_spread(row).items()):
            found[node] = (x, number + _STAGGER * (position % num_lines - (num_lines - 1) / 2))
    return found


def _spread(row: Sequence[int]) -> dict[int, float]:
    """Even places in (0, 1), so that rows of unequal length share one scale."""
    return {node: (position + 0.5) / len(row) for position, node in enumerate(row)}


def _mean_place(node: int, neighbours: Sequence[int], place: dict[int, float]) -> float:
    return sum(place[other] for other in neighbours) / len(neighbours) if neighbours else place[node]
