"""NSGA-III: where its reference points lie, whom it keeps, and that it leaves the global generators alone."""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest
from deap import tools
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Individual, Objective
from evo_nas.randomness import lent_numpy_random
from evo_nas.strategies import DeapIndividual, make_toolbox
from evo_nas.strategies.nsga3 import reference_points, survive_by_reference_points
from genomes import Genome
from tests.strategies.searching import COST, SCORE, encoding, make, score, search

DEPTH = Objective("depth", maximize=False)
THREE = (SCORE, COST, DEPTH)


def member(values: tuple[float, ...], violation: float = 0.0) -> DeapIndividual:
    individual = DeapIndividual(Genome("flat", {}), (-1.0,) * len(values))
    individual.fitness.values = values
    individual.fitness.violation = violation
    return individual


def sphere(count: int, seed: int) -> list[tuple[float, ...]]:
    drawn = np.abs(np.random.default_rng(seed).normal(size=(count, 3)))
    return [tuple(row) for row in (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).tolist()]


@pytest.mark.parametrize(
    ("num_objectives", "num_points", "found"),
    [(2, 12, 12), (3, 12, 10), (3, 92, 91), (4, 60, 56), (3, 1, 3), (8, 12, 8), (8, 44, 44), (5, 50, 50)],
)
def test_as_many_reference_points_as_fit(num_objectives: int, num_points: int, found: int) -> None:
    """Das and Dennis: C(m + p - 1, p). 8 objectives, 44 points: 36 outside (p = 2) and 8 inside (p = 1); 5 and 50: 35
    outside (p = 3) and 15 inside (p = 2)."""
    points = reference_points(num_objectives, num_points)
    assert points.shape == (found, num_objectives)
    assert np.allclose(points.sum(axis=1), 1.0)
    assert len(np.unique(points.round(9), axis=0)) == found


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (-4.0, 2.0, 128.0)])
@pytest.mark.parametrize("scale", [(1.0, 1.0, 1.0), (2.0**-24, 1.0, 2.0**20)])
def test_neither_units_nor_zero_points_decide(shift: tuple[float, ...], scale: tuple[float, ...]) -> None:
    """Two layers, of which the second is cut: there `tools.selNSGA3` by itself leans on where zero is. The numbers are
    such that nothing is rounded."""
    points = np.concatenate([tools.uniform_reference_points(3, 8), 1.5 * tools.uniform_reference_points(3, 16)])
    kept = []
    for told in (points, points * scale + shift):
        members = [member(tuple(values)) for values in told.tolist()]
        random.seed(7)
        chosen = {id(each) for each in survive_by_reference_points(members, 80, num_points=91)}
        kept.append([number for number, each in enumerate(members) if id(each) in chosen])
    assert kept[0] == kept[1]
    assert kept[0][:45] == list(range(45))


def test_a_front_is_kept_along_every_direction() -> None:
    """Of a cluster and ten scattered points, one a direction, the scattered ones live on."""
    directions = reference_points(3, 10)
    scattered = [member(tuple(row / np.linalg.norm(row))) for row in directions]
    centre = np.full(3, 3**-0.5)
    cluster = []
    for row in np.random.default_rng(0).normal(0.0, 0.01, size=(60, 3)):
        near = np.abs(centre + row)
        cluster.append(member(tuple(near / np.linalg.norm(near) * 1.001)))
    random.seed(1)
    chosen = survive_by_reference_points([*cluster, *scattered], 10, num_points=10)
    assert sum(any(each is one for one in scattered) for each in chosen) >= 9


members = st.lists(
    st.builds(member, st.tuples(*[st.integers(0, 5).map(float)] * 3), st.sampled_from([0.0, 0.0, 1.0, 2.0])),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(members, st.integers(0, 30), st.integers(1, 20))
def test_survivors_are_distinct_feasible_first_and_by_fronts(
    members: list[DeapIndividual], k: int, num_points: int
) -> None:
    k = min(k, len(members))
    random.seed(0)
    chosen = survive_by_reference_points(members, k, num_points=num_points)
    assert len({id(each) for each in chosen}) == len(chosen) == k
    left = [each for each in members if not any(each is one for one in chosen)]
    assert not any(loser.fitness.dominates(winner.fitness) for winner in chosen for loser in left)


def test_more_survivors_than_there_are_is_all() -> None:
    members = [member((1.0, 2.0, 3.0)), member((3.0, 2.0, 1.0), violation=1.0)]
    assert len(survive_by_reference_points(members, 5, num_points=3)) == 2
    assert survive_by_reference_points([], 0, num_points=3) == []


@pytest.mark.parametrize(
    ("num_objectives", "survival", "expected"),
    [
        (1, "auto", "selBest()"),
        (2, "auto", "selNSGA2()"),
        (3, "auto", "survive_by_reference_points(num_points=24)"),
        (3, "nsga2", "selNSGA2()"),
        (2, "nsga3", "survive_by_reference_points(num_points=24)"),
        (2, "best", "selBest()"),
    ],
)
def test_survival_by_the_number_of_objectives(num_objectives: int, survival: str, expected: str) -> None:
    from evo_nas.strategies import operator_names

    search_settings = SearchSettings(population=24, survival=survival)
    assert operator_names(make_toolbox(encoding(), search_settings, THREE[:num_objectives]))["survive"] == expected


def test_a_front_of_one_objective_is_refused() -> None:
    with pytest.raises(
        UserError, match='survival = "nsga3" is for two objectives or more, and there is one; use "auto"'
    ):
        make_toolbox(encoding(), SearchSettings(survival="nsga3"), (SCORE,))


def three(individual: Individual) -> tuple[float, ...]:
    return (
        score(individual)[0],
        float(sum(int(la["width"]) for la in individual.genome.layers)),
        len(individual.genome.layers),
    )


def test_a_run_is_the_same_whatever_the_global_generators_hold_and_gives_them_back() -> None:
    runs = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.set_state(np.random.RandomState(seed).get_state())
        before, array_before = random.getstate(), np.random.get_state(legacy=False)
        runs.append(search(make(THREE, population=10), 80, three, THREE))
        assert random.getstate() == before
        np.testing.assert_equal(np.random.get_state(legacy=False), array_before)
    assert runs[0] == runs[1]


def test_deap_draws_from_numpys_generator_and_it_is_lent() -> None:
    """So the loan is needed: another loan, other survivors."""
    fitnesses = [member(point) for point in sphere(200, 3)]

    def kept(*key: int) -> list[int]:
        with lent_numpy_random(*key):
            chosen = tools.selNSGA3(fitnesses, 40, reference_points(3, 10))
        return [next(n for n, each in enumerate(fitnesses) if each is one) for one in chosen]

    assert kept(1) == kept(1) != kept(2)


def test_numpys_generator_is_given_back_after_an_error() -> None:
    before = np.random.get_state(legacy=False)
    with suppress(ZeroDivisionError), lent_numpy_random("a"):
        np.random.random()
        raise ZeroDivisionError
    np.testing.assert_equal(np.random.get_state(legacy=False), before)
