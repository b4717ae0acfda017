"""Survival under three objectives or more: NSGA-III (Deb and Jain 2014), constraints as in Jain and Deb (2014).

Crowding distance, by which NSGA-II spreads a front, says little in many dimensions. NSGA-III lays reference points over
the simplex and keeps the individuals nearest to the directions with the fewest.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from math import comb
from typing import Any

import numpy as np
from deap import tools
from numpy.typing import NDArray

from evo_nas.randomness import lent_numpy_random
from evo_nas.strategies.deap_individual import DeapIndividual, ObjectiveFitness

MOST_POINTS = 500
"""Reference points beyond which a larger population gets no more: DEAP holds a number for each pair of both."""


def survive_by_reference_points(
    individuals: Sequence[DeapIndividual], k: int, *, num_points: int
) -> list[DeapIndividual]:
    """The k who live on (all, where there are no more). num_points: at most so many reference points.

    Feasible ones first, those of them by `tools.selNSGA3`; where they are fewer than k, the rest are those that violate
    the constraints least. Draws from Python's `random`, as every operator does; numpy's is given back as it was.
    """
    feasible = [individual for individual in individuals if individual.fitness.violation == 0.0]
    if len(feasible) <= k:
        others = [individual for individual in individuals if individual.fitness.violation > 0.0]
        return [*feasible, *tools.selBest(others, k - len(feasible))]
    if k == 0:
        return []
    points = reference_points(len(individuals[0].fitness.wvalues), num_points)
    stand_ins = _on_common_scale(feasible)
    with lent_numpy_random("niching", random.getrandbits(64)):
        chosen = tools.selNSGA3(stand_ins, k, points)
    return [stand_in.individual for stand_in in chosen]


@cache
def reference_points(num_objectives: int, num_points: int) -> NDArray[np.float64]:
    """Points [n, num_objectives] spread evenly over the simplex (Das and Dennis 1998), n <= num_points if possible.

    num_objectives: 2 or more. With p divisions an axis there are C(num_objectives + p - 1, p) points; p is the largest
    that `num_points` allows, at least 1. Fewer divisions than objectives leave the inside empty: then a second layer,
    at half the distance from the middle, takes the points that are left (Deb and Jain 2014).
    """
    divisions = _divisions(num_objectives, num_points)
    outer = tools.uniform_reference_points(num_objectives, max(1, divisions))
    inner = _divisions(num_objectives, num_points - len(outer))
    if divisions >= num_objectives or inner == 0:
        return np.asarray(outer)
    return np.concatenate([outer, tools.uniform_reference_points(num_objectives, inner, scaling=0.5)])


def _divisions(num_objectives: int, num_points: int) -> int:
    divisions = 0
    while comb(num_objectives + divisions, divisions + 1) <= num_points:
        divisions += 1
    return divisions


class _StandIn:
    """What `selNSGA3` looks at of an individual."""

    def __init__(self, individual: DeapIndividual, fitness: ObjectiveFitness) -> None:
        self.individual = individual
        self.fitness = fitness


def _on_common_scale(individuals: Sequence[DeapIndividual]) -> list[_StandIn]:
    """Every objective between 0 (best) and 1, minimised.

    DEAP 1.4 subtracts the ideal point from the intercepts twice, which is right only where that point is 0; and looks
    for extreme points before it scales, which a count of parameters beside a loss distorts.
    """
    values = -np.array([individual.fitness.wvalues for individual in individuals])
    low, high = values.min(axis=0), values.max(axis=0)
    scaled: Any = (values - low) / np.where(high > low, high - low, 1.0)
    weights = (-1.0,) * values.shape[1]
    return [
        _StandIn(individual, ObjectiveFitness(weights, tuple(row)))
        for individual, row in zip(individuals, scaled.tolist(), strict=True)
    ]
