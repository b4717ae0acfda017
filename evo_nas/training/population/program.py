"""The program: epochs of training and the evaluation after each, traced once for a `Form`.

Everything about a cohort is a tensor: weights, places, data, noise, and the numbers of every genome. A call does as
many batches and epochs as it is fed, so that a search of thousands of genomes traces nothing after its first cohorts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.fusing import ADAM_FUSED
from evo_nas.training.population.backpropagation import FIRST_UNIT, Trace, backward, forward
from evo_nas.training.population.form import Form
from evo_nas.training.population.losses import LOSSES
from evo_nas.training.population.operations import (
    limited,
    loss_and_outputs,
    loss_and_slope,
    only_kept,
    penalized,
    weight_columns,
)
from evo_nas.training.population.slabs import Slab, slabs_of
from evo_nas.training.population.tensors import SIGNATURE, Feed, Genes, Heard, Places, Sliced, tensors_of
from evo_nas.training.population.update_rules import RULES, apply_fused_adam

ROWS_AT_ONCE = 1024
"""Rows are evaluated in pieces of so many; always the same, since rounding depends on it."""

STATISTICS_MOMENTUM = 0.99
"""Keras's momentum of the moving statistics in batch normalisation."""

KEPT_PROGRAMS = 32

FUSING = ("remapping", "layout_optimizer")
"""TensorFlow's passes over graphs that put one operation in the place of several, or in another order of axes. They are
on unless somebody says otherwise."""


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
        self._run = tf.function(self._call, input_signature=SIGNATURE, autograph=False)

    @property
    def num_traces(self) -> int:
        """How often the function was traced: once, however many cohorts it trains."""
        return int(self._run.experimental_get_tracing_count())

    def assign(self, name: str, values: NDArray[np.float32], slots: Mapping[int, NDArray[np.float32]]) -> None:
        """Give a slab and its slots their numbers; their shapes are those of the cohort."""
        self._weights[name].assign(values, read_value=False)
        for number, value in slots.items():
            self._slots[name][number].assign(value, read_value=False)

    def read(self, name: str) -> NDArray[np.float32]:
        return np.asarray(self._weights[name].numpy())

    def read_slots(self, name: str) -> tuple[NDArray[np.float32], ...]:
        return tuple(np.asarray(slot.numpy()) for slot in self._slots.get(name, ()))

    def release(self) -> None:
        """Forget the weights and slots of the last cohort."""
        nothing = tf.zeros((0, 0, 0))
        for variable in (*self._weights.values(), *(slot for slots in self._slots.values() for slot in slots)):
            variable.assign(nothing, read_value=False)

    def run(self, places: Places, genes: Genes, feed: Feed) -> Heard:
        """Train on what is fed and evaluate."""
        with _nothing_fused():
            heard = self._run(tensors_of(places), tensors_of(genes), tensors_of(feed))
        return Heard(*(tensor.numpy() for tensor in heard))

    def _call(self, *given: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, ...]:
        places, genes, feed = Places(*given[0]), Genes(*given[1]), Feed(*given[2])
        sliced = Sliced.of(self.form, places, genes, feed)
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
                return index + 1, written.write(step, self._train_batch(sliced, genes, feed, number, index, step))

            _, written = tf.while_loop(
                lambda index, _: index < num_batches, batch, (0, arrays[0]), parallel_iterations=1
            )
            row_losses, outputs = self._evaluate(sliced, feed)
            return number + 1, written, arrays[1].write(number, row_losses), arrays[2].write(number, outputs)

        _, *arrays = tf.while_loop(
            lambda number, *_: number < num_epochs, epoch, (0, batch_losses, losses, said), parallel_iterations=1
        )
        written, row_losses, outputs = (array.stack() for array in arrays)
        return written[:num_steps], row_losses, outputs

    def gradients(self, places: Places, genes: Genes, feed: Feed) -> dict[str, tf.Tensor]:
        """The gradient of each trained slab on the first batch that is fed; nothing is changed."""
        sliced = Sliced.of(self.form, places, genes, feed)
        return self._slopes(sliced, genes, feed, tf.constant(0), tf.constant(0))[1]

    def _train_batch(
        self, sliced: Sliced, genes: Genes, feed: Feed, epoch: tf.Tensor, index: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        """One step of every member; returns the sum of each one's weighted losses [places]."""
        losses, gradients, trace = self._slopes(sliced, genes, feed, epoch, index)
        self._follow(trace)
        self._update(gradients, sliced, genes.coefficients[step])
        return losses

    def _slopes(
        self, sliced: Sliced, genes: Genes, feed: Feed, epoch: tf.Tensor, index: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor], Trace]:
        """Losses [places], gradients with those of the penalties, and the trace of one batch."""
        rows = feed.order[epoch, :, index * feed.batch_size : (index + 1) * feed.batch_size]
        num_rows = tf.shape(rows)[1]
        inputs, targets, row_weights = (
            tf.gather(tf.gather(array, rows, batch_dims=1), feed.data_of)
            for array in (feed.inputs, feed.targets, feed.row_weights)
        )
        if self.form.input_dropout:
            noise = tf.gather(feed.input_noise[epoch, index, :, :num_rows], feed.noise_of)
            inputs = self._dropped(inputs, noise + genes.input_keep, genes.input_keep)
        dropout = self._dropout(sliced, feed, epoch, index, num_rows)
        weights = self._current(sliced, training=True)
        logits, trace = forward(self.form, weights, inputs, sliced.layers, dropout)
        losses, slope = loss_and_slope(self._loss, logits, targets, row_weights)
        slope /= tf.cast(num_rows, tf.float32)
        gradients = backward(self.form, weights, slope, sliced.layers, trace)
        return losses, self._penalized(self._of_weights(gradients, sliced), sliced), trace

    def _dropped(self, inputs: tf.Tensor, margin: tf.Tensor, keep: tf.Tensor) -> tf.Tensor:
        """Dropout on inputs, but not on a column of ones."""
        data = inputs[:, :, 1:] if self.form.biased_inputs else inputs
        # a plain quotient would be compiled as a product with an approximate reciprocal
        kept = only_kept(tf.math.divide_no_nan(data, keep), margin)
        return tf.concat([tf.ones_like(kept[:, :, :1]), kept], 2) if self.form.biased_inputs else kept

    def _dropout(
        self, sliced: Sliced, feed: Feed, epoch: tf.Tensor, index: tf.Tensor, num_rows: tf.Tensor
    ) -> Sequence[tf.Tensor]:
        if not self.form.dropout:
            return ()
        units = tf.shape(sliced.layers[0].mask)[1]  # of which the noise may have more
        noise = tf.unstack(feed.noise[epoch, index, :, :, :units, :num_rows], self.form.depth)
        drawn = (tf.gather(one, streams) for one, streams in zip(noise, sliced.noise_of, strict=True))
        return [noise + keep for noise, keep in zip(drawn, sliced.keep, strict=True)]

    def _current(self, sliced: Sliced, *, training: bool) -> dict[str, tf.Tensor]:
        """The weights as the networks use them. training: kernels made larger by what dropout takes from their inputs.

        The usual form makes the inputs larger: the same products, but for every row of a batch.
        """
        weights = {name: variable.read_value() for name, variable in self._weights.items()}
        in_units = self.form.rule == ADAM_FUSED
        for slab in self.slabs:
            if training and self.form.dropout and slab.follows_hidden:
                weights[slab.name] *= (sliced.lifted_unit if in_units else sliced.lift)[slab.layer]
            elif in_units and slab.name == "hidden_1/kernel" and self.form.many_inputs:
                weights[FIRST_UNIT] = sliced.unit_of(slab)
            elif in_units and slab.trained:
                weights[slab.name] *= sliced.unit_of(slab)
        return weights

    def _of_weights(self, gradients: Mapping[str, tf.Tensor], sliced: Sliced) -> dict[str, tf.Tensor]:
        """The gradients of the weights without dropout's lift; zero for what comes from padding."""
        after = [slab for slab in self.slabs if slab.follows_hidden] if sliced.pull else []
        return {**gradients, **{slab.name: gradients[slab.name] * sliced.pull[slab.layer] for slab in after}}

    def _penalized(self, gradients: dict[str, tf.Tensor], sliced: Sliced) -> dict[str, tf.Tensor]:
        if not self.form.penalties:
            return gradients
        kernels = [slab for slab in self.slabs if slab.role == "kernel"]
        return gradients | {slab.name: self._with_penalties(gradients[slab.name], slab, sliced) for slab in kernels}

    def _with_penalties(self, gradient: tf.Tensor, slab: Slab, sliced: Sliced) -> tf.Tensor:
        kernel = self._weights[slab.name].read_value()
        l1, l2 = sliced.l1[slab.layer], sliced.l2[slab.layer] * sliced.unit_of(slab)
        if slab.has_bias:
            columns = weight_columns(kernel, has_bias=True)
            l1, l2 = l1 * columns, l2 * columns
        return penalized(gradient, kernel, l1, l2)

    def _update(self, gradients: Mapping[str, tf.Tensor], sliced: Sliced, coefficients: tf.Tensor) -> None:
        columns = [column[:, None, None] for column in tf.unstack(coefficients, self._rule.num_coefficients)]
        by_layer = [[column[:count] for column in columns] for count in sliced.counts] if self._rule.apply else []
        of_all = tf.unstack(coefficients[:, 0], self._rule.num_coefficients)  # what the fused rule has is everybody's
        for slab in self.slabs:
            if not slab.trained:
                continue
            variable, slots = self._weights[slab.name], self._slots[slab.name]
            if self._rule.apply is None:
                apply_fused_adam(variable, slots, gradients[slab.name], of_all)
            else:
                kept = [slot.read_value() for slot in slots]
                new = self._rule.apply(variable.read_value(), gradients[slab.name], kept, by_layer[slab.layer])
                for target, tensor in zip((variable, *slots), (new[0], *new[1]), strict=True):
                    target.assign(tensor, read_value=False)
            if slab.role == "kernel" and self.form.max_norm:
                unit, kernel = sliced.unit_of(slab), variable.read_value()
                columns = weight_columns(kernel, has_bias=slab.has_bias)
                bounded = limited(kernel, sliced.max_norm[slab.layer] / unit, unit, columns)
                variable.assign(bounded, read_value=False)

    def _follow(self, trace: Trace) -> None:
        """Move the statistics of batch normalisation towards those of the batch."""
        for layer, pair in enumerate(trace.statistics):
            for role, value in zip(("mean", "variance"), pair, strict=True):
                variable = self._weights[f"hidden_{layer + 1}/{role}"]
                moved = variable.read_value() * STATISTICS_MOMENTUM + value * (1.0 - STATISTICS_MOMENTUM)
                variable.assign(moved, read_value=False)

    def _evaluate(self, sliced: Sliced, feed: Feed) -> tuple[tf.Tensor, tf.Tensor]:
        """Loss and outputs of the watched rows: [places, rows], [places, outputs, rows]."""
        weights = self._current(sliced, training=False)
        num_rows, num_outputs = tf.shape(feed.watched_inputs)[1], tf.shape(feed.watched_targets)[2]
        num_places = sliced.counts[0]

        def piece(start: tf.Tensor, losses: tf.Tensor, said: tf.Tensor) -> tuple[tf.Tensor, ...]:
            rows = slice(start, start + ROWS_AT_ONCE)
            inputs = tf.gather(feed.watched_inputs[:, rows], feed.data_of)
            targets = tf.gather(feed.watched_targets[:, rows], feed.data_of)
            logits, _ = forward(self.form, weights, inputs, sliced.layers)
            row_losses, outputs = loss_and_outputs(self._loss, logits, targets)
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


@contextmanager
def _nothing_fused() -> Iterator[None]:
    """TensorFlow fuses no operations of functions that are called in here, by this thread.

    That gives other bits where nothing else reads what lies between two operations (law 4), and takes longer to look
    for than it saves. What was on or off before is so again afterwards.
    """
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options(dict.fromkeys(FUSING, False))
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({name: before.get(name, True) for name in FUSING})


@lru_cache(maxsize=KEPT_PROGRAMS)
def program_of(form: Form) -> Program:
    """The program of a form, traced at its first call in this process and kept."""
    return Program(form)
