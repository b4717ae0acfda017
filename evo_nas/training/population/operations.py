"""Small pieces of a training step."""

from __future__ import annotations

import tensorflow as tf

from evo_nas.training.places import tiled
from evo_nas.training.population.losses import Loss

EPSILON = 1e-7
"""Keras's, beside which a norm of zero divides nothing."""


def only_kept(values: tf.Tensor, margin: tf.Tensor) -> tf.Tensor:
    """Dropout (Srivastava et al. 2014): the values where the margin is positive (see `noise`), else 0; in one pass."""
    return tf.raw_ops.ReluGrad(gradients=values, features=margin)


def _padding(num_rows: tf.Tensor) -> tf.Tensor:
    """[before, after] the last axis, rows, as `tiled` does: an exponential must not depend on where it stands."""
    return tf.stack([0, tiled(num_rows) - num_rows])


def _whole_registers(values: tf.Tensor, padding: tf.Tensor) -> tf.Tensor:
    return tf.pad(values, tf.stack([*[(0, 0)] * (values.shape.rank - 1), padding]))


def _outputs_first(targets: tf.Tensor, padding: tf.Tensor) -> tf.Tensor:
    return _whole_registers(tf.transpose(targets, (0, 2, 1)), padding)


def loss_and_slope(
    loss: Loss, logits: tf.Tensor, targets: tf.Tensor, row_weights: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The sum of each member's weighted losses [members], and its derivative by the logits."""
    num_rows = tf.shape(logits)[2]
    padding = _padding(num_rows)
    logits, row_weights = (_whole_registers(values, padding) for values in (logits, row_weights))
    targets = _outputs_first(targets, padding)
    losses = tf.reduce_sum(loss.of(logits, targets) * row_weights, axis=1)
    slope = loss.slope(logits, targets) * row_weights[:, None, :]
    return losses, tf.slice(slope, (0, 0, 0), tf.stack([-1, -1, num_rows]))


def loss_and_outputs(loss: Loss, logits: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    num_rows = tf.shape(logits)[2]
    padding = _padding(num_rows)
    logits, targets = _whole_registers(logits, padding), _outputs_first(targets, padding)
    return loss.of(logits, targets)[:, :num_rows], loss.said(logits)[:, :, :num_rows]


def penalized(gradient: tf.Tensor, kernel: tf.Tensor, l1: tf.Tensor, l2: tf.Tensor) -> tf.Tensor:
    """A penalty of zero adds zero, whatever the kernel has come to."""
    of_l1 = tf.math.multiply_no_nan(tf.sign(kernel), l1)
    return gradient + of_l1 + tf.math.multiply_no_nan(kernel, 2.0 * l2)


def limited(kernel: tf.Tensor, limit: tf.Tensor, unit: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """The norm of each unit's incoming weights brought below a limit, as Keras's `MaxNorm` does; 0 is no limit.

    columns: of the kernel, see `weight_columns`; a bias has no norm and no limit.
    """
    weights = tf.math.multiply_no_nan(kernel, columns)
    squares = tf.matmul(tf.square(weights), columns, transpose_b=True)
    norms = tf.sqrt(squares)  # of a product: padding does not change the order of the sum
    factor = tf.minimum(norms, limit) / (EPSILON / unit + norms)
    return kernel * tf.where((limit > 0.0) & (columns > 0.0), factor, 1.0)


def weight_columns(kernel: tf.Tensor, *, has_bias: bool) -> tf.Tensor:
    """1 for each column of weights, 0 for the first one where that is a bias: [1, 1, inputs]."""
    ones = tf.ones_like(kernel[:1, :1])
    return tf.concat([tf.zeros((1, 1, 1)), ones[:, :, 1:]], 2) if has_bias else ones
