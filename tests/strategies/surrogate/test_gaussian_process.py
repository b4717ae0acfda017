"""The process against scikit-learn's, against plain linear algebra, and against finite differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from evo_nas.strategies.surrogate.gaussian_process import (
    JITTER,
    GaussianProcess,
    Observations,
    Priors,
    Scales,
    _Fit,
    fit_scales,
    prior_scales,
)

GENES = 3
GROUPS = np.array([0, 1, 2, 2])
"""Two genes of one column, and one of two."""
SCALES = Scales(np.log([0.3, 0.8, 0.5]), np.log(1.7), np.log(0.02), np.log(0.05))


def points(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, len(GROUPS)))


def fitness(where: np.ndarray) -> np.ndarray:
    return np.sin(4.0 * where[:, 0]) + where[:, 1] * where[:, 2] - where[:, 3]


def observations(count: int, *, seed: int = 0, most: int = 1) -> Observations:
    generator = np.random.default_rng(seed)
    counts = generator.integers(1, most + 1, count).astype(float)
    where = points(count, seed)
    targets = fitness(where) + 0.2 * generator.normal(size=count) / np.sqrt(counts)
    freedom = float((counts - 1).sum())
    return Observations(where, targets, counts, scatter=0.04 * freedom, freedom=freedom)


def matern(first: np.ndarray, second: np.ndarray, scales: Scales) -> np.ndarray:
    """Rasmussen and Williams (2006), equation 4.17."""
    away = (first[:, None, :] - second[None, :, :]) / np.exp(scales.lengths)[GROUPS]
    r = np.sqrt((away**2).sum(axis=2))
    return np.exp(scales.signal) * (1 + 5**0.5 * r + 5 / 3 * r**2) * np.exp(-(5**0.5) * r)


def test_what_was_measured_once_is_believed_as_scikit_learn_believes_it() -> None:
    known, asked = observations(40), points(25, seed=1)
    own, noise = np.exp(SCALES.own), np.exp(SCALES.noise)
    kernel = ConstantKernel(np.exp(SCALES.signal)) * Matern(np.exp(SCALES.lengths)[GROUPS], nu=2.5)
    reference = GaussianProcessRegressor(kernel + WhiteKernel(own + noise), alpha=JITTER, optimizer=None)
    means, deviations = reference.fit(known.points, known.targets).predict(asked, return_std=True)
    process = GaussianProcess(known, GROUPS, SCALES)
    belief = process.belief(asked)
    np.testing.assert_allclose(belief.means, means, atol=1e-10)
    np.testing.assert_allclose(process.means(asked), means, atol=1e-10)
    np.testing.assert_allclose(belief.variances, deviations**2 - noise, atol=1e-10)


def test_what_was_measured_several_times_is_believed_as_linear_algebra_has_it() -> None:
    known, asked = observations(30, most=4), points(10, seed=1)
    among = matern(known.points, known.points, SCALES) + np.exp(SCALES.own) * np.eye(30)
    inverse = np.linalg.inv(among + np.diag(np.exp(SCALES.noise) / known.counts) + JITTER * np.eye(30))
    process, rows = GaussianProcess(known, GROUPS, SCALES), np.array([0, 7, 29])
    np.testing.assert_allclose(process.known_means, among @ inverse @ known.targets, atol=1e-6)
    exact = np.diag(among - among @ inverse @ among)
    np.testing.assert_allclose(process.known_variances(rows), exact[rows], atol=1e-6)
    cross = matern(asked, known.points, SCALES)
    belief = process.belief(asked)
    np.testing.assert_allclose(belief.means, cross @ inverse @ known.targets, atol=1e-9)
    alone = np.exp(SCALES.signal) + np.exp(SCALES.own)
    np.testing.assert_allclose(belief.variances, alone - np.einsum("ij,jk,ik->i", cross, inverse, cross), atol=1e-9)


def test_what_a_process_takes_from_another_changes_no_bit() -> None:
    known, asked = observations(30, most=3), points(10, seed=1)
    before = GaussianProcess(known, GROUPS, SCALES)
    more = observations(31, most=3)
    for told, scales, shared in [
        (replace(known, targets=known.targets[::-1].copy()), SCALES, True),
        (replace(known, counts=known.counts + 1.0), SCALES, False),
        (replace(known, points=known.points[::-1].copy()), SCALES, False),
        (more, SCALES, False),
        (known, replace(SCALES, noise=0.0), False),
        (known, replace(SCALES, lengths=SCALES.lengths + 0.1), False),
    ]:
        alone, after = (GaussianProcess(told, GROUPS, scales, other) for other in (None, before))
        assert (after._lower is before._lower) is shared
        np.testing.assert_array_equal(after.known_means, alone.known_means)
        for name in ("means", "variances"):
            np.testing.assert_array_equal(getattr(after.belief(asked), name), getattr(alone.belief(asked), name))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 15), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_gradient_of_the_fit_is_that_of_its_loss(count: int, most: int, seed: int) -> None:
    fit = _Fit(observations(count, seed=seed, most=most), GROUPS, GENES, Priors())
    vector = np.random.default_rng(seed).uniform(-1.5, 1.0, GENES + 3)
    _, gradient = fit.loss(vector)
    numeric = approx_fprime(vector, lambda v: fit.loss(v)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-3)


def test_the_loss_is_minus_the_logarithm_of_the_posterior_density() -> None:
    known, priors = observations(12), Priors()
    fit = _Fit(known, GROUPS, GENES, priors)
    at_means = prior_scales(GENES, priors)

    def density(scales: Scales) -> float:
        own_and_noise = np.exp(scales.own) + np.exp(scales.noise) + JITTER
        covariance = matern(known.points, known.points, scales) + own_and_noise * np.eye(12)
        _, logarithm = np.linalg.slogdet(covariance)
        away = (scales.vector - at_means.vector) / np.array([0.6, 0.6, 0.6, 1.0, 1.0, 1.0])
        return -0.5 * (known.targets @ np.linalg.solve(covariance, known.targets) + logarithm + away @ away)

    difference = fit.loss(SCALES.vector)[0] - fit.loss(at_means.vector)[0]
    assert difference == pytest.approx(density(at_means) - density(SCALES), rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 11), min_size=1, max_size=5, unique=True))
def test_supposing_a_point_is_to_observe_its_mean(seed: int, supposed: list[int]) -> None:
    known, asked = observations(20, seed=seed, most=3), points(12, seed=seed + 1)
    belief = GaussianProcess(known, GROUPS, SCALES).belief(asked)
    means = belief.means.copy()
    for index in supposed:
        belief.suppose(index)
    more = Observations(
        np.concatenate([known.points, asked[supposed]]),
        np.concatenate([known.targets, means[supposed]]),
        np.concatenate([known.counts, np.ones(len(supposed))]),
    )
    second = GaussianProcess(more, GROUPS, SCALES).belief(asked)
    np.testing.assert_allclose(belief.means, second.means, atol=1e-5)
    np.testing.assert_allclose(belief.variances, second.variances, atol=1e-6)


def test_the_fit_finds_out_which_genes_matter() -> None:
    generator = np.random.default_rng(3)
    where = generator.random((80, 5))
    targets = np.sin(6.0 * where[:, 2]) + 0.02 * generator.normal(size=80)
    known = Observations(where, targets, np.ones(80))
    lengths = fit_scales(known, np.arange(5), prior_scales(5, Priors()), Priors(), steps=60).lengths
    assert lengths[2] < -0.5
    assert np.delete(lengths, 2).min() > 0.5


def test_repeated_measurements_tell_noise_from_what_is_a_genomes_own() -> None:
    """Fitness that no distance explains: without repeats it may be either, with them it is known."""
    generator = np.random.default_rng(4)
    where, counts = generator.random((60, 2)), np.full(60, 2.0)
    own = generator.normal(size=60)
    known = Observations(where, own, counts, scatter=60 * 1e-4, freedom=60.0)
    fitted = fit_scales(known, np.arange(2), prior_scales(2, Priors()), Priors(), steps=60)
    assert np.exp(fitted.noise) == pytest.approx(1e-4, rel=0.4)
    noisy = Observations(where, own, counts, scatter=60 * 2.0, freedom=60.0)
    fitted = fit_scales(noisy, np.arange(2), prior_scales(2, Priors()), Priors(), steps=60)
    assert np.exp(fitted.noise) == pytest.approx(2.0, rel=0.2)
    process = GaussianProcess(noisy, np.arange(2), fitted)
    assert np.abs(process.known_means).max() < 0.7 * np.abs(own).max()


def test_equal_points_are_no_obstacle() -> None:
    """A space may be so small that all that is told lies at a few places."""
    known = Observations(np.zeros((50, 2)), np.zeros(50), np.ones(50))
    scales = fit_scales(known, np.arange(2), prior_scales(2, Priors()), Priors(), steps=30)
    belief = GaussianProcess(known, np.arange(2), scales).belief(np.zeros((1, 2)))
    assert np.isfinite([belief.means[0], belief.variances[0]]).all()
