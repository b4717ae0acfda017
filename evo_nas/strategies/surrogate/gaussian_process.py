"""A Gaussian process over genomes: Matern-5/2, one length scale a gene, fitted by maximum a posteriori.

The process is that of Rasmussen and Williams (2006, chapters 2 and 5); one scale a gene is their "automatic relevance
determination". Points that were measured several times are one observation, whose noise is divided by their number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

Array = NDArray[np.float64]
SQRT5 = 5.0**0.5
JITTER = 1e-8
LEAST_VARIANCE = 1e-12
LOG_BOUNDS = {"scale": (-3.0, 4.0), "signal": (-3.0, 3.0), "own": (-11.0, 1.0), "noise": (-11.0, 2.0)}


@dataclass(frozen=True, slots=True)
class Priors:
    """Normal priors on the logarithms: mean and standard deviation. Targets are standardised, genes lie in [0, 1]."""

    scale: tuple[float, float] = (0.0, 0.6)
    signal: tuple[float, float] = (0.0, 1.0)
    own: tuple[float, float] = (-5.0, 1.0)
    noise: tuple[float, float] = (-3.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """The logarithms of the length scales [genes] and of three variances: of the smooth part of the fitness, of what is
    each genome's own beside it, and of the noise of one measurement.
    """

    lengths: Array
    signal: float
    own: float
    noise: float

    @property
    def vector(self) -> Array:
        return np.array([*self.lengths, self.signal, self.own, self.noise])

    @classmethod
    def of(cls, vector: Array) -> Scales:
        return cls(vector[:-3].copy(), *map(float, vector[-3:]))


def prior_scales(num_genes: int, priors: Priors) -> Scales:
    """Where the first fit starts: at the priors' means."""
    return Scales(np.full(num_genes, priors.scale[0]), priors.signal[0], priors.own[0], priors.noise[0])


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """points: [n, columns] coordinates. targets: [n] standardised means. counts: [n] measurements behind each.

    scatter, freedom: the squared distances of repeated measurements from their means, summed over all genomes, and
    their degrees of freedom; they tell the noise from what is a genome's own.
    """

    points: Array
    targets: Array
    counts: Array
    scatter: float = 0.0
    freedom: float = 0.0

    def take(self, rows: NDArray[np.intp]) -> Observations:
        """Some of the points; the scatter is still that of all."""
        return replace(self, points=self.points[rows], targets=self.targets[rows], counts=self.counts[rows])


def fit_scales(
    observations: Observations, groups: NDArray[np.intp], start: Scales, priors: Priors, *, steps: int
) -> Scales:
    """The maximum a posteriori from a start, after at most so many steps of L-BFGS. groups: the gene of each column."""
    fit = _Fit(observations, groups, len(start.lengths), priors)
    count = len(start.lengths)
    bounds = [LOG_BOUNDS["scale"]] * count + [LOG_BOUNDS[name] for name in ("signal", "own", "noise")]
    found = minimize(fit.loss, start.vector, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps})
    return Scales.of(found.x)


def log_density(observations: Observations, groups: NDArray[np.intp], scales: Scales, priors: Priors) -> float:
    """The logarithm of the posterior density of scales, but for what depends on the number of observations alone."""
    return -_Fit(observations, groups, len(scales.lengths), priors).loss(scales.vector)[0]


class _Fit:
    def __init__(self, observations: Observations, groups: NDArray[np.intp], count: int, priors: Priors) -> None:
        self._observations = observations
        points = observations.points
        self._squares = np.empty((count, len(points) * len(points)))
        for gene in range(count):
            columns = points[:, groups == gene]
            norms = np.einsum("ij,ij->i", columns, columns)
            self._squares[gene] = (norms[:, None] + norms - 2.0 * columns @ columns.T).ravel()
        np.maximum(self._squares, 0.0, out=self._squares)
        normal = [priors.scale] * count + [priors.signal, priors.own, priors.noise]
        self._means, self._deviations = np.array(normal).T

    def loss(self, vector: Array) -> tuple[float, Array]:
        """Minus the logarithm of the posterior density, and its gradient."""
        targets, counts = self._observations.targets, self._observations.counts
        size = len(targets)
        weights = np.exp(-2.0 * vector[:-3])
        signal, own, noise = np.exp(vector[-3:])
        r = np.sqrt(weights @ self._squares).reshape(size, size)
        decay = np.exp(-SQRT5 * r)
        kernel = signal * (1.0 + SQRT5 * r + (5.0 / 3.0) * r * r) * decay
        covariance = kernel.copy()
        covariance.flat[:: size + 1] += own + noise / counts + JITTER
        try:
            lower = cholesky(covariance, lower=True, check_finite=False)
        except np.linalg.LinAlgError:
            return 1e10, np.zeros_like(vector)
        inverse = cho_solve((lower, True), np.eye(size), check_finite=False)
        solved = inverse @ targets
        scatter, freedom = self._observations.scatter / noise, self._observations.freedom
        loss = 0.5 * targets @ solved + np.log(np.diag(lower)).sum() + 0.5 * (freedom * vector[-1] + scatter)
        inner = inverse - np.outer(solved, solved)
        # d kernel / d(log length) = signal * 5/3 (1 + sqrt5 r) exp(-sqrt5 r) * square / length^2
        slope = (inner * (signal * (5.0 / 3.0)) * (1.0 + SQRT5 * r) * decay).ravel()
        gradient = np.empty_like(vector)
        gradient[:-3] = 0.5 * (self._squares @ slope) * weights
        gradient[-3] = 0.5 * np.einsum("ij,ij->", inner, kernel)
        gradient[-2] = 0.5 * own * np.trace(inner)
        gradient[-1] = 0.5 * (noise * (np.diag(inner) / counts).sum() + freedom - scatter)
        away = (vector - self._means) / self._deviations
        return float(loss + 0.5 * away @ away), gradient + away / self._deviations


class GaussianProcess:
    """The posterior of fitted scales given observations. noise: the variance of one measurement.

    before: a process that was made shortly before it, perhaps of the same points; what is the same is taken from it.
    """

    def __init__(
        self,
        observations: Observations,
        groups: NDArray[np.intp],
        scales: Scales,
        before: GaussianProcess | None = None,
    ) -> None:
        self._weights = np.exp(-scales.lengths)[groups]
        self._signal, self._own, self.noise = (float(np.exp(log)) for log in (scales.signal, scales.own, scales.noise))
        self._observations, self._scales = observations, scales
        self._points = observations.points * self._weights
        self._lower: Array = before._lower if before is not None and self._covaries_as(before) else self._factor()
        half = solve_triangular(self._lower, observations.targets, lower=True, check_finite=False)
        self._solved = solve_triangular(self._lower, half, lower=True, trans=1, check_finite=False)

    def _covaries_as(self, other: GaussianProcess) -> bool:
        """The covariance depends on everything but the targets."""
        mine, its = self._observations, other._observations
        return (
            self._scales is other._scales
            and np.array_equal(mine.counts, its.counts)
            and np.array_equal(mine.points, its.points)
        )

    def _factor(self) -> Array:
        """Cholesky's, of the covariance of the observations."""
        covariance = self._kernel(self._points, self._points)
        noise = self.noise / self._observations.counts
        covariance.flat[:: len(covariance) + 1] = self._signal + self._own + noise + JITTER
        return np.asarray(cholesky(covariance, lower=True, check_finite=False))

    @property
    def known_means(self) -> Array:
        """[n] of the observed genomes, what is their own included."""
        return np.asarray(self._observations.targets - self.noise / self._observations.counts * self._solved)

    def known_variances(self, rows: NDArray[np.intp]) -> Array:
        """[rows] of some observed genomes."""
        chosen = np.zeros((len(self._points), len(rows)))
        chosen[rows, np.arange(len(rows))] = 1.0
        half = solve_triangular(self._lower, chosen, lower=True, check_finite=False)
        noise = self.noise / self._observations.counts[rows]
        return np.asarray(np.maximum(noise - noise * noise * np.einsum("ij,ij->j", half, half), LEAST_VARIANCE))

    def belief(self, points: Array) -> Belief:
        """What is believed of points [m, columns] that were not observed."""
        scaled = points * self._weights
        cross = self._kernel(self._points, scaled)
        half = solve_triangular(self._lower, cross, lower=True, check_finite=False)
        smooth = self._signal - np.einsum("ij,ij->j", half, half)
        variances = np.maximum(smooth, 0.0) + max(self._own, LEAST_VARIANCE)
        return Belief(self, scaled, cross.T @ self._solved, variances, half)

    def means(self, points: Array) -> Array:
        """[m] of points that were not observed."""
        return np.asarray(self._kernel(self._points, points * self._weights).T @ self._solved)

    def _kernel(self, first: Array, second: Array) -> Array:
        squares = np.einsum("ij,ij->i", first, first)[:, None] + np.einsum("ij,ij->i", second, second)
        squares -= 2.0 * first @ second.T
        r = np.sqrt(np.maximum(squares, 0.0, out=squares), out=squares)
        return np.asarray(self._signal * (1.0 + SQRT5 * r + (5.0 / 3.0) * r * r) * np.exp(-SQRT5 * r))


class Belief:
    """Means and variances [m] of points; `suppose` takes one as measured at its mean (the kriging believer)."""

    def __init__(self, process: GaussianProcess, scaled: Array, means: Array, variances: Array, half: Array) -> None:
        self._process = process
        self._scaled = scaled
        self._half = half
        self._rows: list[Array] = []
        self.means = means
        self.variances = variances

    def suppose(self, index: int) -> None:
        """Believe that this point was measured and gave its mean: only variances change (Ginsbourger et al. 2010)."""
        own = self._scaled[index : index + 1]
        cross = self._process._kernel(own, self._scaled)[0]
        covariance = cross - self._half[:, index] @ self._half
        for row in self._rows:
            covariance = covariance - row[index] * row
        row = covariance / np.sqrt(self.variances[index] + self._process.noise)
        self._rows.append(row)
        self.variances = np.maximum(self.variances - row * row, LEAST_VARIANCE)
