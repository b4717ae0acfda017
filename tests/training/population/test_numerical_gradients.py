"""The population's backpropagation is written out by hand; numbers alone say that it is right.

Twice: against central differences of a twin of Keras in 64 bits, where what is left is the rounding of the trainer's
own 32 bits; and against those of the trainer's own loss, dropout included, where 32 bits allow three digits.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from evo_nas.training.differences import central_differences, relative_distance
from evo_nas.training.encodings import build_network
from evo_nas.training.networks.layers import LOGITS
from evo_nas.training.optimizers import build_loss
from evo_nas.training.population.tensors import Sliced
from evo_nas.training.weights import assign_weights
from tests.training.population.cohorts import Entrant, fixed_entrant
from tests.training.population.conftest import DataOf
from tests.training.population.open_cohort import OpenCohort
from tests.training.training_cases import TASKS

pytestmark = pytest.mark.equivalence

TWIN_BAR, OWN_BAR = 1e-5, 2e-3
STEP = np.float32(1e-2)
NUM_ENTRIES = 12
WHOLE = {"batch_size": 96, "preprocessing": "minmax", "optimizer": "sgd", "width": 9}
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "tanh": ("binary", {"activation": "tanh", "l2": 0.01}),
    "gelu": ("multiclass", {"activation": "gelu", "layers": 3}),
    "normalized": ("regression", {"activation": "silu", "batch_normalization": True}),
    "softmax": ("binary", {"activation": "softmax", "width": 20}),
    "relu": ("multiclass", {"activation": "relu"}),
}


def opened(data_of: DataOf, task: str, **genes: Any) -> tuple[Entrant, OpenCohort]:
    recipe = {"class_weights": "balanced"} if task == "binary" else {}
    entrant = fixed_entrant(data_of(TASKS[task], 5), TASKS[task], recipe, **{**WHOLE, **genes})
    cohort = OpenCohort([entrant])
    cohort.scatter(0.3)
    return entrant, cohort


@pytest.mark.parametrize("name", NETWORKS)
def test_against_a_twin_in_64_bits(data_of: DataOf, name: str) -> None:
    task, genes = NETWORKS[name]
    entrant, cohort = opened(data_of, task, **genes)
    rows, weights = entrant.examples.train, cohort.members[0].row_weights.astype(np.float64)
    shape = rows.inputs.shape[1:], rows.targets.shape[1]
    model = build_network(entrant.genome, *shape, entrant.examples.task, precision="float64")
    assign_weights(model, cohort.current()[0])
    logits = keras.Model(model.input, model.get_layer(LOGITS).output)
    loss = build_loss(entrant.request.recipe.loss, "float64")
    inputs, targets = (array.astype(np.float64) for array in (rows.inputs, rows.targets))

    def objective() -> tf.Tensor:
        return tf.add_n([tf.reduce_mean(loss(targets, logits(inputs, training=True)) * weights), *logits.losses])

    traced, (found,) = tf.function(objective), cohort.by_member(cohort.gradients())
    for variable in logits.trainable_variables:
        gradient = found[variable.path].ravel()
        entries = np.linspace(0, gradient.size - 1, min(NUM_ENTRIES, gradient.size)).astype(np.int64)
        numerical = central_differences(traced, variable.value, entries, step=1e-6)
        assert np.linalg.norm(numerical) > 1e-4, variable.path
        assert relative_distance(gradient[entries], numerical) <= TWIN_BAR, variable.path


class OwnLoss:
    """The mean weighted loss of the first batch as the program itself computes it; noise is what it is fed."""

    def __init__(self, cohort: OpenCohort) -> None:
        seating, self._program = cohort._seating, cohort.program
        feed = seating.feeding.training(next(iter(seating.feeding.spans(0, 1, 1))))
        genes, num_rows = seating._genes.at(range(seating.feeding.batches_an_epoch)), seating.feeding.num_rows
        sliced = Sliced.of(self._program.form, seating._places, genes, feed)

        def sums() -> tf.Tensor:
            zero = tf.constant(0)
            return self._program._slopes(sliced, genes, feed, zero, zero)[0][0] / num_rows

        self._sums = tf.function(sums)

    def by(self, slab: str, entry: tuple[int, int]) -> float:
        """The slope by one number of the first place, by a difference that is large for the sake of 32 bits."""
        before, values = self._program.read(slab).copy(), []
        for sign in (1.0, -1.0):
            moved = before.copy()
            moved[0][entry] += np.float32(sign) * STEP
            self._program.assign(slab, moved, {})
            values.append(float(self._sums()))
        self._program.assign(slab, before, {})
        return (values[0] - values[1]) / (2.0 * float(STEP))


FUSED = {"optimizer": "adam", "learning_rate": 1.0}
"""Weights that are kept in units of the learning rate, as it happens of 1."""


@pytest.mark.parametrize(
    "genes",
    [
        {"dropout": 0.4, "input_dropout": 0.2},
        {"batch_normalization": True, "dropout": 0.3},
        {"activation": "sigmoid", "layers": 3, "dropout": 0.4, **FUSED},
        {"activation": "softmax", "layers": 1, "dropout": 0.4},
        {"activation": "elu", "dropout": 0.4, **FUSED},
        {"activation": "silu", "dropout": 0.4, **FUSED},
    ],
)
def test_against_its_own_loss(data_of: DataOf, genes: dict[str, Any]) -> None:
    _, cohort = opened(data_of, "binary", **{"activation": "tanh", **genes})
    own, gradients, (member,) = OwnLoss(cohort), cohort.gradients(), cohort.members
    for slab in (slab for slab in cohort.program.slabs if slab.trained and slab.belongs_to(member)):
        units, inputs = slab.size(member)
        places = np.linspace(0, units * inputs - 1, min(NUM_ENTRIES, units * inputs)).astype(int)
        entries = [divmod(int(place), inputs) for place in places]
        numerical = np.array([own.by(slab.name, entry) for entry in entries])
        automatic = np.array([float(gradients[slab.name][0][entry]) for entry in entries])
        assert relative_distance(automatic, numerical) <= OWN_BAR, slab.name
