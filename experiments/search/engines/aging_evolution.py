"""Aging evolution, written out plainly (Real et al. 2019, "Regularized evolution for image classifier architectures").

"paper": population 100, tournaments of 10, a child is its parent with one gene changed to any other value, and points
may come again. "small": population 20, tournaments of 5, no point twice, and half of the steps of an ordinal gene go
to a neighbour: the better settings for small budgets that we found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random

from evo_nas.randomness import stream
from experiments.search.engines.moves import choices_of, lengths_of, other_place, random_point, with_place
from experiments.search.problem import Point
from experiments.search.trial import Trial

Drawing = Callable[[], Point]
MOST_DRAWS = 100
"""Points drawn for one that is new; then a known one is measured again."""


def search(trial: Trial, variant: str) -> None:
    """Evolve. variant: "paper" or "small"."""
    size, tournament, small = (100, 10, False) if variant == "paper" else (20, 5, True)
    lengths, rng = lengths_of(trial.problem), stream("aging", variant, trial.seed)
    known: set[Point] = set()
    population: deque[tuple[float, Point]] = deque(maxlen=size)

    def add(draw: Drawing) -> None:
        point = _unknown(draw, known) if small else draw()
        known.add(point)
        population.append((trial.measure(point), point))

    for _ in range(size):
        add(lambda: random_point(lengths, rng))
    ordinal = tuple(small and choice.ordinal for choice in choices_of(trial.problem))
    while True:
        _, parent = min(rng.sample(list(population), tournament), key=lambda member: member[0])
        add(lambda parent=parent: _mutant(parent, lengths, ordinal, rng))  # type: ignore[misc]


def _unknown(draw: Drawing, known: set[Point]) -> Point:
    point = draw()
    for _ in range(MOST_DRAWS):
        if point not in known:
            break
        point = draw()
    return point


def _mutant(parent: Point, lengths: tuple[int, ...], ordinal: tuple[bool, ...], rng: Random) -> Point:
    gene = rng.randrange(len(lengths))
    place = parent[gene]
    assert isinstance(place, int)
    if ordinal[gene] and lengths[gene] > 1 and rng.random() < 0.5:
        upwards = place < lengths[gene] - 1 and (place == 0 or rng.random() < 0.5)
        return with_place(parent, gene, place + 1 if upwards else place - 1)
    return with_place(parent, gene, other_place(place, lengths[gene], rng))
