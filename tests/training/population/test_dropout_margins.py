"""Which units dropout keeps: as many as it should, all where nothing is dropped, and the same for everybody."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evo_nas.training.population.noise import draw_noise
from evo_nas.training.population.operations import only_kept
from evo_nas.training.streams import TrainingStreams

STREAMS = TrainingStreams(evaluation_seed=3, fold=0, replicate=0, fingerprint="any")
UNITS, ROWS = 400, 250


def noise(units: int = UNITS, step: int = 0) -> np.ndarray:
    drawn = np.empty((units, ROWS), dtype=np.float32)
    draw_noise(STREAMS, step, 1, drawn)
    return drawn


def kept(rate: float, step: int = 0) -> np.ndarray:
    margin = tf.constant(noise(step=step)) + tf.constant([[1.0 - rate]])
    return only_kept(tf.ones((UNITS, ROWS)), margin).numpy()


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_as_many_are_kept_as_should_be(rate: float) -> None:
    found = kept(rate)
    assert set(np.unique(found)) <= {0.0, 1.0}
    assert binomtest(int(found.sum()), found.size, 1.0 - rate).pvalue > 1e-3


def test_all_are_kept_where_nothing_is_dropped_whatever_was_drawn() -> None:
    lowest = np.float32(2.0**-24 - 1.0)  # what is drawn of a word of nothing but zeros
    assert only_kept(tf.constant([7.0]), tf.constant([lowest]) + 1.0).numpy() == 7.0


def test_noise_lies_strictly_between_its_bounds() -> None:
    drawn = noise()
    assert -1.0 < drawn.min() < -0.999
    assert -0.001 < drawn.max() < 0.0


def test_the_noise_of_a_narrow_layer_begins_that_of_a_wide_one() -> None:
    np.testing.assert_array_equal(noise(units=16), noise()[:16])


def test_who_drops_more_drops_what_others_drop_as_well() -> None:
    assert np.all(kept(0.5) <= kept(0.2))


@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 2**23 - 1))
def test_a_unit_is_kept_where_its_uniform_number_lies_above_the_rate(rate: float, word: int) -> None:
    """In exact arithmetic, but for what a rate loses when it becomes a number of 32 bits."""
    uniform = (2 * word + 1) / 2**24
    margin = np.float32(uniform - 1.0) + np.float32(1.0 - rate)
    if abs(uniform - rate) > 2.0**-22:
        assert (margin > 0.0) == (uniform > rate)


def test_what_is_dropped_says_nothing_and_what_is_kept_is_untouched() -> None:
    values, margin = tf.constant([1.5, -2.0, 1e38, 3.0]), tf.constant([1.0, 2.0**-24, 0.5, -1.0])
    np.testing.assert_array_equal(only_kept(values, margin), np.float32([1.5, -2.0, 1e38, 0.0]))
