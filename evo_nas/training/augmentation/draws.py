"""The random numbers of a batch's augmentation: one draw for all kinds of change, a row for each image."""

from __future__ import annotations

from dataclasses import dataclass, fields

import tensorflow as tf


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Independent numbers, uniform in [0, 1): float32 [images] each. What is off leaves its own unused, so that two
    genomes that differ in one kind of change share the draws of all others.
    """

    flip: tf.Tensor
    shift_y: tf.Tensor
    shift_x: tf.Tensor
    rotation: tf.Tensor
    zoom: tf.Tensor
    brightness: tf.Tensor
    contrast: tf.Tensor
    saturation: tf.Tensor
    cutout_y: tf.Tensor
    cutout_x: tf.Tensor
    mixup_one: tf.Tensor
    mixup_other: tf.Tensor

    @classmethod
    def of(cls, seed: tf.Tensor, num_images: tf.Tensor) -> Draws:
        """A function of the seed (int64 [2]) alone: the draws of fewer images are the first of those of more."""
        # The kind of generator is named: left open, it would depend on the device.
        table = tf.random.stateless_uniform((num_images, len(fields(cls))), seed, alg="philox")
        return cls(*tf.unstack(table, axis=1))


def batch_seed(key: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    """The seed of one batch, int64 [2]. key: of the epoch, int64. start: where in the epoch the batch begins."""
    return tf.stack([tf.cast(key, tf.int64), tf.cast(start, tf.int64)])


def around(draw: tf.Tensor, strength: float) -> tf.Tensor:
    """Uniform in [-strength, strength)."""
    return (2.0 * draw - 1.0) * strength
