"""Several objectives: dominance, who is best, and batches that spread over the front."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evo_nas.strategies.ask_tell import AskTell
from evo_nas.strategies.surrogate.gaussian_process import GaussianProcess, Observations, Scales
from evo_nas.strategies.surrogate.judgement import chosen_again
from evo_nas.strategies.surrogate.several_objectives import SeveralObjectives, dominations

SCALES = Scales(np.log([0.5]), np.log(1.0), -11.0, -11.0)


def judgement(points: np.ndarray, values: np.ndarray, scales: Scales = SCALES) -> SeveralObjectives:
    """Over one gene; values [n, objectives]."""
    groups = np.zeros(points.shape[1], dtype=np.intp)
    processes = [
        GaussianProcess(Observations(points, column, np.ones(len(points))), groups, scales) for column in values.T
    ]
    return SeveralObjectives(processes, np.column_stack([process.known_means for process in processes]))


def line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(0, 4).map(float))
)
def test_dominations_are_counted_one_by_one(values: np.ndarray) -> None:
    expected = [sum(bool((other <= mine).all() and (other < mine).any()) for other in values) for mine in values]
    assert dominations(values).tolist() == expected


def test_the_front_comes_first_in_order() -> None:
    values = np.array([[3.0, 3.0], [0.0, 2.0], [2.0, 0.0], [2.5, 2.5], [1.0, 0.9]])
    order = judgement(line(0.0, 0.2, 0.4, 0.7, 1.0), values).order
    assert set(order[:3]) == {1, 2, 4}
    assert order[3:].tolist() == [3, 0]


@pytest.mark.parametrize("num_objectives", [2, 3])
def test_what_dominates_is_chosen_first(num_objectives: int) -> None:
    """Both objectives fall along the gene and rise again: beyond the known, the best is expected in the middle."""
    places = line(0.0, 0.15, 0.3, 0.7, 0.85, 1.0)
    valley = (places[:, 0] - 0.5) ** 2
    values = np.column_stack([valley + 0.01 * k * places[:, 0] for k in range(num_objectives)])
    candidates = line(0.05, 0.9, 0.5, 0.22)
    found = judgement(places, values)
    assert found.chosen(candidates, 1, num_open=0) == [2]
    assert int(np.argmax(found.promises(candidates))) == 2


def test_where_nothing_is_added_the_nearer_to_the_front_is_better() -> None:
    places = line(0.0, 0.1, 0.2, 0.8, 0.9, 1.0)
    values = np.column_stack([places[:, 0], places[:, 0]])
    promises = judgement(places, values).promises(line(0.95, 0.85, 0.75))
    assert promises[0] < promises[1] < promises[2] <= 0.0


def test_a_batch_spreads_over_the_front() -> None:
    """One gene that trades one objective against the other: all of it is the front, and two neighbours are one idea."""
    places = line(0.0, 0.5, 1.0)
    values = np.column_stack([places[:, 0], 1.0 - places[:, 0]]) + 0.05 * np.sin(9.0 * places)
    candidates = np.linspace(0.02, 0.98, 49)[:, None]
    chosen = judgement(places, values).chosen(candidates, 4, num_open=0)
    taken = np.sort(candidates[chosen, 0])
    assert np.diff(taken).min() > 0.08
    assert taken[0] < 0.5 < taken[-1]


def test_two_neighbours_are_not_both_chosen() -> None:
    """The point that the first is expected to add leaves the second nothing to add."""
    places = line(0.0, 0.5, 1.0)
    values = np.column_stack([places[:, 0], 1.0 - places[:, 0]]) - 0.3 * np.sin(np.pi * places)
    candidates = line(0.25, 0.2501, 0.1)
    assert judgement(places, values).chosen(candidates[:2], 2, num_open=0) in ([0, 1], [1, 0])
    assert 2 in judgement(places, values).chosen(candidates, 2, num_open=0)


def test_what_is_open_is_believed_and_not_chosen() -> None:
    places = line(0.0, 0.5, 1.0)
    values = np.column_stack([places[:, 0], 1.0 - places[:, 0]])
    candidates = line(0.25, 0.25 + 1e-6, 0.75)
    chosen = judgement(places, values).chosen(candidates, 1, num_open=1)
    assert chosen == [2]
    assert len(judgement(places, values).chosen(candidates, 9, num_open=1)) == 2


def test_what_was_measured_least_is_measured_again() -> None:
    points, groups = line(0.0, 0.5, 1.0), np.zeros(1, dtype=np.intp)
    scales = Scales(np.log([0.05]), 0.0, np.log(0.1), np.log(0.3))
    known = Observations(points, np.array([0.0, 0.1, 0.2]), np.array([4.0, 1.0, 2.0]))
    both = [GaussianProcess(known, groups, scales) for _ in range(2)]
    found = SeveralObjectives(both, np.column_stack([process.known_means for process in both]))
    promises = found.promises_again(np.arange(3))(np.zeros(3))
    assert promises[1] > promises[2] > promises[0] > 0.0
    assert chosen_again(found, np.arange(3), 3, np.ones(3)).tolist() == [0, 1, 2]
    assert Counter(chosen_again(found, np.arange(3), 6, np.full(3, 9.0)).tolist()) == {1: 3, 2: 3}


def test_a_front_of_one_point_has_an_extent() -> None:
    values = np.array([[1.0, 1.0], [2.0, 2.0]])
    promises = judgement(line(0.0, 1.0), values).promises(line(0.1, 0.9))
    assert np.isfinite(promises).all()
    assert promises[0] > promises[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_front_that_begins_in_a_corner_leaves_it(seed: int) -> None:
    """ZDT1: the default, all genes 0, is the best possible of the first objective and of no use for the second."""
    space = {name: {"low": 0.0, "high": 1.0} for name in ("trade", "first", "second", "third")}
    search = AskTell(space, ["minimize cost", "minimize error"], seed=seed)
    while len(search.history) < 60:
        for proposal in search.ask():
            trade, *others = (float(value) for value in proposal.genome.genes.values())
            away = 1.0 + 3.0 * sum(others)
            search.tell(proposal, (trade, away * (1.0 - math.sqrt(trade / away))))
    costs = [float(member.genome.genes["trade"]) for member in search.front]
    assert len(costs) >= 8
    assert min(costs) < 0.05 < 0.4 < max(costs)
