"""An epoch of ours is as many steps of `keras.Model.train_on_batch`: same start, same batches, equal weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from evo_nas.training.encodings import build_network
from evo_nas.training.examples import Examples
from evo_nas.training.feeding import FedRows
from evo_nas.training.networks.starting import start_network
from evo_nas.training.optimizers import build_loss, build_optimizer
from evo_nas.training.program import Program
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import read_weights
from genomes import Genome
from tests.training.training_cases import TASKS, genome_of

STREAMS = TrainingStreams(evaluation_seed=0, fold=0, replicate=0, fingerprint="a" * 32)
NUM_ROWS, BATCH_SIZE = 20, 8  # three batches, the last one smaller
ROW_WEIGHTS = np.linspace(0.5, 2.0, NUM_ROWS, dtype=np.float32)
LOSSES = {"binary": "binary_crossentropy", "multiclass": "categorical_crossentropy", "regression": "mean_squared_error"}

OPTIMIZERS: dict[str, tuple[dict[str, Any], Callable[[], keras.optimizers.Optimizer]]] = {
    "adam": (
        {"optimizer": "adam", "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4},
        lambda: keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-4),
    ),
    "adamw": (
        {"optimizer": "adamw", "weight_decay": 0.3, "beta_1": 0.7},
        lambda: keras.optimizers.AdamW(0.01, weight_decay=0.3, beta_1=0.7),
    ),
    "nadam": ({"optimizer": "nadam", "beta_2": 0.9}, lambda: keras.optimizers.Nadam(0.01, beta_2=0.9)),
    "sgd": ({"optimizer": "sgd"}, lambda: keras.optimizers.SGD(0.01)),
    "nesterov": (
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
        lambda: keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
    ),
    "rmsprop": (
        {"optimizer": "rmsprop", "rho": 0.7, "momentum": 0.5},
        lambda: keras.optimizers.RMSprop(0.01, rho=0.7, momentum=0.5),
    ),
    "adadelta": ({"optimizer": "adadelta", "rho": 0.8}, lambda: keras.optimizers.Adadelta(0.01, rho=0.8)),
    "adagrad": ({"optimizer": "adagrad", "epsilon": 1e-3}, lambda: keras.optimizers.Adagrad(0.01, epsilon=1e-3)),
    "decay": (
        {"optimizer": "sgd", "decay": 0.5, "decay_steps": 2},
        lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)),
    ),
}
NETWORKS: dict[str, dict[str, Any]] = {
    "penalties": {"l1": 0.1, "l2": 0.3},
    "max_norm": {"max_norm": 0.5},
    "normalized": {"batch_normalization": True},
    "noisy": {"dropout": 0.4, "input_dropout": 0.2},
    "silu": {"activation": "silu"},
}


def examples(task: str) -> Examples:
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(NUM_ROWS, 4)).astype(np.float32)
    classes = generator.integers(0, 3 if task == "multiclass" else 2, NUM_ROWS)
    if task == "multiclass":
        return Examples(inputs, np.eye(3, dtype=np.float32)[classes], classes)
    targets = classes if task == "binary" else generator.normal(size=NUM_ROWS)
    return Examples(inputs, targets.astype(np.float32)[:, None], targets)


def started(genome: Genome, task: str) -> keras.Model:
    model = build_network(genome, (4,), 3 if task == "multiclass" else 1, TASKS[task])
    start_network(model, STREAMS)
    return model


def compare(genome: Genome, optimizer: keras.optimizers.Optimizer, task: str, loss: str | None = None) -> None:
    rows, order = examples(task), STREAMS.batch_order(1, NUM_ROWS)
    reference = started(genome, task)
    # Keras means its penalties into the loss, too, so the loss is compared without them.
    reference.compile(optimizer, loss or LOSSES[task], run_eagerly=True)
    for start in range(0, NUM_ROWS, BATCH_SIZE):
        batch = order[start : start + BATCH_SIZE]
        reference.train_on_batch(rows.inputs[batch], rows.targets[batch], sample_weight=ROW_WEIGHTS[batch])
    model = started(genome, task)
    program = Program(model, build_optimizer(genome.genes), build_loss(loss or LOSSES[task]), batch_size=BATCH_SIZE)
    program.start(STREAMS)
    program.train_epoch(FedRows.of(rows, ROW_WEIGHTS), order)
    expected, found = read_weights(reference), read_weights(model)
    untrained = read_weights(started(genome, task))
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-6), name
        assert not np.array_equal(found[name], untrained[name]), name


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name: str) -> None:
    genes, optimizer = OPTIMIZERS[name]
    compare(genome_of(**genes)[1], optimizer(), "binary")


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str) -> None:
    compare(genome_of(optimizer="sgd", **NETWORKS[name])[1], keras.optimizers.SGD(0.01), "binary")


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        ("multiclass", "categorical_crossentropy"),
        ("regression", "mean_squared_error"),
        ("regression", "mean_absolute_error"),
        ("regression", "huber"),
    ],
)
def test_losses(task: str, loss: str) -> None:
    compare(genome_of(optimizer="sgd")[1], keras.optimizers.SGD(0.01), task, loss)


def test_max_norm_holds_after_every_epoch() -> None:
    _, genome, _ = genome_of(optimizer="sgd", learning_rate=1.0, max_norm=0.5)
    model = started(genome, "binary")
    program = Program(model, build_optimizer(genome.genes), build_loss("binary_crossentropy"), batch_size=BATCH_SIZE)
    program.train_epoch(FedRows.of(examples("binary")), STREAMS.batch_order(1, NUM_ROWS))
    for layer in ("hidden_1", "hidden_2", "logits"):
        assert np.linalg.norm(read_weights(model)[f"{layer}/kernel"], axis=0).max() <= 0.5 + 1e-6


def test_the_loss_is_that_of_keras() -> None:
    """Of the untrained network, weighted by row, in pieces of rows; and as trained, where nothing is learned."""
    _, genome, _ = genome_of(optimizer="sgd", learning_rate=1e-12, l2=0.5)
    model, rows = started(genome, "binary"), examples("binary")
    program = Program(model, build_optimizer(genome.genes), build_loss("binary_crossentropy"), batch_size=BATCH_SIZE)
    resident = FedRows.of(rows, ROW_WEIGHTS)
    expected = keras.losses.BinaryCrossentropy()(rows.targets, model(rows.inputs), sample_weight=ROW_WEIGHTS)
    outputs, loss = program.evaluate(resident)
    assert loss == pytest.approx(float(expected), abs=1e-6)
    assert outputs == pytest.approx(np.asarray(model(rows.inputs)), abs=1e-6)
    assert program.train_epoch(resident, STREAMS.batch_order(1, NUM_ROWS)) == pytest.approx(loss, abs=1e-6)


def test_large_parts_are_evaluated_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    _, genome, _ = genome_of()
    rows = FedRows.of(examples("binary"), ROW_WEIGHTS)

    def evaluated() -> tuple[Any, float]:
        loss = build_loss("binary_crossentropy")
        return Program(started(genome, "binary"), build_optimizer(genome.genes), loss, batch_size=8).evaluate(rows)

    whole_outputs, whole_loss = evaluated()
    monkeypatch.setattr(
        "evo_nas.training.program.NUMBERS_AT_ONCE", 7 * 8
    )  # seven rows, as the widest layer has 8 units
    outputs, loss = evaluated()
    assert outputs == pytest.approx(whole_outputs, abs=1e-6)
    assert loss == pytest.approx(whole_loss, abs=1e-6)
