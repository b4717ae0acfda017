"""The hidden activations and their derivatives, on tensors [members, units, rows]."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt

import tensorflow as tf

LEAK = 0.2
"""Slope of Keras's `leaky_relu` below zero."""

NEVER = -1e30
"""Added to the values of padding before a softmax: its exponential is exactly zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Who is concerned by one hidden layer, the deepest members first: see `Arrangement`.

    count: how many places it is computed for. first, last: of these, the slice of the members that end here. kinds:
    int32 [count], the index of each one's activation; places: for each activation, whose it is; only_kind: the index
    that all have, or the number of activations. mask: float32 [count, units, 1], 1 for real units.
    """

    count: tf.Tensor
    first: tf.Tensor
    last: tf.Tensor
    kinds: tf.Tensor
    places: Sequence[tf.Tensor]
    only_kind: tf.Tensor
    mask: tf.Tensor


@dataclass(frozen=True, slots=True)
class Activation:
    """forward: values [members, units, rows] and the mask of real units [members, units, 1] -> the same shape.
    Padding, whose values are zero, stays zero where `keeps_zero`; elsewhere `forward` makes it so by the mask.

    backward: (gradient of what forward gave, the values, what forward gave) -> gradient of the values.
    """

    forward: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    backward: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def _gelu_slope(values: tf.Tensor) -> tf.Tensor:
    below = 0.5 * (1.0 + tf.math.erf(values / sqrt(2.0)))
    return below + values * tf.exp(-0.5 * tf.square(values)) / sqrt(2.0 * pi)


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
    "silu": Activation(lambda z, _: z * tf.sigmoid(z), lambda g, z, a: g * _silu_slope(z)),
    "tanh": Activation(lambda z, _: tf.tanh(z), lambda g, z, a: tf.raw_ops.TanhGrad(y=a, dy=g)),
    "sigmoid": Activation(lambda z, mask: tf.sigmoid(z) * mask, lambda g, z, a: tf.raw_ops.SigmoidGrad(y=a, dy=g)),
    "softmax": Activation(_softmax, lambda g, z, a: a * (g - _over_units(a * g))),
    "linear": Activation(lambda z, _: z, lambda g, z, a: g),
}

MASKED = frozenset({"sigmoid", "softmax"})
"""Those that make something of nothing, and must be told what is padding."""

FROM_VALUES = frozenset({"gelu", "silu"})
"""Those whose derivative needs the values; of the others, what was made of them is enough."""

MOST_BRANCHES = 4
"""Up to so many activations, each has a branch of its own where a layer's members may all have the same."""

WayBack = Callable[[tf.Tensor], tf.Tensor]


def activate(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, *, often_alike: bool
) -> tuple[tf.Tensor, WayBack]:
    """Apply to each member the activation that it has in this layer.

    names: the activations that may occur. often_alike: whether it pays to look if all members have the same one.

    Returns the activations [members, units, rows], and what turns their gradient into that of the values.
    """
    if len(names) == 1:
        only = ACTIVATIONS[names[0]]
        activated = only.forward(values, layer.mask)
        return activated, lambda gradient: only.backward(gradient, values, activated)
    if often_alike and len(names) <= MOST_BRANCHES:
        return _branched(names, values, layer)
    return _grouped(names, values, layer)


def _grouped(names: tuple[str, ...], values: tf.Tensor, layer: Layer) -> tuple[tf.Tensor, WayBack]:
    """Members of one kind are brought together: nothing is computed for a member that does not want it."""
    groups = _partition(names, values, layer)
    masks = _partition(names, layer.mask, layer) if MASKED & set(names) else [layer.mask] * len(names)
    outs = [ACTIVATIONS[name].forward(z, mask) for name, z, mask in zip(names, groups, masks, strict=True)]

    def way_back(gradient: tf.Tensor) -> tf.Tensor:
        known = zip(names, _partition(names, gradient, layer), groups, outs, strict=True)
        return tf.dynamic_stitch(layer.places, [ACTIVATIONS[name].backward(g, z, a) for name, g, z, a in known])

    return tf.dynamic_stitch(layer.places, outs), way_back


def _branched(names: tuple[str, ...], values: tf.Tensor, layer: Layer) -> tuple[tf.Tensor, WayBack]:
    """One branch for each activation that all may have, in which nothing is moved, and one for mixed layers."""
    kinds = [ACTIVATIONS[name] for name in names]
    alone = [partial(kind.forward, values, layer.mask) for kind in kinds]
    activated = tf.switch_case(layer.only_kind, [*alone, lambda: _grouped(names, values, layer)[0]])

    def way_back(gradient: tf.Tensor) -> tf.Tensor:
        def mixed() -> tf.Tensor:
            outs = _partition(names, activated, layer)
            groups = _partition(names, values, layer) if FROM_VALUES & set(names) else outs
            known = zip(kinds, _partition(names, gradient, layer), groups, outs, strict=True)
            return tf.dynamic_stitch(layer.places, [kind.backward(g, z, a) for kind, g, z, a in known])

        alone = [partial(kind.backward, gradient, values, activated) for kind in kinds]
        return tf.switch_case(layer.only_kind, [*alone, mixed])

    return activated, way_back


def _partition(names: tuple[str, ...], values: tf.Tensor, layer: Layer) -> list[tf.Tensor]:
    groups: list[tf.Tensor] = tf.dynamic_partition(values, layer.kinds, len(names))
    return groups
