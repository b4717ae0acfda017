"""Which of many observations stand for all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.strategies.surrogate.gaussian_process import Observations
from evo_nas.strategies.surrogate.model import CENTRES, NEAR, _smallest, representatives


def observations(count: int, seed: int = 0) -> Observations:
    generator = np.random.default_rng(seed)
    return Observations(generator.random((count, 3)), generator.normal(size=count), np.ones(count))


@given(st.integers(1, 300), st.integers(1, 80), st.integers(0, 1000))
def test_bounded_distinct_in_order_and_all_where_all_fit(count: int, limit: int, seed: int) -> None:
    rows = representatives(observations(count, seed), np.ones(3), limit)
    assert len(rows) == min(count, limit)
    assert (np.diff(rows) > 0).all()
    assert rows[0] >= 0
    assert rows[-1] < count


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(0, 45))
def test_the_smallest_are_those_of_a_stable_sort(values: list[int], count: int) -> None:
    numbers = np.array(values, dtype=float)
    np.testing.assert_array_equal(_smallest(numbers, count), np.sort(np.argsort(numbers, kind="stable")[:count]))


def test_the_best_are_there_with_those_near_them() -> None:
    known, limit = observations(500), 80
    rows = set(representatives(known, np.ones(3), limit))
    best = np.argsort(known.targets)[:CENTRES]
    assert rows >= set(best)
    away = np.linalg.norm(known.points[:, None] - known.points[best], axis=2).min(axis=1)
    assert rows >= set(np.argsort(away)[: int(NEAR * limit)])


def test_nobody_is_chosen_by_the_own_fitness() -> None:
    """As long as the best stay who they are, the rest may have been lucky or not."""
    known = observations(500)
    best = np.argsort(known.targets)[:CENTRES]
    shuffled = known.targets.copy()
    rest = np.setdiff1d(np.arange(500), best)
    shuffled[rest] = np.random.default_rng(9).permutation(shuffled[rest])
    other = Observations(known.points, shuffled, known.counts)
    np.testing.assert_array_equal(representatives(known, np.ones(3), 60), representatives(other, np.ones(3), 60))


def test_a_gene_that_does_not_matter_does_not_part_them() -> None:
    """Nearness is that of the model: with the other weights nil, the nearest by the first gene are taken."""
    known = observations(500)
    rows = representatives(known, np.array([1.0, 0.0, 0.0]), 80)
    best = np.argsort(known.targets)[:CENTRES]
    away = np.abs(known.points[:, :1] - known.points[best, 0]).min(axis=1)
    assert set(np.argsort(away)[: int(NEAR * 80)]) <= set(rows)


def test_the_others_are_spread_over_the_whole_search() -> None:
    known = observations(1000)
    rows = representatives(known, np.ones(3), 100)
    best = np.argsort(known.targets)[:CENTRES]
    away = np.linalg.norm(known.points[:, None] - known.points[best], axis=2).min(axis=1)
    others = np.setdiff1d(rows, np.argsort(away)[:75])
    assert len(others) == 25
    assert np.diff(others).max() < 3 * 1000 / 25
