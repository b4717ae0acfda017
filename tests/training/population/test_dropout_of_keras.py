"""Dropout draws other noise than Keras, so that what can be compared is the distribution of where trainings end.

Of each optimizer 200 replicates, each with its own initial weights, order of rows and noise, stand beside 200 fits of
one compiled model of Keras from the same initial weights. A test of Kolmogorov and Smirnov finds no difference of the
final losses, where the smallest of its p-values is corrected as Holm (1979) does. All seeds are fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from evo_nas.training.networks.starting import start_network
from evo_nas.training.optimizers import build_optimizer
from genomes import encoding_from
from tests.training.population.cohorts import Entrant, entrant_of, trained_together
from tests.training.population.conftest import DataOf
from tests.training.population.keras_steps import keras_network
from tests.training.training_cases import recipe_of

pytestmark = [pytest.mark.equivalence, pytest.mark.slow]

BAR = 0.01
REPLICATES = 200
EPOCHS = 8
SPACE: dict[str, Any] = {
    "encoding": "mlp",
    "layers": 2,
    "width": 12,
    "activation": "relu",
    "dropout": 0.4,
    "input_dropout": 0.2,
    "batch_size": 32,
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "adam of defaults": {"optimizer": "adam", "learning_rate": 0.01},
    "adam": {"optimizer": "adam", "learning_rate": 0.01, "beta_1": 0.8},
    "adamw": {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
    "nadam": {"optimizer": "nadam", "learning_rate": 0.01},
    "sgd": {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True},
    "rmsprop": {"optimizer": "rmsprop", "learning_rate": 0.01},
    "adadelta": {"optimizer": "adadelta", "learning_rate": 2.0},
    "adagrad": {"optimizer": "adagrad", "learning_rate": 0.05},
}


def replicates(data_of: DataOf, **genes: Any) -> list[Entrant]:
    encoding, recipe = encoding_from({**SPACE, **genes}), recipe_of("binary", epochs=EPOCHS)
    genome = encoding.canonical(encoding.default())
    return [entrant_of(data_of("binary", 5), genome, encoding, recipe, replicate=n) for n in range(REPLICATES)]


def final_losses_of_keras(entrants: Sequence[Entrant]) -> NDArray[np.float64]:
    """Of the validation rows, after `keras.Model.fit` with its own noise and shuffling."""
    keras.utils.set_random_seed(0)
    model = keras_network(entrants[0])
    model.compile(build_optimizer(entrants[0].genome.genes), "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    fresh = [variable.numpy() for variable in model.optimizer.variables]
    return np.array([_final_loss(model, fresh, entrant) for entrant in entrants])


def _final_loss(model: keras.Model, fresh: Sequence[Any], entrant: Entrant) -> float:
    noise = [layer.seed_generator.state for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    goes_on = [state.numpy() for state in noise]
    start_network(model, entrant.streams)
    for variable, value in zip((*model.optimizer.variables, *noise), (*fresh, *goes_on), strict=True):
        variable.assign(value)
    rows = entrant.examples
    batch_size = int(entrant.genome.genes["batch_size"])
    model.fit(rows.train.inputs, rows.train.targets, batch_size=batch_size, epochs=EPOCHS, shuffle=True, verbose=0)
    said = np.asarray(model(rows.validation.inputs, training=False), dtype=np.float64)
    return float(-np.log(np.where(rows.validation.targets == 1.0, said, 1.0 - said)).mean())


def holm(p_values: dict[str, float]) -> dict[str, float]:
    """Corrected for their number: the smallest counts as often as there are, the next once less."""
    corrected, so_far = {}, 0.0
    for rank, (name, value) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * value))
        corrected[name] = so_far
    return corrected


def test_holm() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


@pytest.mark.timeout(1200)
def test_trainings_end_where_those_of_keras_do(data_of: DataOf) -> None:
    p_values = {}
    for name, genes in CONFIGURATIONS.items():
        entrants = replicates(data_of, **genes)
        ours = [fit.curves["validation_loss"][-1] for fit in trained_together(entrants)]
        p_values[name] = float(ks_2samp(ours, final_losses_of_keras(entrants)).pvalue)
    corrected = holm(p_values)
    said = ", ".join(f"{name} {value:.2f}" for name, value in p_values.items())
    print(f"dropout, {REPLICATES} replicates: p {said}; corrected at least {min(corrected.values()):.2f} (bar: {BAR})")
    assert min(corrected.values()) > BAR


@pytest.mark.timeout(600)
def test_the_test_would_notice(data_of: DataOf) -> None:
    """Its power: half of the rate of dropout is another distribution."""
    genes = CONFIGURATIONS["sgd"]
    ours = trained_together(replicates(data_of, **genes, dropout=0.2, input_dropout=0.1))
    theirs = final_losses_of_keras(replicates(data_of, **genes))
    assert ks_2samp([fit.curves["validation_loss"][-1] for fit in ours], theirs).pvalue < BAR
