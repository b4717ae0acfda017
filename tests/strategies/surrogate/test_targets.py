"""Fitness on the scale of the model: known answers, and whatever else may be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evo_nas.strategies.surrogate.targets import QUARTILE, WORST, Noise, standardised, targets_of

NAN = float("nan")
SURE = 1e-12, 1.0
"""Repeated measurements that hardly differ."""
EITHER = pytest.mark.parametrize("noise", [None, SURE])


def test_known_answers() -> None:
    targets, units = standardised(np.array([4.0, 2.0, 3.0, 5.0, 1.0]), None)
    assert units == pytest.approx(np.full(5, 1.0 / QUARTILE))
    np.testing.assert_allclose(targets, np.array([1.0, -1.0, 0.0, 2.0, -2.0]) * QUARTILE)


def test_known_ratios() -> None:
    """0.01 is to 0.1 as 1 is to 10; what one unit is grows with the value."""
    values = np.array([1.0, 0.1, NAN, 0.01, 10.0, 0.1])
    targets, units = standardised(values, (0.0, 1e12))
    known = ~np.isnan(values)
    assert targets[0] == pytest.approx(-targets[3])
    assert targets[1] == targets[5] == 0.0
    assert (units / values)[known] == pytest.approx(np.full(5, np.log(10.0) / targets[0]))


def test_below_the_noise_differences_count_again() -> None:
    """A tenth and a hundredth of the noise are nearly as good; without noise they are as 1 is to 0.1."""
    values = np.array([8.0, 4.0, 2.0, 1.0, 0.1, 0.01])
    noisy, _ = standardised(values, (1e6, 1e6))
    sure, _ = standardised(values, (0.0, 1e12))
    assert noisy[4] - noisy[5] < 0.2 * (noisy[3] - noisy[4])
    assert sure[4] - sure[5] == pytest.approx(sure[3] - sure[4], rel=1e-6)


def test_before_a_measurement_was_repeated_a_perfect_fit_is_not_infinitely_good() -> None:
    losses = np.array([0.4, 0.3, 0.5, 0.6, 0.2])
    perfect, tiny, good = (standardised(np.append(losses, last), (0.0, 0.0))[0][-1] for last in (0.0, 1e-12, 0.01))
    assert perfect == pytest.approx(tiny)
    assert 1.0 < perfect / good < 1.2


def test_scores_that_are_not_positive_are_compared_by_their_differences() -> None:
    for values in (np.array([-1.0, -0.5, 1.0, 2.0, 3.0]), -np.arange(1.0, 6.0), np.zeros(4)):
        for mine, its in zip(standardised(values, SURE), standardised(values, None), strict=True):
            np.testing.assert_array_equal(mine, its)


@EITHER
def test_the_bad_half_moves_nothing_and_is_cut(noise: Noise | None) -> None:
    good = [1.0, 2.0, 3.0]
    targets, _ = standardised(np.array([*good, 4.0, 5.0]), noise)
    wild, _ = standardised(np.array([*good, 4e9, 5e30]), noise)
    np.testing.assert_array_equal(wild, [*targets[:3], WORST, WORST])


@EITHER
def test_failures_are_the_worst_and_move_nothing(noise: Noise | None) -> None:
    targets, units = standardised(np.array([1.0, NAN, 2.0, 3.0, NAN, 4.0, 5.0]), noise)
    expected, expected_units = standardised(np.arange(1.0, 6.0), noise)
    np.testing.assert_array_equal(units[[0, 2, 3, 5, 6]], expected_units)
    np.testing.assert_array_equal(targets[[0, 2, 3, 5, 6]], expected)
    assert targets[1] == targets[4] == WORST


@pytest.mark.parametrize("values", [[7.0] * 5, [7.0], [-1e300], [0.0] * 3])
def test_equal_values_are_all_ordinary(values: list[float]) -> None:
    for noise in (None, SURE):
        assert standardised(np.array(values), noise)[0].tolist() == [0.0] * len(values)


@pytest.mark.parametrize("count", [1, 4])
def test_where_all_failed_all_are_ordinary(count: int) -> None:
    targets, units = standardised(np.full(count, NAN), SURE)
    assert (targets.tolist(), units.tolist()) == ([0.0] * count, [1.0] * count)


def test_two_values_of_which_the_worse_is_frequent() -> None:
    """The quartile is the median: the standard deviation stands in."""
    targets, _ = standardised(np.array([0.0, 1.0, 1.0, 1.0, 1.0]), None)
    assert targets[0] == pytest.approx(-2.5)
    assert (targets[1:] == 0.0).all()


values = st.floats(-1e300, 1e300) | st.sampled_from([NAN, 1e300, -1e300, 5e-324, 0.0, 1e-200, -1e-200, 1.0])


noises = st.none() | st.tuples(st.floats(0.0, 1e300), st.integers(0, 1000).map(float))


@example([0.0, 5.021775919104624e224, 7.803394078663197e-168], (7.803394078663197e-168, 0.0))
@given(st.lists(values, min_size=1, max_size=40) | st.lists(st.floats(0.0, 1e300), min_size=1), noises)
def test_targets_are_finite_and_in_the_order_of_the_values(told: list[float], noise: Noise | None) -> None:
    targets, units = standardised(np.array(told), noise)
    assert np.isfinite(targets).all()
    assert targets.max() <= WORST
    assert ((units > 1e-151) & (units < np.inf)).all()
    assert np.square(targets).sum() < 1e20
    failed = np.isnan(told)
    ordered = targets[~failed][np.argsort(np.array(told)[~failed], kind="stable")]
    assert (np.diff(ordered) >= 0.0).all()
    assert (targets[failed] == (WORST if (~failed).any() else 0.0)).all()


scores = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
losses = st.lists(st.floats(0.0, 1e6), min_size=2, max_size=30)


@given(scores | losses, st.floats(1e-6, 1e6), st.floats(0.0, 1e3))
def test_the_unit_of_a_fitness_does_not_matter(told: list[float], factor: float, deviation: float) -> None:
    told = [round(value, 3) for value in told]
    unit = 2.0 ** round(np.log2(factor))
    targets, _ = standardised(np.array(told), (deviation**2, 3.0))
    again, _ = standardised(np.array(told) * unit, ((deviation * unit) ** 2, 3.0))
    np.testing.assert_allclose(targets, again, atol=1e-9)


def test_what_breaks_a_constraint_is_as_bad_as_a_failure() -> None:
    values = np.array([[1.0, 9.0], [2.0, 8.0], [3.0, 7.0], [0.0, 0.0], [NAN, NAN]])
    targets, units = targets_of(values, np.array([0.0, 0.0, 0.0, 0.5, 0.0]), None)
    assert (targets[3:] == WORST).all()
    for k in range(2):
        expected, expected_units = standardised(values[:3, k], None)
        np.testing.assert_array_equal(targets[:3, k], expected)
        np.testing.assert_array_equal(units[:3, k], expected_units)


def test_while_nothing_keeps_the_constraints_the_violation_is_the_fitness() -> None:
    values, violations = np.array([[1.0], [2.0], [3.0], [NAN]]), np.array([0.3, 0.2, 0.1, 0.0])
    targets, _ = targets_of(values, violations, SURE)
    assert targets[0] > targets[1] > targets[2]
    assert targets[3] == WORST
    np.testing.assert_array_equal(targets, targets_of(values, violations, None)[0])


def test_where_all_failed_no_objective_says_anything() -> None:
    targets, units = targets_of(np.full((3, 2), NAN), np.zeros(3), None)
    assert targets.tolist() == [[0.0, 0.0]] * 3
    assert units.tolist() == [[1.0, 1.0]] * 3
