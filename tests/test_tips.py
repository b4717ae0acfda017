"""The settings file of the tips says what it claims, and Keras builds it."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from evo_nas.config import read_settings
from evo_nas.running.preparation import make_plan
from evo_nas.training.encodings import build_network
from evo_nas.training.optimizers import build_optimizer
from genomes import Genome

ROOT = Path(__file__).parents[1]

TRAINING = {
    "input_dropout": 0.2,
    "max_norm": 5.0,
    "momentum": 0.9,
    "nesterov": True,
    "learning_rate": 1.0,
    "decay": 0.5,
    "decay_steps": 100,
}

pytestmark = pytest.mark.usefixtures("prepared_tensorflow")


@pytest.fixture(scope="module")
def genome() -> Genome:
    """A point of the space with every tip taken."""
    encoding = make_plan(read_settings(ROOT / "experiments" / "tips.toml"), base=ROOT).encoding
    default = encoding.default()
    taken = {**default.genes, **TRAINING}
    genome = Genome(encoding.name, taken, tuple({**layer, "dropout": 0.5} for layer in default.layers))
    encoding.check(genome)
    return encoding.canonical(genome)


def test_the_network_has_noise_on_its_inputs_and_bounded_norms(genome: Genome) -> None:
    network = build_network(genome, (30,), 1, "binary")
    rates = [layer.rate for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.2, *[0.5] * len(genome.layers)]
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.kernel_constraint.max_value for layer in dense] == [5.0] * len(dense)


def test_its_steps_are_large_with_momentum_and_become_smaller(genome: Genome) -> None:
    optimizer = build_optimizer(genome.genes)
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, True)
    rates = [float(optimizer._learning_rate(step)) for step in (0, 100, 200)]
    assert rates == pytest.approx([1.0, 0.5, 0.25])
