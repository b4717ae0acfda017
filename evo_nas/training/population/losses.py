"""The losses and what they say of logits, on tensors [members, outputs, rows]; a loss is that of Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True, slots=True)
class Loss:
    """of: (logits, targets) -> the loss of each row [members, rows].
    slope: (logits, targets) -> its derivative by each logit [members, outputs, rows].
    said: logits -> what the network says: probabilities, or the logits themselves.
    """

    of: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    slope: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    said: Callable[[tf.Tensor], tf.Tensor]


def _softmax(logits: tf.Tensor) -> tf.Tensor:
    powers = tf.exp(logits - tf.reduce_max(logits, axis=1, keepdims=True))
    return powers / tf.reduce_sum(powers, axis=1, keepdims=True)


def _cross_entropy(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    log_sum = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1))
    return log_sum - tf.reduce_sum(shifted * targets, axis=1)


def _binary_cross_entropy(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    row = tf.nn.relu(logits) - logits * targets + tf.math.log1p(tf.exp(-tf.abs(logits)))
    return tf.reduce_mean(row, axis=1)


def _num_outputs(logits: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.shape(logits)[1], tf.float32)


def _huber(logits: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    errors = tf.abs(logits - targets)
    return tf.reduce_mean(tf.where(errors <= 1.0, 0.5 * tf.square(errors), errors - 0.5), axis=1)


LOSSES: Mapping[str, Loss] = {
    "binary_crossentropy": Loss(
        of=_binary_cross_entropy,
        slope=lambda logits, targets: (tf.sigmoid(logits) - targets) / _num_outputs(logits),
        said=tf.sigmoid,
    ),
    "categorical_crossentropy": Loss(
        of=_cross_entropy,
        slope=lambda logits, targets: _softmax(logits) - targets,
        said=_softmax,
    ),
    "mean_squared_error": Loss(
        of=lambda logits, targets: tf.reduce_mean(tf.square(logits - targets), axis=1),
        slope=lambda logits, targets: 2.0 * (logits - targets) / _num_outputs(logits),
        said=tf.identity,
    ),
    "mean_absolute_error": Loss(
        of=lambda logits, targets: tf.reduce_mean(tf.abs(logits - targets), axis=1),
        slope=lambda logits, targets: tf.sign(logits - targets) / _num_outputs(logits),
        said=tf.identity,
    ),
    "huber": Loss(
        of=_huber,
        slope=lambda logits, targets: tf.clip_by_value(logits - targets, -1.0, 1.0) / _num_outputs(logits),
        said=tf.identity,
    ),
}
