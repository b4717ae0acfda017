"""One step of training as Keras takes it: its layers, losses, penalties, constraints and optimizers, on a tape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.config import Task
from evo_nas.training.encodings import build_network
from evo_nas.training.examples import Examples
from evo_nas.training.networks.layers import LOGITS
from evo_nas.training.optimizers import build_loss, build_optimizer
from evo_nas.training.weights import Weights, assign_weights, read_weights
from tests.training.population.cohorts import Entrant

Arrays = dict[str, NDArray[Any]]
TASKS: dict[str, Task] = {
    "binary_crossentropy": "binary",
    "categorical_crossentropy": "multiclass",
    "mean_squared_error": "regression",
    "mean_absolute_error": "regression",
    "huber": "regression",
}


@dataclass(slots=True, eq=False)
class KerasTraining:
    """A network of Keras for the genome of an entrant, and its optimizer."""

    model: keras.Model
    logits: keras.Model
    optimizer: keras.optimizers.Optimizer
    loss: keras.losses.Loss

    @classmethod
    def of(cls, entrant: Entrant, weights: Weights) -> KerasTraining:
        model = keras_network(entrant)
        assign_weights(model, weights)
        logits = keras.Model(model.inputs[0], model.get_layer(LOGITS).output)
        return cls(model, logits, build_optimizer(entrant.genome.genes), build_loss(entrant.request.recipe.loss))

    def step(self, rows: Examples, weights: NDArray[np.float32]) -> tuple[Arrays, Arrays]:
        """Take a step on all the rows as one batch: the gradients of the mean weighted loss with the penalties, and
        the weights after it, both by path."""
        variables, slopes = self.model.trainable_variables, self._slopes(rows, weights)
        self.optimizer.apply(slopes, variables)
        return dict(zip((v.path for v in variables), map(np.asarray, slopes), strict=True)), read_weights(self.model)

    def _slopes(self, rows: Examples, weights: NDArray[np.float32]) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            row_losses = self.loss(rows.targets, self.logits(rows.inputs, training=True))
            objective = tf.reduce_mean(row_losses * weights) + sum(self.model.losses, 0.0)
        slopes: list[tf.Tensor] = tape.gradient(objective, [v.value for v in self.model.trainable_variables])
        return slopes


def keras_network(entrant: Entrant) -> keras.Model:
    """An ordinary `keras.Model` of the entrant's genome; its weights mean nothing yet."""
    rows = entrant.examples
    inputs, targets = rows.train.inputs, rows.train.targets
    return build_network(entrant.genome, inputs.shape[1:], targets.shape[1], rows.task)


def keras_predictions(entrant: Entrant, weights: Weights, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """What a network of Keras with these weights says of some rows, readable."""
    model = keras_network(entrant)
    assign_weights(model, weights)
    return entrant.examples.readable(np.asarray(model(inputs, training=False)))
