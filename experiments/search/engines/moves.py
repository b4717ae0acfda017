"""Points of a table drawn and varied by place: what the simple peers share."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from experiments.search.problem import Point, Problem
from genomes import Choice


def lengths_of(problem: Problem) -> tuple[int, ...]:
    """How many places each gene has. Raises TypeError for a problem that is no table."""
    return tuple(len(choice.values) for choice in choices_of(problem))


def choices_of(problem: Problem) -> tuple[Choice, ...]:
    """The genes. Raises TypeError for a problem that is no table."""
    choices = tuple(gene for gene in problem.genes.values() if isinstance(gene, Choice))
    if len(choices) < len(problem.genes):
        raise TypeError(f"{problem.name}: this engine searches tables alone, and got a range")
    return choices


def random_point(lengths: tuple[int, ...], rng: Random) -> Point:
    """Each place as likely as any other."""
    return tuple(rng.randrange(length) for length in lengths)


def with_place(point: Point, gene: int, place: int) -> Point:
    """The point with one gene at another place."""
    return (*point[:gene], place, *point[gene + 1 :])


def other_place(place: int, length: int, rng: Random) -> int:
    """Any other place, each as likely; the same where there is only one."""
    if length == 1:
        return place
    drawn = rng.randrange(length - 1)
    return drawn if drawn < place else drawn + 1


def neighbours(point: Point, lengths: tuple[int, ...]) -> Iterator[Point]:
    """All points that differ in one gene."""
    for gene, length in enumerate(lengths):
        for place in range(length):
            if place != point[gene]:
                yield with_place(point, gene, place)
