"""The hidden activations and their derivatives, on tensors [members, units, rows]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi, sqrt

import tensorflow as tf

LEAK = 0.2
"""Slope of Keras's `leaky_relu` below zero."""

NEVER = -1e30
"""Added to the values of padding before a softmax: its exponential is exactly zero."""


@dataclass(frozen=True, slots=True)
class Activation:
    """forward: values [members, units, rows] and the mask of real units [members, units, 1] -> the same shape.
    Padding, whose values are zero, stays zero, but for those in `FROM_NOTHING`.

    backward: (gradient of what forward gave, the values, what forward gave) -> gradient of the values. What dropout
    has left of what forward gave will do, but for those in `FROM_ALL`; where it left nothing, the gradient has to be
    zero already, but for those in `ZERO_AT_ZERO`.
    """

    forward: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    backward: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def _gelu_slope(values: tf.Tensor) -> tf.Tensor:
    below = 0.5 * (1.0 + tf.math.erf(values / sqrt(2.0)))
    return below + values * tf.exp(-0.5 * tf.square(values)) / sqrt(2.0 * pi)


def _silu(values: tf.Tensor) -> tf.Tensor:
    """Not a plain product: TensorFlow fuses that, to other bits, where nothing else reads the sigmoid."""
    return tf.math.multiply_no_nan(values, tf.sigmoid(values))


def _silu_slope(values: tf.Tensor) -> tf.Tensor:
    gate = tf.sigmoid(values)
    return gate * (1.0 + values * (1.0 - gate))


def _over_units(values: tf.Tensor) -> tf.Tensor:
    """The sum over units as a product: its order of summation is the same however much padding follows."""
    ones = tf.ones((1, 1, tf.shape(values)[1]))
    return tf.matmul(ones, values)


def _softmax(values: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    shifted = values + (1.0 - mask) * NEVER
    powers = tf.exp(shifted - tf.reduce_max(shifted, axis=1, keepdims=True))
    return powers / _over_units(powers)


ACTIVATIONS: Mapping[str, Activation] = {
    "relu": Activation(lambda z, _: tf.nn.relu(z), lambda g, z, a: tf.raw_ops.ReluGrad(gradients=g, features=a)),
    "leaky_relu": Activation(
        lambda z, _: tf.nn.leaky_relu(z, LEAK),
        lambda g, z, a: tf.raw_ops.LeakyReluGrad(gradients=g, features=a, alpha=LEAK),
    ),
    "elu": Activation(lambda z, _: tf.nn.elu(z), lambda g, z, a: tf.raw_ops.EluGrad(gradients=g, outputs=a)),
    "selu": Activation(lambda z, _: tf.nn.selu(z), lambda g, z, a: tf.raw_ops.SeluGrad(gradients=g, outputs=a)),
    "gelu": Activation(lambda z, _: 0.5 * z * (1.0 + tf.math.erf(z / sqrt(2.0))), lambda g, z, a: g * _gelu_slope(z)),
    "silu": Activation(lambda z, _: _silu(z), lambda g, z, a: g * _silu_slope(z)),
    "tanh": Activation(lambda z, _: tf.tanh(z), lambda g, z, a: tf.raw_ops.TanhGrad(y=a, dy=g)),
    "sigmoid": Activation(lambda z, _: tf.sigmoid(z), lambda g, z, a: tf.raw_ops.SigmoidGrad(y=a, dy=g)),
    "softmax": Activation(_softmax, lambda g, z, a: a * (g - _over_units(a * g))),
    "linear": Activation(lambda z, _: z, lambda g, z, a: g),
}

MASKED = frozenset({"softmax"})
"""Those that need the mask of real units."""

FROM_NOTHING = frozenset({"sigmoid", "softmax"})
"""Those that make something of padding, a softmax where nobody lies in a place. The kernel after it has zeros there,
and its gradient has to be masked.
"""

ZERO_AT_ZERO = frozenset({"relu", "sigmoid"})
"""Those whose derivative is zero where what they gave is zero: it need not be told what dropout took away."""

FROM_ALL = frozenset({"softmax"})
"""Those of which a unit's derivative needs what the other units gave, be they dropped."""
