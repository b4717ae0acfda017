"""Ten epochs from the same initial weights, in the same order of rows: the loss curves are those of Keras.

The plain trainer is Keras's layers, losses and optimizers; nothing random is left where there is no dropout. Networks
are shallow and rates small, since the smallest rounding grows in others until it is all that one sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from evo_nas.outcome import Outcome
from genomes import encoding_from
from genomes.mlp_genes import ACTIVATIONS, INITIALIZERS, OPTIMIZERS
from tests.training.population.asking import answered, answered_plainly, payload_of
from tests.training.population.cohorts import Entrant, entrant_of, sampled
from tests.training.population.conftest import DataOf
from tests.training.population.keras_steps import TASKS
from tests.training.training_cases import recipe_of

pytestmark = pytest.mark.equivalence

BAR = 1e-4
EPOCHS = 10
SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 2},
    "width": {"low": 3, "high": 40},
    "activation": list(ACTIVATIONS),
    "optimizer": list(OPTIMIZERS),
    "learning_rate": {"low": 1e-4, "high": 1e-2, "scale": "log"},
    "decay": [1.0, 0.5],
    "decay_steps": 7,
    "momentum": [0.0, 0.5],
    "nesterov": [False, True],
    "l1": [0.0, 1e-3],
    "l2": [0.0, 1e-2],
    "max_norm": [0.0, 1.0],
    "batch_size": [4, 32],
    "kernel_initializer": list(INITIALIZERS),
}


def entrants_of(data_of: DataOf, loss: str, count: int, **space: Any) -> list[Entrant]:
    task = TASKS[loss]
    classes = {} if task == "regression" else {"class_weights": "balanced"}
    recipe = recipe_of(task, epochs=EPOCHS, loss=loss, **classes)
    encoding = encoding_from({**SPACE, **space})
    return [entrant_of(data_of(task, 5), genome, encoding, recipe) for genome in sampled(encoding, count, seed=4)]


def furthest(entrants: Sequence[Entrant]) -> tuple[float, str]:
    """The largest difference of any loss after any epoch, and whose it is."""
    payload = payload_of(entrants)
    pairs = zip(entrants, answered(payload), answered_plainly(payload), strict=True)
    return max((apart(found, expected), str(entrant.genome)) for entrant, found, expected in pairs)


def apart(found: Outcome, expected: Outcome) -> float:
    assert found.epochs == expected.epochs == (EPOCHS,)
    curves = [(found.curves[0][name], expected.curves[0][name]) for name in ("train_loss", "validation_loss")]
    return max(float(np.abs(np.subtract(*pair)).max()) for pair in curves)


def test_a_few_genomes(data_of: DataOf) -> None:
    space = {"optimizer": "adam", "activation": "gelu", "decay": 0.5, "batch_size": 32, "max_norm": 0.0}
    found = furthest(entrants_of(data_of, "huber", 3, **space))
    assert found[0] <= BAR, found


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("loss", TASKS)
def test_ten_epochs(data_of: DataOf, loss: str, normalized: bool) -> None:
    entrants = entrants_of(data_of, loss, 14, batch_normalization=normalized)
    found = furthest(entrants)
    print(f"ten epochs, {loss}, {len(entrants)} genomes: losses off by at most {found[0]:.1e} (bar: {BAR:.0e})")
    assert found[0] <= BAR, found
