"""What trainings promise, against integrals and against Monte Carlo."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from evo_nas.strategies.surrogate.acquisition import (
    log_expected_improvement,
    log_improvement,
    log_knowledge_gradient,
)


@pytest.mark.parametrize("mean", [-2.0, -0.1, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("deviation", [0.2, 1.0, 4.0])
def test_the_expected_improvement_is_its_integral(mean: float, deviation: float) -> None:
    best = 0.1

    def integrand(value: float) -> float:
        return (best - value) * float(norm.pdf(value, mean, deviation))

    expected, _ = quad(integrand, min(best, mean) - 40 * deviation, best, points=[min(best, mean)], epsabs=0.0)
    (found,) = log_expected_improvement(np.array([mean]), np.array([deviation**2]), best)
    assert found == pytest.approx(math.log(expected), rel=1e-6)


@pytest.mark.parametrize(
    ("u", "expected"),
    [(0.0, -0.5 * math.log(2 * math.pi)), (1e6, math.log(1e6)), (-1e3, -500014.73444909), (-1e8, -5e15 - 37.76)],
)
def test_known_values(u: float, expected: float) -> None:
    """Far out the improvement is phi(u) / u^2."""
    assert log_improvement(np.array([u]))[0] == pytest.approx(expected, rel=1e-12, abs=1e-3)


def test_far_tails_are_finite_and_never_decrease() -> None:
    """Where branches and series meet, too; an improvement in units that no double holds still has an order."""
    u = np.concatenate([-np.logspace(8, -8, 20_001), [0.0], np.logspace(-8, 8, 20_001)])
    values = log_improvement(u)
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0.0).all()


@pytest.mark.parametrize("seam", [-1.0, -1e4])
def test_branches_meet(seam: float) -> None:
    below, above = log_improvement(np.array([np.nextafter(seam, -np.inf), np.nextafter(seam, np.inf)]))
    assert below == pytest.approx(above, rel=1e-9)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(1e-6, 100.0))
def test_better_means_promise_more(first: float, second: float, variance: float) -> None:
    low, high = sorted((first, second))
    promises = log_expected_improvement(np.array([low, high]), np.array([variance, variance]), 0.0)
    assert promises[0] >= promises[1]


def test_doubt_promises_more_where_means_are_equal() -> None:
    promises = log_expected_improvement(np.zeros(4), np.array([0.01, 0.1, 1.0, 10.0]), -1.0)
    assert (np.diff(promises) > 0.0).all()


def test_the_knowledge_gradient_is_the_expected_change_of_the_least_mean() -> None:
    means, variances, noise = np.array([0.0, 0.15, 0.2, 2.0]), np.array([0.04, 0.3, 0.02, 0.5]), 0.1
    generator = np.random.default_rng(0)
    truth = means + np.sqrt(variances) * generator.normal(size=(400_000, 4))
    told = truth + math.sqrt(noise) * generator.normal(size=truth.shape)
    posterior = means + variances / (variances + noise) * (told - means)
    others = np.array([np.delete(means, i).min() for i in range(4)])
    gains = means.min() - np.minimum(posterior, others).mean(axis=0)
    np.testing.assert_allclose(np.exp(log_knowledge_gradient(means, variances, noise)), gains, atol=5e-4)


def test_two_that_are_equally_good_are_equally_worth_another_look() -> None:
    promises = log_knowledge_gradient(np.array([1.0, 1.0]), np.array([0.3, 0.3]), 0.1)
    assert promises[0] == promises[1]


def test_what_is_known_well_is_not_worth_another_look() -> None:
    promises = log_knowledge_gradient(np.array([0.0, 0.0, 0.0]), np.array([1e-12, 0.1, 0.2]), 0.1)
    assert promises[0] < promises[1] < promises[2]
    assert np.isfinite(promises).all()
