"""Fitness on the scale of the model: known answers, and whatever else may be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.strategies.surrogate.targets import QUARTILE, WORST, standardised, targets_of

NAN = float("nan")


def test_known_answers() -> None:
    targets, unit = standardised(np.array([4.0, 2.0, 3.0, 5.0, 1.0]))
    assert unit == pytest.approx(1.0 / QUARTILE)
    np.testing.assert_allclose(targets, np.array([1.0, -1.0, 0.0, 2.0, -2.0]) * QUARTILE)


def test_the_bad_half_moves_nothing_and_is_cut() -> None:
    good = [1.0, 2.0, 3.0]
    targets, _ = standardised(np.array([*good, 4.0, 5.0]))
    wild, _ = standardised(np.array([*good, 4e9, 5e30]))
    np.testing.assert_array_equal(wild, [*targets[:3], WORST, WORST])


def test_failures_are_the_worst_and_move_nothing() -> None:
    targets, unit = standardised(np.array([1.0, NAN, 2.0, 3.0, NAN, 4.0, 5.0]))
    expected, expected_unit = standardised(np.arange(1.0, 6.0))
    assert unit == expected_unit
    np.testing.assert_array_equal(targets[[0, 2, 3, 5, 6]], expected)
    assert targets[1] == targets[4] == WORST


@pytest.mark.parametrize("values", [[7.0] * 5, [7.0], [-1e300], [0.0] * 3])
def test_equal_values_are_all_ordinary(values: list[float]) -> None:
    assert standardised(np.array(values))[0].tolist() == [0.0] * len(values)


@pytest.mark.parametrize("count", [1, 4])
def test_where_all_failed_all_are_ordinary(count: int) -> None:
    targets, unit = standardised(np.full(count, NAN))
    assert (targets.tolist(), unit) == ([0.0] * count, 1.0)


def test_two_values_of_which_the_worse_is_frequent() -> None:
    """The quartile is the median: the standard deviation stands in."""
    targets, _ = standardised(np.array([0.0, 1.0, 1.0, 1.0, 1.0]))
    assert targets[0] == pytest.approx(-2.5)
    assert (targets[1:] == 0.0).all()


values = st.floats(-1e300, 1e300) | st.sampled_from([NAN, 1e300, -1e300, 5e-324, 0.0, 1e-200, -1e-200, 1.0])


@given(st.lists(values, min_size=1, max_size=40))
def test_targets_are_finite_and_in_the_order_of_the_values(told: list[float]) -> None:
    targets, unit = standardised(np.array(told))
    assert np.isfinite(targets).all()
    assert targets.max() <= WORST
    assert 1e-151 < unit < np.inf
    assert np.square(targets).sum() < 1e20
    failed = np.isnan(told)
    ordered = targets[~failed][np.argsort(np.array(told)[~failed], kind="stable")]
    assert (np.diff(ordered) >= 0.0).all()
    assert (targets[failed] == (WORST if (~failed).any() else 0.0)).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.floats(1e-6, 1e6), st.floats(-1e6, 1e6))
def test_the_unit_of_a_fitness_does_not_matter(told: list[float], factor: float, shift: float) -> None:
    told = [round(value, 3) for value in told]
    targets, _ = standardised(np.array(told))
    again, _ = standardised(np.array(told) * 2.0 ** round(np.log2(factor)))
    np.testing.assert_allclose(targets, again, atol=1e-9)


def test_what_breaks_a_constraint_is_as_bad_as_a_failure() -> None:
    values = np.array([[1.0, 9.0], [2.0, 8.0], [3.0, 7.0], [0.0, 0.0], [NAN, NAN]])
    targets, units = targets_of(values, np.array([0.0, 0.0, 0.0, 0.5, 0.0]))
    assert (targets[3:] == WORST).all()
    for k in range(2):
        expected, unit = standardised(values[:3, k])
        np.testing.assert_array_equal(targets[:3, k], expected)
        assert units[k] == unit


def test_while_nothing_keeps_the_constraints_the_violation_is_the_fitness() -> None:
    targets, _ = targets_of(np.array([[1.0], [2.0], [3.0], [NAN]]), np.array([0.3, 0.2, 0.1, 0.0]))
    assert targets[0] > targets[1] > targets[2]
    assert targets[3] == WORST


def test_where_all_failed_no_objective_says_anything() -> None:
    targets, units = targets_of(np.full((3, 2), NAN), np.zeros(3))
    assert targets.tolist() == [[0.0, 0.0]] * 3
    assert units.tolist() == [1.0, 1.0]
