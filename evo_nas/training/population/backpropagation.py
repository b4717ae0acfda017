"""Forwards and backwards through all members at once, written out: what flows is [members, units, rows].

Nothing here is a variable, and nothing is differentiated by the framework: gradients are products and sums in an order
that does not depend on the cohort, which an automatic derivative does not promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tensorflow as tf

from evo_nas.training.places import PLACES_APART
from evo_nas.training.population.form import Form
from evo_nas.training.population.layers import BEGINNING, Layer, WayBack, activate

VARIANCE_FLOOR = 1e-3
"""Keras's epsilon in batch normalisation."""

FIRST_UNIT = "hidden_1/unit"
"""Beside the weights: what the first layer's values are multiplied by, where its kernel is not [places, 1, 1]."""

Tensors = Mapping[str, tf.Tensor]


@dataclass(slots=True)
class Trace:
    """What the way back needs of the way there, for each layer.

    sources: what flowed in. ways_back: through dropout and activation. statistics: batch mean and variance [members,
    units, 1], where there is normalisation.
    """

    sources: list[tf.Tensor] = field(default_factory=list)
    ways_back: list[WayBack] = field(default_factory=list)
    normalized: list[tf.Tensor] = field(default_factory=list)
    spreads: list[tf.Tensor] = field(default_factory=list)
    statistics: list[tuple[tf.Tensor, tf.Tensor]] = field(default_factory=list)
    last: tf.Tensor = None


def forward(
    form: Form,
    weights: Tensors,
    inputs: tf.Tensor,
    layers: Sequence[Layer],
    dropout: Sequence[tf.Tensor] | None = None,
) -> tuple[tf.Tensor, Trace]:
    """The logits [members, outputs, rows], and the trace.

    inputs: [members or 1, rows, num_inputs], see `residence.Rows`; one is shared by all.
    dropout: for each layer the margins of its units (see `noise`), [members, units, rows]; empty without dropout; None
    where nothing is trained, and normalisation uses moving statistics.
    """
    trace = Trace()
    values, ends = inputs, []
    for number, layer in enumerate(layers):
        cuts = layer.cuts()
        source = tf.slice(values, BEGINNING, cuts.all) if number else values
        trace.sources.append(source)
        values = tf.matmul(weights[f"hidden_{number + 1}/kernel"], source, transpose_b=number == 0)
        if number == 0 and FIRST_UNIT in weights:
            values *= weights[FIRST_UNIT]
        if form.batch_normalization:
            values = _normalize(weights, number, values, trace, training=dropout is not None)
        if (shift := f"hidden_{number + 1}/shift") in weights:
            values += weights[shift]
        margin = dropout[number] if dropout else None
        values, way_back = activate(form.activations, values, layer, margin, mixed=form.mixed)
        trace.ways_back.append(way_back)
        ends.append(tf.slice(values, cuts.ends_from, cuts.ends))
    trace.last = tf.concat(ends[::-1], 0)
    logits = tf.matmul(weights["output/kernel"], trace.last)
    return logits + weights["output/shift"][:, : tf.shape(logits)[1]], trace


def backward(
    form: Form,
    weights: Tensors,
    slope: tf.Tensor,
    layers: Sequence[Layer],
    trace: Trace,
) -> dict[str, tf.Tensor]:
    """The gradient of each trained slab. slope: the derivative of the objective by the logits."""
    padding = tf.shape(weights["output/shift"])[1] - tf.shape(slope)[1]
    gradients = {
        "output/kernel": tf.matmul(slope, trace.last, transpose_b=True),
        "output/shift": tf.pad(_over_rows(slope), [[0, 0], [0, padding], [0, 0]]),
    }
    of_last = tf.matmul(weights["output/kernel"], slope, transpose_a=True)
    nobody = tf.zeros_like(of_last[:PLACES_APART])
    gradient = nobody
    for number, layer in reversed(list(enumerate(layers))):
        cuts = layer.cuts()
        deeper = tf.slice(gradient, BEGINNING, cuts.deeper)
        ends = tf.slice(of_last, cuts.ends_from, cuts.ends)
        idle = tf.slice(nobody, BEGINNING, cuts.idle)  # nothing is learned in places without the layer
        gradient = tf.concat([deeper, ends, idle], 0)
        gradient = trace.ways_back[number](gradient)
        name = f"hidden_{number + 1}"
        if f"{name}/shift" in weights:
            gradients[f"{name}/shift"] = _over_rows(gradient)
        if form.batch_normalization:
            gradients[f"{name}/scale"] = _over_rows(gradient * trace.normalized[number])
            gradient = _denormalize(weights, number, gradient, trace, gradients)
        gradients[f"{name}/kernel"] = tf.matmul(gradient, trace.sources[number], transpose_b=number > 0)
        if number:
            gradient = tf.matmul(weights[f"{name}/kernel"], gradient, transpose_a=True)
    return gradients


def _over_rows(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(values, axis=-1, keepdims=True)


def _normalize(weights: Tensors, layer: int, values: tf.Tensor, trace: Trace, *, training: bool) -> tf.Tensor:
    """Batch normalisation (Ioffe and Szegedy 2015) but for its offset."""
    name = f"hidden_{layer + 1}"
    if training:
        num_rows = tf.cast(tf.shape(values)[2], tf.float32)
        mean = _over_rows(values) / num_rows
        values -= mean
        variance = _over_rows(tf.square(values)) / num_rows
        trace.statistics.append((mean, variance))
    else:
        values -= weights[f"{name}/mean"]
        variance = weights[f"{name}/variance"]
    spread = tf.sqrt(variance + VARIANCE_FLOOR)
    values /= spread
    trace.normalized.append(values)
    trace.spreads.append(spread)
    return values * weights[f"{name}/scale"]


def _denormalize(
    weights: Tensors, layer: int, gradient: tf.Tensor, trace: Trace, gradients: Mapping[str, tf.Tensor]
) -> tf.Tensor:
    name = f"hidden_{layer + 1}"
    num_rows = tf.cast(tf.shape(gradient)[2], tf.float32)
    of_mean = gradients[f"{name}/shift"] / num_rows
    of_spread = gradients[f"{name}/scale"] / num_rows
    pull = gradient - of_mean - trace.normalized[layer] * of_spread
    return pull * (weights[f"{name}/scale"] / trace.spreads[layer])
