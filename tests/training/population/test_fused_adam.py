"""The fused operation's steps are those of Keras's Adam, which rounds 1 - beta elsewhere."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from evo_nas.training.population.update_rules import FUSED_BETAS, RULES, apply_fused_adam, coefficient_table
from tests.training.population.cohorts import distance

pytestmark = pytest.mark.equivalence
RATE = 2.0**-7


@pytest.mark.parametrize("size", [1.0, 1e-6], ids=["plain gradients", "gradients near epsilon"])
@pytest.mark.parametrize("num_steps", [1, 50, 4000])
def test_a_walk_of_keras(size: float, num_steps: int) -> None:
    """From zero, so that nothing but the steps is compared; their differences add up if they have one sign."""
    gradients = np.random.default_rng(5).normal(1.0, 1.0, (num_steps, 4, 100)).astype(np.float32) * np.float32(size)
    assert distance(_ours(gradients), _of_keras(gradients)) < (8e-8 if num_steps == 1 else 2e-7)


def _ours(gradients: np.ndarray) -> np.ndarray:
    rule = RULES["adam_fused"]
    genes = {"learning_rate": RATE, "decay": 1.0, "beta_1": FUSED_BETAS[0], "beta_2": FUSED_BETAS[1]}
    weights, *slots = (tf.Variable(tf.zeros(gradients.shape[1:])) for _ in range(1 + rule.num_slots))
    table = coefficient_table(rule, [genes], range(len(gradients)))
    for gradient, numbers in zip(gradients, table[:, :, 0], strict=True):
        apply_fused_adam(weights, slots, tf.constant(gradient), tf.unstack(tf.constant(numbers)))
    return weights.numpy() * np.float32(RATE)


def _of_keras(gradients: np.ndarray) -> np.ndarray:
    optimizer, weights = keras.optimizers.Adam(RATE), keras.Variable(np.zeros(gradients.shape[1:], np.float32))
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weights]))
    optimizer.build([weights])
    for gradient in gradients:
        step(tf.constant(gradient))
    return np.asarray(weights)
