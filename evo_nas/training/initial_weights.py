"""Initial kernels as numbers, drawn by nobody's framework, so that every path of training starts from the same bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

GAINS: Mapping[str, float] = {"glorot": 1.0, "he": 2.0, "lecun": 1.0}
TRUNCATED_DEVIATION = 0.87962566103423978
"""Standard deviation of a standard normal cut off at two: what is drawn is divided by it, as Keras does."""


def initial_kernel(initializer: str, fan_in: int, fan_out: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """The kernel of a dense layer, float32 [fan_in, fan_out], see `initial_weights`."""
    return initial_weights(initializer, (fan_in, fan_out), (fan_in, fan_out), generator)


def initial_weights(
    initializer: str, shape: Sequence[int], fans: tuple[int, int], generator: np.random.Generator
) -> NDArray[np.float32]:
    """A kernel, float32 of a shape, with the distribution of Keras's initializer.

    fans: weights that come into a unit, and that read an input: height x width x channels in or out of a convolution.
    initializer: a family and a distribution, as "he_normal". The variance is gain / fan: the gain is 2 for "he", else
    1, and the fan is the number of inputs or, for "glorot", the mean of inputs and outputs (Glorot and Bengio 2010; He
    et al. 2015; LeCun et al. 1998). "uniform" is bounded by sqrt(3 variance), "normal" is cut off at two standard
    deviations and widened to have the variance all the same.
    """
    (fan_in, fan_out), (family, distribution) = fans, initializer.split("_")
    fan = (fan_in + fan_out) / 2 if family == "glorot" else fan_in
    variance = GAINS[family] / max(1, fan)
    if distribution == "uniform":
        draws = 2 * generator.random(tuple(shape), dtype=np.float32) - 1
        return draws * np.float32(np.sqrt(3 * variance))
    deviation = np.float32(np.sqrt(variance) / TRUNCATED_DEVIATION)
    return _truncated_normal(prod(shape), generator).reshape(tuple(shape)) * deviation


def _truncated_normal(count: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Standard normal numbers within [-2, 2], float32 [count]: what lies outside is drawn again."""
    draws = generator.standard_normal(count, dtype=np.float32)
    while len(outside := np.flatnonzero(np.abs(draws) > 2)):
        draws[outside] = generator.standard_normal(len(outside), dtype=np.float32)
    return draws
