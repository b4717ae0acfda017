"""Volumes against counting cells, and the reference point of a run."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evo_nas.individual import Constraint, Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies import Records
from evo_nas.strategies.hypervolume import hypervolume, minimised, reference_point
from evo_nas.strategies.improvement import hypervolume_improvement
from genomes import Genome
from tests.strategies.searching import COST, SCORE

SIDE = 5
Array = NDArray[np.float64]


def cells(points: Array, num_objectives: int) -> int:
    """How many unit cells of the cube [0, SIDE]^m some point dominates."""
    return sum(any((point <= cell).all() for point in points) for cell in product(range(SIDE), repeat=num_objectives))


def clouds(num_objectives: int, most: int = 6) -> st.SearchStrategy[Array]:
    """Points on whole numbers, some of them on the reference's side or beyond it."""
    point = st.tuples(*[st.integers(0, SIDE + 1).map(float)] * num_objectives)
    return st.lists(point, max_size=most).map(lambda rows: np.array(rows).reshape(len(rows), num_objectives))


@pytest.mark.parametrize(
    ("points", "volume"),
    [([], 0.0), ([(1, 1)], 4.0), ([(1, 2), (2, 1)], 3.0), ([(1, 2), (2, 1), (2, 2)], 3.0), ([(0, 3), (4, -9)], 0.0)],
)
def test_volumes_of_the_plane(points: list[tuple[int, int]], volume: float) -> None:
    assert hypervolume(np.array(points, dtype=float).reshape(len(points), 2), np.array([3.0, 3.0])) == volume


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 4).flatmap(clouds))
def test_a_volume_is_the_number_of_its_cells(points: Array) -> None:
    num_objectives = points.shape[1]
    assert hypervolume(points, np.full(num_objectives, float(SIDE))) == cells(points, num_objectives)


@settings(max_examples=150, deadline=None)
@given(clouds(2), clouds(2))
def test_an_improvement_in_the_plane_is_the_number_of_new_cells(front: Array, points: Array) -> None:
    before = cells(front, 2)
    expected = [cells(np.vstack([front, point]), 2) - before for point in points]
    assert hypervolume_improvement(front, np.full(2, float(SIDE)), points).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5).flatmap(lambda m: st.tuples(clouds(m), clouds(m))))
def test_an_improvement_is_never_negative_and_nothing_for_the_dominated(both: tuple[Array, Array]) -> None:
    front, points = both
    reference = np.full(front.shape[1], float(SIDE))
    gains = hypervolume_improvement(front, reference, points)
    assert gains.shape == (len(points),)
    assert (gains >= 0.0).all()
    for gain, point in zip(gains, points, strict=True):
        dominated = (front <= point).all(axis=1).any() or (point >= reference).any()
        assert gain == 0.0 or not dominated
    better = hypervolume_improvement(front, reference, points - 1.0)
    assert (better >= gains).all()


@pytest.mark.parametrize("num_objectives", [3, 4, 5])
@pytest.mark.parametrize("scale", [1.0, 1e5])
def test_the_estimate_ranks_as_the_exact_volumes_do(num_objectives: int, scale: float) -> None:
    """scale: of the last objective, as of parameters beside losses."""
    rng = np.random.default_rng(1)
    drawn = np.abs(rng.normal(size=(40, num_objectives)))
    units = np.array([1.0] * (num_objectives - 1) + [scale])
    front = (1.0 - drawn / np.linalg.norm(drawn, axis=1, keepdims=True)) * units
    points, reference = rng.uniform(-0.05, 0.95, size=(200, num_objectives)) * units, 1.05 * units
    before = hypervolume(front, reference)
    exact = np.array([hypervolume(np.vstack([front, point]), reference) - before for point in points])
    estimate = hypervolume_improvement(front, reference, points)
    rank = np.corrcoef(np.argsort(np.argsort(exact)), np.argsort(np.argsort(estimate)))[0, 1]
    assert rank > 0.95
    assert np.abs(estimate - exact).max() < 0.15 * exact.max()
    assert exact[np.argmax(estimate)] > 0.9 * exact.max()


def test_without_a_front_the_estimate_is_the_volume_of_the_box() -> None:
    points, reference = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.0]]), np.ones(3)
    gains = hypervolume_improvement(np.empty((0, 3)), reference, points)
    assert gains == pytest.approx([1.0, 0.25], rel=0.1)


def test_the_reference_is_a_tenth_of_the_range_beyond_the_worst() -> None:
    assert reference_point(np.array([[0.0, 5.0, 0.0], [10.0, 5.0, 0.0]])).tolist() == [11.0, 5.5, 0.1]
    assert reference_point(np.array([[-4.0, -8.0]])).tolist() == pytest.approx([-3.6, -7.2])


def test_larger_is_better_exists_only_before_this() -> None:
    outcome = Outcome(Status.OK, {"score": 3.0, "cost": 2.0})
    assert minimised([outcome], [SCORE, COST]).tolist() == [[-3.0, 2.0]]
    assert minimised([], [SCORE, COST]).shape == (0, 2)


def evaluated(number: int, values: tuple[float, ...] | None, epochs: int | None = None) -> Evaluated:
    names = ("score", "cost", "third", "fourth", "fifth", "sixth")
    outcome = failure(Status.DIVERGED, "on purpose")
    if values is not None:
        outcome = Outcome(Status.OK, dict(zip(names, values, strict=False)))
    return Evaluated(Individual(number, 0, Genome("flat", {}), str(number), epochs=epochs), outcome)


def test_a_run_is_measured_from_the_point_that_its_first_successes_fixed() -> None:
    records = Records([SCORE, COST], hall_of_fame=3)
    records.update([evaluated(0, None), evaluated(1, (9.0, 9.0), epochs=2)], generation=0)
    assert records.hypervolume is None
    records.update([evaluated(2, (0.0, 2.0)), evaluated(3, (10.0, 12.0))], generation=1)
    assert records.reference == pytest.approx([1.0, 13.0])
    assert records.hypervolume == pytest.approx(1.0 * 11.0 + 10.0 * 1.0)
    records.update([evaluated(4, (20.0, 100.0)), evaluated(5, (10.0, 2.0))], generation=2)
    assert records.reference == pytest.approx([1.0, 13.0])
    assert records.hypervolume == pytest.approx(11.0 * 11.0)


def test_the_infeasible_fixes_the_point_and_fills_no_volume() -> None:
    records = Records([SCORE, COST], hall_of_fame=3, constraints=[Constraint("cost", True, 1.0)])
    records.update([evaluated(0, (0.0, 2.0)), evaluated(1, (10.0, 12.0))])
    assert records.hypervolume == 0.0
    records.update([evaluated(2, (0.0, 1.0))])
    assert records.hypervolume == pytest.approx(12.0)


@pytest.mark.parametrize(("count", "told"), [(1, False), (2, True), (5, True), (6, False)])
def test_one_objective_has_no_volume_and_many_too_dear_a_one(count: int, told: bool) -> None:
    names = ("score", "cost", "third", "fourth", "fifth", "sixth")[:count]
    records = Records([Objective(name, False) for name in names], hall_of_fame=3)
    records.update([evaluated(0, (1.0,) * 6)])
    assert (records.hypervolume is not None) == told
