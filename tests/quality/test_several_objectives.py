"""NSGA-II and NSGA-III find better fronts than random search, on problems whose fronts are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from evo_nas.individual import Constraint, Individual, Objective, is_feasible
from evo_nas.strategies.hypervolume import hypervolume, minimised
from genomes import FlatEncoding
from tests.strategies.searching import make, search

SPACE = FlatEncoding.from_space({f"x{n}": {"low": 0.0, "high": 1.0} for n in range(8)})
OBJECTIVES = tuple(Objective(name, maximize=False) for name in ("first", "second", "third"))
Problem = Callable[[Individual], tuple[float, ...]]


def zdt1(individual: Individual) -> tuple[float, ...]:
    """Two objectives (Zitzler, Deb and Thiele 2000): the front is f2 = 1 - sqrt(f1), where all others are 0."""
    first, *others = (float(value) for value in individual.genome.genes.values())
    away = 1.0 + 9.0 * sum(others) / len(others)
    return first, away * (1.0 - math.sqrt(first / away))


def dtlz2(individual: Individual) -> tuple[float, ...]:
    """Three objectives (Deb et al. 2005): the front is an eighth of the sphere, where all others are 0.5."""
    first, second, *others = (float(value) for value in individual.genome.genes.values())
    away = 1.0 + sum((value - 0.5) ** 2 for value in others)
    a, b = first * math.pi / 2, second * math.pi / 2
    return away * math.cos(a) * math.cos(b), away * math.cos(a) * math.sin(b), away * math.sin(a)


def volumes(problem: Problem, count: int, seeds: range, **settings: object) -> list[float]:
    """The hypervolume of all that each run of 480 evaluations saw, of those that keep the constraints."""
    constraints = [Constraint("second", True, 0.5)] if "constraints" in settings else []
    found = []
    for seed in seeds:
        asked = {"strategy": "evolution", "population": 24, "stop_when_converged": False, **settings}
        strategy = make(OBJECTIVES[:count], space=SPACE, seed=seed, **asked)
        done = search(strategy, 480, problem, OBJECTIVES[:count])
        feasible = [each.outcome for each in done if is_feasible(each.outcome, constraints)]
        found.append(hypervolume(minimised(feasible, OBJECTIVES[:count]), np.full(count, 2.0)))
    return found


@pytest.mark.parametrize(
    ("problem", "count", "survival", "most"),
    [
        (zdt1, 2, "nsga2", 4.0 - 1.0 / 3.0),
        (zdt1, 2, "nsga3", 4.0 - 1.0 / 3.0),
        (dtlz2, 3, "auto", 8.0 - math.pi / 6.0),
        (dtlz2, 3, "nsga2", 8.0 - math.pi / 6.0),
    ],
)
def test_fronts_are_better_than_those_of_random_search(
    problem: Problem, count: int, survival: str, most: float
) -> None:
    """most: the hypervolume of the whole front from the point (2, 2, ...)."""
    ours = volumes(problem, count, range(10), survival=survival)
    chance = volumes(problem, count, range(100, 110), strategy="random")
    assert mannwhitneyu(ours, chance, alternative="greater").pvalue < 1e-3
    assert max(*ours, *chance) < most
    assert np.median(ours) > np.median(chance) + 0.5 * (most - np.median(chance))


def test_fronts_within_constraints_are_better_than_those_of_random_search() -> None:
    ours = volumes(zdt1, 2, range(10), constraints=["second <= 0.5"])
    chance = volumes(zdt1, 2, range(100, 110), strategy="random", constraints=["second <= 0.5"])
    assert mannwhitneyu(ours, chance, alternative="greater").pvalue < 1e-3


def test_reference_points_spread_a_front_of_three_objectives_better_than_one_objective_does() -> None:
    ours = volumes(dtlz2, 3, range(10))
    lexicographic = volumes(dtlz2, 3, range(10), survival="best")
    assert mannwhitneyu(ours, lexicographic, alternative="greater").pvalue < 1e-3
