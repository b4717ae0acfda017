"""Hidden layers in 16 bits: weights, output and loss in 32, one step that of Keras, and a winner scored as said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from evo_nas.config import Precision, Recipe
from evo_nas.errors import UserError
from evo_nas.training import tasks
from evo_nas.training.encodings import build_network
from evo_nas.training.feeding import FedRows
from evo_nas.training.metrics import measure
from evo_nas.training.networks.layers import LOGITS
from evo_nas.training.networks.starting import start_network
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.optimizers import build_loss, build_optimizer
from evo_nas.training.program import Program
from evo_nas.training.request import TrainingRequest
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import read_weights
from evo_nas.training.winner import load_winner
from tests.training.test_keras_equivalence import ROW_WEIGHTS, examples
from tests.training.training_cases import KERAS_SAVES, genome_of, ignore_news, payload_of, recipe_of, trained

MIXED: tuple[Precision, ...] = ("mixed_float16", "mixed_bfloat16")
STREAMS = TrainingStreams(evaluation_seed=0, fold=0, replicate=0, fingerprint="a" * 32)
GENES: dict[str, Any] = {"batch_normalization": True, "l2": 1e-3, "dropout": 0.1, "input_dropout": 0.1}


def built(precision: Precision, **genes: Any) -> keras.Model:
    model = build_network(genome_of(**genes)[1], (4,), 1, "binary", precision=precision)
    start_network(model, STREAMS)
    return model


@pytest.mark.parametrize("precision", MIXED)
@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_only_what_lies_between_computes_in_16_bits(precision: Precision, activation: str) -> None:
    model = built(precision, activation=activation, **GENES)
    outer = {"inputs", LOGITS, "probabilities"}
    computed = {layer.name: layer.compute_dtype for layer in model.layers}
    assert {name for name, dtype in computed.items() if dtype == "float32"} == outer
    assert set(computed.values()) == {"float32", precision.removeprefix("mixed_")}
    assert {weight.dtype for weight in model.weights if "seed" not in weight.path} == {"float32"}
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("precision", MIXED)
def test_a_step_is_that_of_keras(precision: Precision) -> None:
    genes: dict[str, Any] = {"optimizer": "adam", "l2": 0.1, "max_norm": 0.7}
    rows, order = examples("binary"), np.arange(20, dtype=np.int32)
    reference = built(precision, **genes)
    optimizer = keras.optimizers.Adam(0.01)
    scaled = keras.optimizers.LossScaleOptimizer(optimizer) if precision == "mixed_float16" else optimizer
    reference.compile(scaled, "binary_crossentropy", run_eagerly=True)
    reference.train_on_batch(rows.inputs, rows.targets, sample_weight=ROW_WEIGHTS)
    model, genome = built(precision, **genes), genome_of(**genes)[1]
    loss = build_loss("binary_crossentropy")
    program = Program(model, build_optimizer(genome.genes, precision), loss, batch_size=20)
    program.start(STREAMS)
    program.train_epoch(FedRows.of(rows, ROW_WEIGHTS), order)
    expected = read_weights(reference)
    for name, value in read_weights(model).items():
        assert value == pytest.approx(expected[name], abs=1e-4), name


def test_a_step_that_overflows_is_left_out_and_each_training_begins_anew() -> None:
    """A loss of 1e5 times the scale of 2^15 is more than 16 bits can hold: the scale is halved, the weights stay."""
    genome = genome_of(optimizer="sgd", learning_rate=1e-9)[1]
    model = build_network(genome, (4,), 1, "regression", precision="mixed_float16")
    optimizer = build_optimizer(genome.genes, "mixed_float16")
    program = Program(model, optimizer, build_loss("mean_squared_error"), batch_size=20)
    rows = examples("regression")
    program.start(STREAMS)
    start = read_weights(model)
    for _ in range(2):
        program.start(STREAMS)
        program.train_epoch(FedRows.of(rows, np.full(20, 1e5, dtype=np.float32)), np.arange(20, dtype=np.int32))
        assert float(optimizer.dynamic_scale.numpy()) == 2.0**14
        assert int(optimizer.iterations.numpy()) == 0
        assert all(np.array_equal(value, start[name]) for name, value in read_weights(model).items())


@KERAS_SAVES
@pytest.mark.parametrize("precision", MIXED)
def test_the_winner_predicts_as_it_was_scored(binary_data: Path, tmp_path: Path, precision: Precision) -> None:
    payload = payload_of(binary_data, "binary", {"precision": precision, "epochs": 8}, **GENES)
    payload["weights"] = str(tmp_path / "weights.safetensors")
    outcome = trained(payload)
    assert outcome.ok, outcome.message
    assert outcome.metrics == trained(payload).metrics
    assert outcome.metrics != trained(payload_of(binary_data, "binary", {"epochs": 8}, **GENES)).metrics
    exported = tasks.HANDLERS["export"]({**payload, "folder": str(tmp_path), "best_epochs": [8]}, ignore_news)
    score = {"folder": str(tmp_path), "data": payload["data"], "split": payload["split"]}
    assert tasks.HANDLERS["score"](score, ignore_news) == {"test": exported["test"]}
    training = OpenTraining.of(TrainingRequest.from_payload(payload))
    validation = training.examples(training.folds[0]).validation
    said = load_winner(tmp_path).predict_inputs(validation.inputs)
    found = measure(payload["recipe"]["metrics"], validation.truth, said, "binary")
    assert found == {name: outcome.metrics[name] for name in payload["recipe"]["metrics"]}


@pytest.mark.parametrize("precision", MIXED)
def test_a_network_of_mixed_precision_is_trained_by_itself(precision: Precision) -> None:
    assert Recipe(precision=precision).for_task("binary").trainer == "plain"
    with pytest.raises(UserError, match=rf'computed in 32 bits, and precision is "{precision}"; use trainer = "auto"'):
        recipe_of("binary", precision=precision, trainer="population")
