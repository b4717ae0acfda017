"""A network, its optimizer and its loss, traced once.

`keras.Model.fit` spends 2.3 s on 50 epochs of 341 rows, nearly all of it between the steps. Here an epoch is one call
of a graph that goes through all batches, over data that is already there: 0.3 s, of which 0.2 s are the trace. The
arithmetic is that of Keras's layers, losses and optimizers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.examples import Examples, Float32Array
from evo_nas.training.network import LOGITS, start_network
from evo_nas.training.streams import TrainingStreams

NUMBERS_AT_ONCE = 2**24
"""Rows are evaluated in as large pieces as keep the widest layer's values below this: 64 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Resident:
    """Examples as tensors on the device. weights: of each row in the loss, float32 [rows]."""

    inputs: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor

    @classmethod
    def of(cls, examples: Examples, weights: Float32Array | None = None) -> Resident:
        """Rows weigh 1 where no weights are given."""
        ones = np.ones(len(examples), dtype=np.float32)
        arrays = (examples.inputs, examples.targets, ones if weights is None else weights)
        return cls(*(tf.constant(array) for array in arrays))

    def __len__(self) -> int:
        return int(self.weights.shape[0])


class Program:
    """Trains and evaluates `model`. The same trace serves every fold, whatever its number of rows.

    loss: of a row, from (targets, logits), see `optimizers.build_loss`.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: keras.losses.Loss,
        *,
        batch_size: int,
    ) -> None:
        self.model = model
        self._rows_at_once = rows_at_once(model)
        optimizer.build(model.trainable_variables)
        signature = (_spec(model.input_shape[1]), _spec(model.output_shape[1]))
        step = _training_step(model, optimizer, loss)
        self._train_epoch = _epoch_function(step, batch_size, signature)
        self._evaluate = _evaluation_function(model, loss, signature)
        self._optimizer_state = [
            (variable, variable.numpy().flat[0]) for variable in _state_outside(model, self._train_epoch.variables)
        ]

    def start(self, streams: TrainingStreams) -> None:
        """Put network and optimizer into the state in which a training begins."""
        start_network(self.model, streams)
        for variable, value in self._optimizer_state:
            # Whatever Keras's optimizers keep of a weight begins as one number repeated.
            variable.assign(tf.fill(variable.shape, value))

    def train_epoch(self, rows: Resident, order: NDArray[np.int32]) -> float:
        """Train on all rows once, in batches along `order`, the last one smaller where they do not come out even.

        Returns the mean over the rows of the weighted loss as it was when each row was trained on, without penalties.
        """
        return float(self._train_epoch(rows.inputs, rows.targets, rows.weights, tf.constant(order)))

    def evaluate(self, rows: Resident) -> tuple[Float32Array, float]:
        """What the network says, float32 [rows, num_outputs], and the mean of the weighted loss, without penalties."""
        starts = range(0, len(rows), self._rows_at_once)
        pieces = [self._evaluate_piece(rows, slice(start, start + self._rows_at_once)) for start in starts]
        outputs = np.concatenate([piece[0] for piece in pieces])
        losses = np.concatenate([piece[1] for piece in pieces])
        return outputs, float(np.mean(losses * rows.weights.numpy(), dtype=np.float64))

    def _evaluate_piece(self, rows: Resident, piece: slice) -> tuple[Float32Array, Float32Array]:
        outputs, losses = self._evaluate(rows.inputs[piece], rows.targets[piece])
        return outputs.numpy(), losses.numpy()


def rows_at_once(model: keras.Model) -> int:
    """How many rows to evaluate in one piece: a function of the network alone, since rounding depends on it."""
    widest = max(int(layer.output.shape[1]) for layer in model.layers)
    return max(1, NUMBERS_AT_ONCE // widest)


def _spec(width: int) -> tf.TensorSpec:
    return tf.TensorSpec((None, width), tf.float32)


def _training_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: keras.losses.Loss
) -> Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]:
    """One step on a batch; returns the sum of the weighted losses of its rows."""
    logits_model = keras.Model(model.input, model.get_layer(LOGITS).output)

    def step(inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = loss(targets, logits_model(inputs, training=True)) * weights
            objective = optimizer.scale_loss(tf.add_n([tf.reduce_mean(losses), *model.losses]))
        optimizer.apply(tape.gradient(objective, model.trainable_variables), model.trainable_variables)
        return tf.reduce_sum(losses)

    return step


def _epoch_function(
    step: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor],
    batch_size: int,
    signature: tuple[tf.TensorSpec, tf.TensorSpec],
) -> Any:
    def train_epoch(inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, order: tf.Tensor) -> tf.Tensor:
        num_rows = tf.size(order)

        def train_batch(start: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = order[start : start + batch_size]
            batch = (tf.gather(array, rows) for array in (inputs, targets, weights))
            return start + batch_size, total + step(*batch)

        _, total = tf.while_loop(lambda start, total: start < num_rows, train_batch, (0, 0.0), parallel_iterations=1)
        return total / tf.cast(num_rows, tf.float32)

    row_signature = (tf.TensorSpec((None,), tf.float32), tf.TensorSpec((None,), tf.int32))
    traced = tf.function(train_epoch, input_signature=(*signature, *row_signature), autograph=False)
    return traced.get_concrete_function()


def _evaluation_function(
    model: keras.Model, loss: keras.losses.Loss, signature: tuple[tf.TensorSpec, tf.TensorSpec]
) -> Any:
    both = keras.Model(model.input, [model.get_layer(LOGITS).output, model.output])

    def evaluate(inputs: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits, outputs = both(inputs, training=False)
        return outputs, loss(targets, logits)

    return tf.function(evaluate, input_signature=signature, autograph=False).get_concrete_function()


def _state_outside(model: keras.Model, variables: tuple[tf.Variable, ...]) -> list[tf.Variable]:
    own = {variable.value.ref() for variable in model.variables}
    return [variable for variable in variables if variable.ref() not in own]
