"""The program: epochs of training and the evaluation after each, traced once for a `Form`.

Everything about a cohort is a tensor: weights, places, data, noise, and the numbers of every genome. A call does as
many batches and epochs as it is fed, so that a search of thousands of genomes traces nothing after its first cohorts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.fusing import ADAM_FUSED
from evo_nas.training.population.backpropagation import FIRST_UNIT, Places, Trace, backward, forward
from evo_nas.training.population.form import TILE, Form
from evo_nas.training.population.losses import LOSSES, Loss
from evo_nas.training.population.slabs import slabs_of
from evo_nas.training.population.update_rules import RULES, apply_fused_adam

ROWS_AT_ONCE = 1024
"""Rows are evaluated in pieces of so many; always the same, since rounding depends on it."""

STATISTICS_MOMENTUM = 0.99
"""Keras's momentum of the moving statistics in batch normalisation."""

EPSILON = 1e-7
"""Keras's, beside which a norm of zero divides nothing."""

KEPT_PROGRAMS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Genes:
    """The numbers of the members as tensors, float32.

    keep: the probability that dropout keeps a unit, [depth, places, units, 1]; input_keep, l1, l2 and max_norm (0 is
    none): [places, 1, 1]. unit: in which the trained weights of a member are kept, [places, 1, 1].
    coefficients: of the update rule, [steps, coefficients, places].
    """

    keep: tf.Tensor
    input_keep: tf.Tensor
    l1: tf.Tensor
    l2: tf.Tensor
    max_norm: tf.Tensor
    unit: tf.Tensor
    coefficients: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """What one call works on. S streams of data, N streams of noise; an index of length 1 is for all places.

    inputs [S, rows, num_inputs], targets [S, rows, outputs] and row_weights [S, rows]: of training rows. order: int32
    [epochs, S, rows of an epoch], batch after batch. batch_size. data_of, noise_of: int32 [places or 1].
    noise: [epochs, batches, depth, N, units, batch_size]; input_noise: [epochs, batches, N, batch_size, num_inputs].
    watched_inputs, watched_targets: rows to evaluate after each epoch, as inputs and targets; may be none.
    """

    inputs: tf.Tensor
    targets: tf.Tensor
    row_weights: tf.Tensor
    order: tf.Tensor
    batch_size: tf.Tensor
    data_of: tf.Tensor
    noise_of: tf.Tensor
    noise: tf.Tensor
    input_noise: tf.Tensor
    watched_inputs: tf.Tensor
    watched_targets: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a call returns. batch_losses: the sum of the weighted losses of the rows of each batch, float32 [epochs *
    batches, places]. losses: of each watched row, [epochs, places, rows]. said: [epochs, places, outputs, rows]."""

    batch_losses: NDArray[np.float32]
    losses: NDArray[np.float32]
    said: NDArray[np.float32]


class Program:
    """Variables for the stacked weights of a cohort, and the traced function over them. One cohort at a time."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.slabs = slabs_of(form)
        self._rule = RULES[form.rule]
        self._loss = LOSSES[form.loss]
        self._weights = {slab.name: _variable() for slab in self.slabs}
        trained = [slab for slab in self.slabs if slab.trained]
        self._slots = {slab.name: tuple(_variable() for _ in range(self._rule.num_slots)) for slab in trained}
        self._run = tf.function(self._call, input_signature=_SIGNATURE, autograph=False)

    @property
    def num_traces(self) -> int:
        """How often the function was traced: once, however many cohorts it trains."""
        return int(self._run.experimental_get_tracing_count())

    def assign(self, name: str, values: NDArray[np.float32], slots: Mapping[int, NDArray[np.float32]]) -> None:
        """Give a slab and its slots their numbers; their shapes are those of the cohort."""
        self._weights[name].assign(values)
        for number, value in slots.items():
            self._slots[name][number].assign(value)

    def read(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._weights[name].numpy())

    def read_slots(self, name: str) -> tuple[NDArray[np.float32], ...]:
        return tuple(np.asarray(slot.numpy()) for slot in self._slots.get(name, ()))

    def run(self, places: Places, genes: Genes, feed: Feed) -> Heard:
        """Train on what is fed and evaluate."""
        heard = self._run(_tensors(places), _tensors(genes), _tensors(feed))
        return Heard(*(tensor.numpy() for tensor in heard))

    def _call(self, *given: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, ...]:
        places, genes, feed = Places(*given[0]), Genes(*given[1]), Feed(*given[2])
        num_epochs, num_rows = tf.shape(feed.order)[0], tf.shape(feed.order)[2]
        num_batches = (num_rows + feed.batch_size - 1) // feed.batch_size
        num_steps = num_epochs * num_batches
        batch_losses = tf.TensorArray(tf.float32, num_steps + 1, element_shape=(None,))
        # a last row of nothing: what trains no batch has no row that would tell its shape
        batch_losses = batch_losses.write(num_steps, tf.zeros(tf.shape(places.kinds)[1]))
        losses = tf.TensorArray(tf.float32, num_epochs, element_shape=(None, None))
        said = tf.TensorArray(tf.float32, num_epochs, element_shape=(None, None, None))

        def epoch(number: tf.Tensor, *arrays: tf.TensorArray) -> tuple[Any, ...]:
            def batch(index: tf.Tensor, written: tf.TensorArray) -> tuple[Any, ...]:
                step = number * num_batches + index
                return index + 1, written.write(step, self._train_batch(places, genes, feed, number, index, step))

            _, written = tf.while_loop(
                lambda index, _: index < num_batches, batch, (0, arrays[0]), parallel_iterations=1
            )
            row_losses, outputs = self._evaluate(places, genes, feed)
            return number + 1, written, arrays[1].write(number, row_losses), arrays[2].write(number, outputs)

        _, *arrays = tf.while_loop(
            lambda number, *_: number < num_epochs, epoch, (0, batch_losses, losses, said), parallel_iterations=1
        )
        written, row_losses, outputs = (array.stack() for array in arrays)
        return written[:num_steps], row_losses, outputs

    def gradients(self, places: Places, genes: Genes, feed: Feed) -> dict[str, tf.Tensor]:
        """The gradient of each trained slab on the first batch that is fed; nothing is changed."""
        return self._slopes(places, genes, feed, tf.constant(0), tf.constant(0))[1]

    def _train_batch(
        self, places: Places, genes: Genes, feed: Feed, epoch: tf.Tensor, index: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        """One step of every member; returns the sum of each one's weighted losses [places]."""
        losses, gradients, trace = self._slopes(places, genes, feed, epoch, index)
        self._follow(trace)
        self._update(gradients, genes, genes.coefficients[step])
        return losses

    def _slopes(
        self, places: Places, genes: Genes, feed: Feed, epoch: tf.Tensor, index: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor], Trace]:
        """Losses [places], gradients with those of the penalties, and the trace of one batch."""
        rows = feed.order[epoch, :, index * feed.batch_size : (index + 1) * feed.batch_size]
        num_rows = tf.shape(rows)[1]
        inputs, targets, row_weights = (
            tf.gather(tf.gather(array, rows, batch_dims=1), feed.data_of)
            for array in (feed.inputs, feed.targets, feed.row_weights)
        )
        if self.form.input_dropout:
            noise = tf.gather(feed.input_noise[epoch, index], feed.noise_of)[:, :num_rows]
            inputs *= _kept(noise, genes.input_keep)
        dropout = self._dropout(places, genes, feed, epoch, index, num_rows)
        weights = self._current(genes)
        logits, trace = forward(self.form, weights, inputs, places, dropout)
        losses, slope = _loss_and_slope(self._loss, logits, targets, row_weights)
        gradients = backward(self.form, weights, slope / tf.cast(num_rows, tf.float32), places, trace, dropout)
        for slab in self.slabs if self.form.penalties else ():
            if slab.role == "kernel":
                kernel, count = self._weights[slab.name].read_value(), tf.shape(weights[slab.name])[0]
                l1, l2, unit = genes.l1[:count], genes.l2[:count], genes.unit[:count]
                gradients[slab.name] = _penalized(gradients[slab.name], kernel, l1, l2 * unit)
        return losses, gradients, trace

    def _dropout(
        self, places: Places, genes: Genes, feed: Feed, epoch: tf.Tensor, index: tf.Tensor, num_rows: tf.Tensor
    ) -> list[tf.Tensor]:
        if not self.form.dropout:
            return []
        kept = []
        for layer, count in enumerate(tf.unstack(places.computed, self.form.depth)):
            noise = tf.gather(feed.noise[epoch, index, layer, ..., :num_rows], feed.noise_of[:count])
            kept.append(_kept(noise, genes.keep[layer, :count]))
        return kept

    def _current(self, genes: Genes) -> dict[str, tf.Tensor]:
        """The weights as the networks use them."""
        weights = {name: variable.read_value() for name, variable in self._weights.items()}
        if self.form.rule != ADAM_FUSED:
            return weights
        for slab in self.slabs:
            if slab.name == "hidden_1/kernel" and self.form.many_inputs:
                weights[FIRST_UNIT] = genes.unit
            elif slab.trained:
                weights[slab.name] *= genes.unit[: tf.shape(weights[slab.name])[0]]
        return weights

    def _update(self, gradients: Mapping[str, tf.Tensor], genes: Genes, coefficients: tf.Tensor) -> None:
        columns = [column[:, None, None] for column in tf.unstack(coefficients, self._rule.num_coefficients)]
        for slab in self.slabs:
            if not slab.trained:
                continue
            variable, slots, gradient = self._weights[slab.name], self._slots[slab.name], gradients[slab.name]
            count = tf.shape(gradient)[0]
            if self._rule.apply is None:
                apply_fused_adam(variable, slots, gradient, [column[0, 0, 0] for column in columns])
            else:
                kept, of_members = [slot.read_value() for slot in slots], [column[:count] for column in columns]
                new = self._rule.apply(variable.read_value(), gradient, kept, of_members)
                for target, tensor in zip((variable, *slots), (new[0], *new[1]), strict=True):
                    target.assign(tensor, read_value=False)
            if slab.role == "kernel" and self.form.max_norm:
                unit, limit = genes.unit[:count], genes.max_norm[:count]
                variable.assign(_limited(variable.read_value(), limit / unit, unit), read_value=False)

    def _follow(self, trace: Trace) -> None:
        """Move the statistics of batch normalisation towards those of the batch."""
        for layer, pair in enumerate(trace.statistics):
            for role, value in zip(("mean", "variance"), pair, strict=True):
                variable = self._weights[f"hidden_{layer + 1}/{role}"]
                moved = variable.read_value() * STATISTICS_MOMENTUM + value * (1.0 - STATISTICS_MOMENTUM)
                variable.assign(moved, read_value=False)

    def _evaluate(self, places: Places, genes: Genes, feed: Feed) -> tuple[tf.Tensor, tf.Tensor]:
        """Loss and outputs of the watched rows: [places, rows], [places, outputs, rows]."""
        weights = self._current(genes)
        num_rows, num_outputs = tf.shape(feed.watched_inputs)[1], tf.shape(feed.watched_targets)[2]
        num_places = tf.shape(places.kinds)[1]

        def piece(start: tf.Tensor, losses: tf.Tensor, said: tf.Tensor) -> tuple[tf.Tensor, ...]:
            rows = slice(start, start + ROWS_AT_ONCE)
            inputs = tf.gather(feed.watched_inputs[:, rows], feed.data_of)
            targets = tf.gather(feed.watched_targets[:, rows], feed.data_of)
            logits, _ = forward(self.form, weights, inputs, places)
            row_losses, outputs = _loss_and_outputs(self._loss, logits, targets)
            return start + ROWS_AT_ONCE, tf.concat([losses, row_losses], 1), tf.concat([said, outputs], 2)

        nothing = tf.zeros((num_places, 0)), tf.zeros((num_places, num_outputs, 0))
        shapes = tf.TensorShape(()), tf.TensorShape((None, None)), tf.TensorShape((None, None, None))
        _, losses, said = tf.while_loop(
            lambda start, *_: start < num_rows, piece, (0, *nothing), shape_invariants=shapes, parallel_iterations=1
        )
        return losses, said


def _variable() -> tf.Variable:
    """Of any shape [places, units, inputs]."""
    return tf.Variable(tf.zeros((0, 0, 0)), shape=(None, None, None), trainable=False)


def _tensors(record: Places | Genes | Feed) -> tuple[tf.Tensor, ...]:
    return tuple(getattr(record, field.name) for field in fields(record))


def _spec(rank: int, dtype: tf.DType = tf.float32) -> tf.TensorSpec:
    return tf.TensorSpec((None,) * rank, dtype)


_WHOLE = tf.int32
_SIGNATURE = (
    (_spec(2, _WHOLE), _spec(4), _spec(1, _WHOLE), _spec(1, _WHOLE)),
    (_spec(4), _spec(3), _spec(3), _spec(3), _spec(3), _spec(3), _spec(3)),
    (
        *(_spec(3), _spec(3), _spec(2), _spec(3, _WHOLE), _spec(0, _WHOLE), _spec(1, _WHOLE), _spec(1, _WHOLE)),
        *(_spec(6), _spec(5), _spec(3), _spec(3)),
    ),
)
"""The ranks of `Places`, `Genes` and `Feed`, every size unknown."""


def _kept(noise: tf.Tensor, keep: tf.Tensor) -> tf.Tensor:
    """Inverted dropout (Srivastava et al. 2014): 0, or 1 / keep where a unit is kept; 0 where keep is."""
    return tf.floor(noise + keep) * tf.math.divide_no_nan(1.0, keep)


def _whole_registers(values: tf.Tensor) -> tf.Tensor:
    """Rows, the last axis, padded to a multiple of `TILE`: an exponential must not depend on where it stands."""
    padding = -tf.shape(values)[-1] % TILE
    return tf.pad(values, [[0, 0]] * (values.shape.rank - 1) + [[0, padding]])


def _outputs_first(targets: tf.Tensor) -> tf.Tensor:
    return _whole_registers(tf.transpose(targets, (0, 2, 1)))


def _loss_and_slope(
    loss: Loss, logits: tf.Tensor, targets: tf.Tensor, row_weights: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The sum of each member's weighted losses [members], and its derivative by the logits."""
    num_rows = tf.shape(logits)[2]
    logits, targets, row_weights = _whole_registers(logits), _outputs_first(targets), _whole_registers(row_weights)
    losses = tf.reduce_sum(loss.of(logits, targets) * row_weights, axis=1)
    slope = loss.slope(logits, targets) * row_weights[:, None, :]
    return losses, slope[:, :, :num_rows]


def _loss_and_outputs(loss: Loss, logits: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    num_rows = tf.shape(logits)[2]
    logits = _whole_registers(logits)
    return loss.of(logits, _outputs_first(targets))[:, :num_rows], loss.said(logits)[:, :, :num_rows]


def _penalized(gradient: tf.Tensor, kernel: tf.Tensor, l1: tf.Tensor, l2: tf.Tensor) -> tf.Tensor:
    """A penalty of zero adds zero, whatever the kernel has come to."""
    of_l1 = tf.math.multiply_no_nan(tf.sign(kernel), l1)
    return gradient + of_l1 + tf.math.multiply_no_nan(kernel, 2.0 * l2)


def _limited(kernel: tf.Tensor, limit: tf.Tensor, unit: tf.Tensor) -> tf.Tensor:
    """The norm of each unit's incoming weights brought below a limit, as Keras's `MaxNorm` does; 0 is no limit."""
    ones = tf.ones((1, tf.shape(kernel)[2], 1))
    norms = tf.sqrt(tf.matmul(tf.square(kernel), ones))  # a product: padding does not change the order of the sum
    factor = tf.minimum(norms, limit) / (EPSILON / unit + norms)
    return kernel * tf.where(limit > 0.0, factor, 1.0)


@lru_cache(maxsize=KEPT_PROGRAMS)
def program_of(form: Form) -> Program:
    """The program of a form, traced at its first call in this process and kept."""
    return Program(form)
