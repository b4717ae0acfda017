"""Initial kernels: the distributions of Keras's initializers, with their exact bounds and variances."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from scipy import stats

from evo_nas.randomness import array_stream, lent_stream
from evo_nas.training.initial_weights import TRUNCATED_DEVIATION, initial_kernel
from evo_nas.training.streams import TrainingStreams
from genomes.mlp_genes import INITIALIZERS

SHAPES = [(400, 500), (3, 40_000), (40_000, 3)]


def drawn(initializer: str, shape: tuple[int, int], key: int = 0) -> np.ndarray:
    return initial_kernel(initializer, *shape, array_stream("test", key))


def variance_of(initializer: str, fan_in: int, fan_out: int) -> float:
    return {"glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in, "lecun": 1 / fan_in}[initializer.split("_")[0]]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_the_distribution_is_that_of_keras(initializer: str, shape: tuple[int, int]) -> None:
    """Kolmogorov and Smirnov's test notices a scale that is off by two per cent in so many draws."""
    ours = drawn(initializer, shape)
    class_name = "".join(word.capitalize() for word in initializer.split("_"))
    theirs = np.asarray(getattr(keras.initializers, class_name)(seed=5)(shape))
    assert ours.dtype == theirs.dtype == np.float32
    assert ours.shape == theirs.shape == shape
    assert stats.ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 0.01


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_bounds_mean_and_variance(initializer: str, shape: tuple[int, int]) -> None:
    kernel = drawn(initializer, shape).astype(np.float64)
    variance = variance_of(initializer, *shape)
    in_deviations = kernel / np.sqrt(variance)
    bound = np.sqrt(3) if initializer.endswith("uniform") else 2 / TRUNCATED_DEVIATION
    assert np.abs(in_deviations).max() <= bound * (1 + 1e-6)
    assert np.abs(in_deviations).max() > bound * 0.995  # so many draws come near it
    assert in_deviations.mean() == pytest.approx(0.0, abs=4 / np.sqrt(kernel.size))
    assert in_deviations.var() == pytest.approx(1.0, abs=6 / np.sqrt(kernel.size))


def test_the_deviation_of_a_truncated_normal_is_exact() -> None:
    assert stats.truncnorm(-2, 2).std() == pytest.approx(TRUNCATED_DEVIATION, rel=1e-12)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_one_input_and_one_output(initializer: str) -> None:
    assert drawn(initializer, (1, 1)).shape == (1, 1)


def test_a_kernel_is_a_function_of_key_and_position() -> None:
    streams = TrainingStreams(0, 0, 0, "a" * 32)
    kernels = [streams.initial_kernel("he_normal", 5, 4, position) for position in (0, 1, 0)]
    assert kernels[0].tobytes() == kernels[2].tobytes() != kernels[1].tobytes()


def test_kernels_of_one_stream_are_not_related() -> None:
    """Neither neighbours in a row nor kernels of neighbouring positions: 4 deviations of a sample correlation."""
    streams = TrainingStreams(0, 0, 0, "a" * 32)
    first, second = (streams.initial_kernel("he_normal", 300, 300, position).ravel() for position in (0, 1))
    for one, other in ((first, second), (first[1:], first[:-1]), (first[300:], first[:-300])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(first.size)


def test_a_lent_stream_is_that_of_its_key_each_time() -> None:
    """Also after one that has drawn odd numbers of halves, and in several threads at once."""

    def drawn(key: int, stream: Callable[..., np.random.Generator]) -> list[float]:
        generator = stream("test", key)
        return [*generator.random(key % 5 + 1, dtype=np.float32), *generator.standard_normal(3), generator.integers(9)]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda key: drawn(key, lent_stream), range(400)))
    assert found == [drawn(key, array_stream) for key in range(400)]
