"""How much a training promises: the logarithm of the expected improvement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, log_ndtr

Array = NDArray[np.float64]
HALF_LOG_2PI = 0.5 * np.log(2.0 * np.pi)


def log_expected_improvement(means: Array, variances: Array, best: float) -> Array:
    """log E[max(0, best - f)] for f normal: [n]. Finite where the improvement itself is no longer a double.

    Ament et al. 2023, "Unexpected improvements to expected improvement for Bayesian optimization". Smaller is better.
    """
    deviations = np.sqrt(variances)
    return log_improvement((best - means) / deviations) + np.log(deviations)


def log_improvement(u: Array) -> Array:
    """log(phi(u) + u Phi(u)), for any u."""
    log_density = -0.5 * u * u - HALF_LOG_2PI
    out = np.empty_like(u)
    plain = u > -1.0
    near = u[plain]
    out[plain] = np.log(np.exp(log_density[plain]) + near * np.exp(log_ndtr(near)))
    far = u[~plain]
    # Phi / phi, Mills's ratio, by the scaled complementary error function; far out by its series: the sum cancels.
    ratio = np.sqrt(np.pi / 2.0) * erfcx(-far / np.sqrt(2.0))
    rest = np.where(far > -1e4, np.maximum(1.0 + far * ratio, 1e-300), 1.0 / (far * far))
    out[~plain] = log_density[~plain] + np.log(rest)
    return out


def log_knowledge_gradient(means: Array, variances: Array, noise: float) -> Array:
    """How much measuring each of some known points once more promises: [n >= 2], the logarithm of the expected gain in
    the value of what will then be believed best.

    Frazier et al. 2009, "The knowledge-gradient policy for correlated normal beliefs", taken as uncorrelated.
    """
    change = variances / np.sqrt(variances + noise)
    best, second = np.partition(means, 1)[:2]
    gap = np.where(means == best, second - best, means - best)
    return log_improvement(-gap / change) + np.log(change)
