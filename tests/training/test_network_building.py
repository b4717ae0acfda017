"""What a genome becomes, and from which random numbers it starts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import keras
import numpy as np
import pytest

from evo_nas.training.encodings import build_network
from evo_nas.training.networks.starting import start_network
from evo_nas.training.optimizers import build_optimizer
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import read_weights
from genomes import Genome, MlpEncoding
from genomes.mlp_genes import ACTIVATIONS, INITIALIZERS, OPTIMIZERS
from tests.training.training_cases import KERAS_SAVES, TASKS, genome_of

STREAMS = TrainingStreams(evaluation_seed=0, fold=0, replicate=0, fingerprint="a" * 32)
OUTPUTS = {"binary": 1, "multiclass": 3, "regression": 1}


def network(streams: TrainingStreams = STREAMS, task: str = "binary", **genes: object) -> keras.Model:
    _, genome, _ = genome_of(**genes)
    model = build_network(genome, (4,), OUTPUTS[task], TASKS[task])
    start_network(model, streams)
    return model


def test_order_of_the_layers() -> None:
    model = network(dropout=0.2, input_dropout=0.1, batch_normalization=True)
    assert [layer.name for layer in model.layers] == [
        "inputs",
        "dropout_0",
        *("hidden_1", "normalization_1", "activation_1", "dropout_1"),
        *("hidden_2", "normalization_2", "activation_2", "dropout_2"),
        "logits",
        "probabilities",
    ]


def test_without_hidden_layers_it_is_a_linear_model() -> None:
    assert [layer.name for layer in network(task="regression", layers=0).layers] == ["inputs", "logits"]


@pytest.mark.parametrize(("task", "low", "high"), [("binary", 0, 1), ("multiclass", 0, 1), ("regression", -50, 50)])
def test_outputs(task: str, low: float, high: float) -> None:
    outputs = np.asarray(network(task=task)(np.random.default_rng(0).normal(size=(20, 4)) * 10))
    assert outputs.shape == (20, OUTPUTS[task])
    assert ((low <= outputs) & (outputs <= high)).all()
    if task == "multiclass":
        assert outputs.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_batch_normalization_takes_the_place_of_the_bias() -> None:
    plain, normalized = (set(read_weights(network(layers=1, batch_normalization=on))) for on in (False, True))
    assert plain == {"hidden_1/kernel", "hidden_1/bias", "logits/kernel", "logits/bias"}
    statistics = {f"normalization_1/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")}
    assert normalized == plain - {"hidden_1/bias"} | statistics


def test_size_is_what_keras_counts() -> None:
    encoding, rng = MlpEncoding.from_space(MlpEncoding.default_space()), Random(3)
    for _ in range(5):
        genome = encoding.canonical(encoding.sample(rng))
        model = build_network(genome, (7,), 3, "multiclass")
        assert encoding.size(genome, (7,), 3).parameters == model.count_params()


def test_predicted_bytes_cover_what_the_optimizer_keeps() -> None:
    for optimizer in OPTIMIZERS:
        space, genome, _ = genome_of(optimizer=optimizer, width=200)
        model, keras_optimizer = build_network(genome, (50,), 1, "binary"), build_optimizer(genome.genes)
        keras_optimizer.build(model.trainable_variables)
        numbers = 3 * model.count_params() + sum(int(np.prod(v.shape)) for v in keras_optimizer.variables)
        predicted = MlpEncoding.from_space(space).size(genome, (50,), 1).training_bytes
        assert 4 * numbers <= predicted <= 8 * numbers, optimizer


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_weights_have_the_variance_of_their_initializer(initializer: str) -> None:
    kernel = read_weights(network(kernel_initializer=initializer, width=300))["hidden_2/kernel"]
    gain = {"glorot": 1.0, "he": 2.0, "lecun": 1.0}[initializer.split("_")[0]]
    assert kernel.var() == pytest.approx(gain / 300, rel=0.05)
    assert (np.abs(kernel).max() <= np.sqrt(3 * gain / 300)) == initializer.endswith("uniform")


def test_initial_weights_are_a_function_of_the_whole_key() -> None:
    keys = [
        STREAMS,
        TrainingStreams(1, 0, 0, "a" * 32),
        TrainingStreams(0, 1, 0, "a" * 32),
        TrainingStreams(0, "all", 0, "a" * 32),
        TrainingStreams(0, 0, 1, "a" * 32),
        TrainingStreams(0, 0, 0, "b" * 32),
    ]
    kernels = [read_weights(network(key))["hidden_1/kernel"].tobytes() for key in keys]
    assert len(set(kernels)) == len(keys)
    assert read_weights(network(STREAMS))["hidden_1/kernel"].tobytes() == kernels[0]


def test_layers_of_one_shape_start_differently() -> None:
    weights = read_weights(network(layers=3))
    assert not np.array_equal(weights["hidden_2/kernel"], weights["hidden_3/kernel"])


def test_rows_and_noise_are_common_to_all_genomes() -> None:
    other = TrainingStreams(0, 0, 0, "b" * 32)
    assert STREAMS.dropout_seed(1) == other.dropout_seed(1) != STREAMS.dropout_seed(2)
    assert np.array_equal(STREAMS.batch_order(3, 50), other.batch_order(3, 50))
    assert sorted(STREAMS.batch_order(3, 50)) == list(range(50))
    assert not np.array_equal(STREAMS.batch_order(3, 50), STREAMS.batch_order(4, 50))


def test_starting_again_is_starting() -> None:
    model = network(batch_normalization=True, dropout=0.5)
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    before, first = read_weights(model), np.asarray(model(rows, training=True))
    model.get_layer("logits").bias.assign(np.ones(1))
    assert not np.array_equal(np.asarray(model(rows, training=True)), first)
    start_network(model, STREAMS)
    assert {name: value.tobytes() for name, value in read_weights(model).items()} == {
        name: value.tobytes() for name, value in before.items()
    }
    assert np.array_equal(np.asarray(model(rows, training=True)), first)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_are_those_of_keras(activation: str) -> None:
    model = network(activation=activation, layers=1)
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    hidden = keras.Model(model.input, [model.get_layer(name).output for name in ("hidden_1", "activation_1")])
    before, after = hidden(rows)
    expected = keras.activations.get(activation)(before)
    assert np.asarray(after) == pytest.approx(np.asarray(expected), abs=1e-6)


@KERAS_SAVES
def test_every_part_is_loaded_in_safe_mode(tmp_path: Path) -> None:
    model = network(activation="silu", dropout=0.2, l1=1e-3, l2=1e-3, max_norm=1.0, batch_normalization=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    rows = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    assert np.array_equal(np.asarray(loaded(rows)), np.asarray(model(rows)))


def test_another_encoding_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"expected a genome of an encoding that is trained \(mlp.*, got one of 'flat'"
    ):
        build_network(Genome("flat", {}), (4,), 1, "binary")
