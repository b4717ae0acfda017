"""Batches of images, and the one way in which the tests change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.config import Augmentation
from evo_nas.training.augmentation import augmented, batch_seed

Array = NDArray[Any]


def images(count: int, height: int = 6, width: int = 8, channels: int = 3) -> Array:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, height, width, channels)).astype(np.uint8)


def targets(count: int) -> Array:
    return np.eye(4, dtype=np.float32)[np.arange(count) % 4]


def seed(key: int = 5, start: int = 0) -> tf.Tensor:
    return batch_seed(tf.constant(key, tf.int64), tf.constant(start))


def changed(batch: Array, answers: Array | None = None, at: tf.Tensor | None = None, **strengths: float) -> Array:
    """The images alone, float32."""
    return both(batch, targets(len(batch)) if answers is None else answers, at, **strengths)[0]


def both(batch: Array, answers: Array, at: tf.Tensor | None = None, **strengths: float) -> tuple[Array, Array]:
    """As a training step does it: inside a graph."""
    record = Augmentation.model_validate(strengths)
    step = tf.function(lambda x, y, s: augmented(x, y, record, s), autograph=False)
    pixels, values = step(tf.constant(batch), tf.constant(answers), seed() if at is None else at)
    return pixels.numpy(), values.numpy()
