"""The family tree as a small vector picture in the page itself, for paper and where there is no JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evo_nas.report.page.record import RunRecord

NUM_SHADES = 6
"""Classes of fitness, the worst 0; the style sheet has a colour for each."""
MOST_LINKS = 2_500
"""Links to parents that are drawn beside the winner's family; of more none is, they would be a grey cloud."""

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TreePicture:
    """Paths of an SVG; empty texts draw nothing.

    box: left, top, width and height in the units of `family.tree`. width: in pixels, where there is room. dots: a path
    for each shade, and at the end those without a fitness.
    """

    box: str
    width: int
    dots: tuple[str, ...]
    dot_size: float
    links: str
    family: str
    line: str
    best: Point | None


def tree_picture(record: RunRecord, family: Mapping[str, Any]) -> TreePicture | None:
    """family: what `family.tree` returned. None where there is nothing to draw."""
    if not record.individuals or not record.objectives:
        return None
    numbers = [each.id for each in record.individuals]
    points = dict(zip(numbers, zip(family["x"], family["y"], strict=True), strict=True))
    links = [(each.id, parent) for each in record.individuals for parent in each.parents if parent in points]
    relatives = set(family["family"])
    related = [link for link in links if relatives.issuperset(link)]
    others = [link for link in links if not relatives.issuperset(link)]
    line = family["line"]
    left, right = min(family["x"]) - 15, max(family["x"]) + 15
    top, bottom = min(family["y"]) - 15, max(family["y"]) + 15
    return TreePicture(
        box=f"{left} {top} {right - left} {bottom - top}",
        width=min(round(2.6 * (right - left)), 1600),
        dots=tuple(_dots(points[number] for number in shade) for shade in _shades(record)),
        dot_size=6.0 if len(points) > 600 else 7.5,
        links=_lines(others, points) if len(others) <= MOST_LINKS else "",
        family=_lines(related, points) if len(related) <= MOST_LINKS else "",
        line=_lines(list(zip(line[1:], line, strict=False)), points),
        best=points[line[-1]] if line else None,
    )


def _shades(record: RunRecord) -> list[list[int]]:
    """Ids by shade: equal numbers of successes in each, the worst first; at the end everybody else."""
    objective = record.objectives[0]
    whole = [each for each in record.evaluated if each.outcome.ok and each.individual.epochs is None]
    ranked = sorted(whole, key=lambda each: objective.weight * objective.value(each.outcome))
    ids = [each.individual.id for each in ranked]
    cuts = [len(ids) * shade // NUM_SHADES for shade in range(NUM_SHADES + 1)]
    known = set(ids)
    rest = [each.id for each in record.individuals if each.id not in known]
    return [ids[start:end] for start, end in pairwise(cuts)] + [rest]


def _dots(points: Iterable[Point]) -> str:
    """Lines of no length, which round caps make dots: the shortest way to write ten thousand."""
    return "".join(f"M{x} {y}h0" for x, y in points)


def _lines(links: Sequence[tuple[int, int]], points: Mapping[int, Point]) -> str:
    return "".join(
        f"M{points[parent][0]} {points[parent][1]}L{points[child][0]} {points[child][1]}" for child, parent in links
    )
