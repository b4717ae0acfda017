"""Where every individual stands in the picture of the family tree, and which of them are the winner's family."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from evo_nas.individual import Individual
from evo_nas.report.layout import ordered_rows
from evo_nas.report.page.record import RunRecord

ASPECT = 1.7
"""Width of the whole tree for its height, about that of the panel that shows it."""
GAP = 1.6
"""Between two generations, in distances between two neighbours."""

Rows = Sequence[Sequence[int]]


def tree(record: RunRecord, best_id: int | None) -> dict[str, Any]:
    """{"x", "y"}: a whole number an individual; {"bands"}: [generation, top, bottom]; {"line", "family"}: ids, the
    winner's line of first parents, oldest first, and all of its ancestors and itself.
    """
    rows: dict[int, list[int]] = {}
    for each in record.individuals:
        rows.setdefault(each.generation, []).append(each.id)
    members = {each.id: each for each in record.individuals}
    links = [(each.id, parent) for each in record.individuals for parent in each.parents if parent in members]
    numbers = sorted(rows)
    ordered = ordered_rows([rows[number] for number in numbers], links)
    places, bands = _stacked(ordered)
    line, family = descent(members, best_id)
    return {
        "x": [places[each.id][0] for each in record.individuals],
        "y": [places[each.id][1] for each in record.individuals],
        "bands": [[number, *band] for number, band in zip(numbers, bands, strict=True)],
        "line": line,
        "family": family,
    }


def abreast(lengths: Sequence[int]) -> int:
    """How many individuals stand side by side, so that the whole has about the proportions of `ASPECT`."""
    widest = max(lengths, default=1)
    candidates = sorted({min(widest, max(8, round(1.15**power))) for power in range(100)})
    return min(candidates, key=lambda width: abs(math.log(width / _height(lengths, width) / ASPECT)))


def _height(lengths: Sequence[int], width: int) -> float:
    return sum(-(-length // width) + GAP for length in lengths) or 1.0


def _stacked(rows: Rows) -> tuple[dict[int, tuple[int, int]], list[tuple[int, int]]]:
    """Places in tenths of a distance between neighbours. A row that is too long becomes several lines: neighbours in
    the row stay near each other, since the lines are filled column by column.
    """
    width = abreast([len(row) for row in rows])
    places: dict[int, tuple[int, int]] = {}
    bands: list[tuple[int, int]] = []
    top = 0.0
    for row in rows:
        lines = -(-len(row) // width)
        columns = -(-len(row) // lines) if lines else 0
        for position, number in enumerate(row):
            column, line = divmod(position, lines)
            shift = 0.5 * (line % 2) if lines > 1 else 0.0
            places[number] = round(10 * (column - (columns - 1) / 2 + shift)), round(10 * (top + line))
        bands.append((round(10 * top), round(10 * (top + max(lines, 1) - 1))))
        top += lines + GAP
    return places, bands


def descent(members: Mapping[int, Individual], best_id: int | None) -> tuple[list[int], list[int]]:
    """The line of first parents, oldest first, and all ancestors; both with the best itself, and empty without one.

    Of those that are there: a folder that was cut short may lack a parent.
    """
    if best_id is None or best_id not in members:
        return [], []
    line, family, waiting = [best_id], {best_id}, [best_id]
    while (parents := members[line[-1]].parents) and parents[0] in members and parents[0] < line[-1]:
        line.append(parents[0])
    while waiting:
        new = [parent for parent in members[waiting.pop()].parents if parent in members and parent not in family]
        family.update(new)
        waiting.extend(new)
    return line[::-1], sorted(family)
