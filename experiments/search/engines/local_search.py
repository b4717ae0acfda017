"""Local search, first improvement (White et al. 2021, "Exploring the loss landscape in neural architecture search").

From a random point, its one-gene neighbours are tried in random order; the first that is better becomes the point.
Where none is, it starts again. A point is measured once, and its value is remembered.
"""

from __future__ import annotations

from random import Random

from evo_nas.randomness import stream
from experiments.search.engines.moves import lengths_of, neighbours, random_point
from experiments.search.problem import Point
from experiments.search.trial import Trial


def search(trial: Trial, variant: str) -> None:
    """Climb from one start after another. There is one variant."""
    lengths, rng = lengths_of(trial.problem), stream("local search", trial.seed)
    values: dict[Point, float] = {}
    num_points = 1
    for length in lengths:
        num_points *= length
    while len(values) < num_points:
        _climb(trial, values, lengths, rng)


def _climb(trial: Trial, values: dict[Point, float], lengths: tuple[int, ...], rng: Random) -> None:
    point = random_point(lengths, rng)
    while True:
        around = list(neighbours(point, lengths))
        rng.shuffle(around)
        better = next((other for other in around if _value(trial, values, other) < _value(trial, values, point)), None)
        if better is None:
            return
        point = better


def _value(trial: Trial, values: dict[Point, float], point: Point) -> float:
    if point not in values:
        values[point] = trial.measure(point)
    return values[point]
