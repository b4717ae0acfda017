"""What a person is told when TensorFlow or Keras raises: the words, and nothing of nodes and lines of code."""

from __future__ import annotations

import re
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from evo_nas.errors import described, told

TOO_FEW = "Input to reshape is a tensor with 5 values, but the requested shape requires a multiple of 7"


@tf.function(input_signature=[tf.TensorSpec((None,))])
def of_sevens(values: tf.Tensor) -> tf.Tensor:
    return tf.reshape(values, [7, -1])


@tf.function
def of_sevens_when_traced(values: tf.Tensor) -> tf.Tensor:
    return tf.reshape(values, [7, -1])


@tf.function(input_signature=[tf.TensorSpec((), tf.int64)])
def too_large(side: tf.Tensor) -> tf.Tensor:
    return tf.zeros((side, side, side)) + 1.0


class OfSevens(keras.layers.Layer):
    def call(self, values: tf.Tensor) -> tf.Tensor:
        return tf.reshape(values, [7, -1])


def wrong_labels() -> None:
    network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, kernel_initializer="zeros")])
    network.compile("sgd", "sparse_categorical_crossentropy")
    network.evaluate(np.zeros((2, 4)), np.full(2, 9), verbose=0)


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (lambda: of_sevens(tf.zeros(5)), f"InvalidArgumentError: {TOO_FEW}"),
        (lambda: tf.reshape(tf.zeros(5), [7, -1]), f"InvalidArgumentError: {TOO_FEW}"),
        (lambda: OfSevens()(np.zeros(5)), f"InvalidArgumentError: {TOO_FEW}"),
        (
            lambda: of_sevens_when_traced(tf.zeros(5)),
            "ValueError: Dimension size must be evenly divisible by 7 but is 5",
        ),
        (
            lambda: too_large(tf.constant(2**17, tf.int64)),
            "ResourceExhaustedError: OOM when allocating tensor with shape[131072,131072,131072] and type float",
        ),
        (wrong_labels, "InvalidArgumentError: indices[0] = 9 is not in [0, 3)"),
    ],
)
def test_the_first_words_are_what_went_wrong(fails: Callable[[], object], said: str) -> None:
    with pytest.raises(Exception) as caught:
        fails()
    assert described(caught.value).startswith(said)
    assert not re.search(r'File "|node |\[Op:|\n|\x1b', described(caught.value))
    assert "\n" not in told(caught.value)
