"""A network, its optimizer and its loss, traced once.

`keras.Model.fit` spends 2.3 s on 50 epochs of 341 rows, nearly all of it between the steps. Here an epoch is one call
of a graph that goes through all batches, over data that is already there: 0.3 s, of which 0.2 s are the trace. Where
rows are many or large it is some calls, between which the training says that it is alive. The arithmetic is that of
Keras's layers, losses and optimizers.
"""

from __future__ import annotations

from math import prod

import keras
import numpy as np
import tensorflow as tf

from evo_nas.errors import UserError
from evo_nas.training.examples import Examples, Float32Array
from evo_nas.training.feeding import RESIDENT_BYTES, FedRows, Piece, Places, in_order
from evo_nas.training.networks.starting import start_network
from evo_nas.training.news import Alive, silent
from evo_nas.training.rung import TrainingState
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.tracing import TABLE_ROWS, InputForm, epoch_function, evaluation_function, training_step

NUMBERS_AT_ONCE = 2**24
"""Rows are evaluated in as large pieces as keep the widest layer's values below this: 64 MB; and after so many rows of
training a program can say that it is alive."""


class Program:
    """Trains and evaluates `model`. The same trace serves every fold, whatever its number of rows.

    loss: of a row, from (targets, logits), see `optimizers.build_loss`. form: of what it is fed. resident_bytes: the
    images of a data set of more are streamed, which changes the time and nothing else. alive: is
    called after each piece that is evaluated.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: keras.losses.Loss,
        *,
        batch_size: int,
        form: InputForm = TABLE_ROWS,
        resident_bytes: int = RESIDENT_BYTES,
        alive: Alive = silent,
    ) -> None:
        self.model = model
        self._resident_bytes = resident_bytes
        self._alive = alive
        self._rows_at_once = rows_at_once(model)
        self._rows_a_piece = max(1, self._rows_at_once // batch_size) * batch_size
        optimizer.build(model.trainable_variables)
        self._train = epoch_function(training_step(model, optimizer, loss), model, batch_size, form)
        self._evaluate = evaluation_function(model, loss, form)
        self._optimizer_state = [
            (variable, variable.numpy().flat[0]) for variable in _state_outside(model, self._train.variables)
        ]

    def start(self, streams: TrainingStreams) -> None:
        """Put network and optimizer into the state in which a training begins."""
        start_network(self.model, streams)
        for variable, value in self._optimizer_state:
            # Whatever Keras's optimizers keep of a weight begins as one number repeated.
            variable.assign(tf.fill(variable.shape, value))

    def state(self) -> TrainingState:
        """All that the next epoch depends on, copied."""
        own, others = ({name: np.array(v.numpy()) for name, v in part.items()} for part in self._variables())
        return TrainingState(own, others)

    def take_up(self, state: TrainingState) -> None:
        """Go on from what `state` returned for a network of the same genome. Raises UserError for any other."""
        for variables, arrays in zip(self._variables(), (state.weights, state.slots), strict=True):
            expected = {name: tuple(variable.shape) for name, variable in variables.items()}
            if expected != {name: array.shape for name, array in arrays.items()}:
                raise UserError("the state in which the training was handed back is that of another network")
            for name, variable in variables.items():
                variable.assign(arrays[name])

    def _variables(self) -> tuple[dict[str, tf.Variable], dict[str, tf.Variable]]:
        """The network's in their order, with its counts of random draws, and the optimizer's, whose order is none."""
        own = {str(number): variable.value for number, variable in enumerate(self.model.variables)}
        return own, {variable.name: variable for variable, _ in self._optimizer_state}

    def rows(self, examples: Examples, weights: Float32Array | None = None) -> FedRows:
        """Examples for this program, see `FedRows.of`."""
        return FedRows.of(examples, weights, limit_bytes=self._resident_bytes)

    def train_epoch(self, rows: FedRows, order: Places, key: int | np.int64 = 0, alive: Alive = silent) -> float:
        """Train on all rows once, in batches along `order`, the last one smaller where they do not come out even.

        Returns the mean over the rows of the weighted loss as it was when each row was trained on, without penalties.
        key: of the epoch's augmentation. alive: is called between the pieces of an epoch that takes long.
        """
        total = tf.constant(0.0)
        for piece in rows.pieces(order, self._rows_a_piece):
            if piece.first:
                alive()
            total = self._train(
                piece.inputs,
                rows.affine,
                rows.targets,
                rows.weights,
                tf.constant(piece.places),
                tf.constant(piece.order),
                tf.constant(key, tf.int64),
                tf.constant(piece.first),
                total,
            )
        return float(total.numpy() / np.float32(len(order)))

    def evaluate(self, rows: FedRows) -> tuple[Float32Array, float]:
        """What the network says, float32 [rows, num_outputs], and the mean of the weighted loss, without penalties."""
        said = [self._evaluate_piece(rows, piece) for piece in rows.pieces(in_order(len(rows)), self._rows_at_once)]
        outputs, losses = (np.concatenate(parts) for parts in zip(*said, strict=True))
        return outputs, float(np.mean(losses * rows.weights.numpy(), dtype=np.float64))

    def _evaluate_piece(self, rows: FedRows, piece: Piece) -> tuple[Float32Array, Float32Array]:
        outputs, losses = self._evaluate(
            piece.inputs, rows.affine, rows.targets, tf.constant(piece.places), tf.constant(piece.order)
        )
        self._alive()
        return outputs.numpy(), losses.numpy()


def rows_at_once(model: keras.Model) -> int:
    """How many rows to evaluate in one piece: a function of the network alone, since rounding depends on it."""
    widest = max(int(prod(layer.output.shape[1:])) for layer in model.layers)
    return max(1, NUMBERS_AT_ONCE // widest)


def _state_outside(model: keras.Model, variables: tuple[tf.Variable, ...]) -> list[tf.Variable]:
    own = {variable.value.ref() for variable in model.variables}
    return [variable for variable in variables if variable.ref() not in own]
