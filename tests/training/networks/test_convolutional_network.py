"""The network of a convolutional genome: layer for layer what was told of it, by the arithmetic of Keras."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evo_nas.training.streams import TrainingStreams
from genomes import CnnEncoding, Genome, encoding_from
from genomes.cnn_genes import lenet_5
from tests.genomes.cnn_spaces import HEAVY, NARROW, network

pytestmark = pytest.mark.usefixtures("prepared_tensorflow")
SHAPE = (12, 11, 3)
KERAS_SAVES = pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")


def built(genome: Genome, shape: tuple[int, ...] = SHAPE, outputs: int = 4, **options: Any) -> Any:
    from evo_nas.training.encodings import build_network

    return build_network(genome, shape, outputs, "multiclass", **options)


def images(shape: tuple[int, ...] = SHAPE, count: int = 5) -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(count, *shape)).astype(np.float32)


def output_of(model: Any, layer: str, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    import keras

    return np.asarray(keras.Model(model.input, model.get_layer(layer).output)(rows))


def as_told(encoding: CnnEncoding, genome: Genome) -> None:
    """Names, order, shapes, parameters and the layers that are read."""
    table = encoding.layer_table(genome, encoding.input_shape, 4)
    model = built(genome, encoding.input_shape)
    assert model.count_params() == encoding.size(genome, encoding.input_shape, 4).parameters
    layers = {layer.name: layer for layer in model.layers}
    before = ""
    for record in table:
        layer = layers.pop(record.name)
        assert tuple(layer.output.shape[1:]) == record.shape, record
        assert layer.count_params() == record.parameters, record
        if before and "gate" not in "".join(read_by(layer)):
            assert read_by(layer) == list(record.inputs or (before,)), record
        before = record.name
    assert all(name == "probabilities" or name.startswith("gate_") for name in layers)


def read_by(layer: Any) -> list[str]:
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in inputs]


@pytest.mark.parametrize("seed", range(6))
def test_the_table_and_the_size_are_those_of_keras(seed: int) -> None:
    encoding = NARROW.for_data(SHAPE, 4)
    as_told(encoding, encoding.sample(random.Random(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(28, 28, 1), (13, 40, 3), (3, 2, 1), (1, 1, 5)])
def test_tables_and_sizes_of_a_hundred_networks_are_those_of_keras(shape: tuple[int, int, int]) -> None:
    encoding = NARROW.for_data(shape, 4)
    for seed in range(100):
        as_told(encoding, encoding.sample(random.Random(seed)))


def test_lenet_5_has_as_many_parameters_as_keras_counts() -> None:
    import keras

    encoding = CnnEncoding.from_space(CnnEncoding.default_space()).for_data((28, 28, 1), 10)
    written_out = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(20, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(50, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(500, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    genome = encoding.default()
    assert genome.layers == lenet_5().layers
    assert encoding.size(genome, (28, 28, 1), 10).parameters == written_out.count_params() == 431_080
    model = built(genome, (28, 28, 1), 10)
    for variable, value in zip(written_out.weights, model.weights, strict=True):
        variable.assign(value)
    rows = images((28, 28, 1))
    assert output_of(model, "logits", rows) == pytest.approx(np.asarray(written_out(rows)), abs=1e-5)


@pytest.mark.parametrize("skip", [{}, {"filters": 3}, {"padding": "valid", "kernel": 4}, {"reduction": "stride"}])
@pytest.mark.parametrize("convolutions", ["one", "two", "separable"])
def test_a_skip_adds_the_blocks_input_cropped_or_projected(skip: dict[str, Any], convolutions: str) -> None:
    genome = network([{"filters": 5, "convolutions": convolutions, "skip": True, "activation": "linear", **skip}])
    model, rows = built(genome), images()
    summed = output_of(model, "sum_1", rows)
    branch = output_of(model, "activation_1_2" if convolutions == "two" else "activation_1_1", rows)
    assert summed - branch == pytest.approx(shortcut_by_hand(model, rows, summed.shape), abs=1e-5)


def shortcut_by_hand(model: Any, rows: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The middle of the input, every so many pixels, times the projection."""
    projected = [layer for layer in model.layers if layer.name == "projection_1"]
    stride = projected[0].strides[0] if projected else 1
    lost = [have - stride * (want - 1) - 1 for have, want in zip(rows.shape[1:3], shape[1:3], strict=True)]
    if not any(layer.name == "crop_1" for layer in model.layers):
        lost = [0, 0]
    top, left = lost[0] // 2, lost[1] // 2
    seen = rows[:, top:, left:][:, : rows.shape[1] - lost[0], : rows.shape[2] - lost[1]][:, ::stride, ::stride]
    return seen @ np.asarray(projected[0].kernel)[0, 0] if projected else seen


def test_a_block_whose_convolutions_give_nothing_is_the_identity() -> None:
    model, rows = built(network([{"filters": 3, "skip": True, "convolutions": "two"}])), images()
    model.get_layer("convolution_1_2").kernel.assign(np.zeros((3, 3, 3, 3)))
    assert np.array_equal(output_of(model, "sum_1", rows), rows)


def test_normalisation_comes_before_the_activation_and_takes_the_place_of_the_bias() -> None:
    model = built(network([{"batch_normalization": True, "convolutions": "two"}]))
    names = [layer.name for layer in model.layers[1:7]]
    assert names == [f"{kind}_1_{index}" for index in (1, 2) for kind in ("convolution", "normalization", "activation")]
    assert not model.get_layer("convolution_1_1").use_bias


@pytest.mark.parametrize("convolutions", ["one", "separable"])
def test_penalties_and_limits_hold_for_every_kernel_and_no_bias(convolutions: str) -> None:
    genome = network([{"convolutions": convolutions, "skip": True}], l1=0.5, l2=0.25, max_norm=0.1, head_layers=1)
    model = built(genome)
    kernels = [weight for weight in model.trainable_weights if weight.name.endswith("kernel")]
    penalty = sum(0.5 * np.abs(kernel).sum() + 0.25 * np.square(kernel).sum() for kernel in map(np.asarray, kernels))
    assert len(kernels) == (5 if convolutions == "separable" else 4)
    assert float(sum(model.losses)) == pytest.approx(penalty, rel=1e-5)
    for kernel in kernels:
        shape = (-1, *kernel.shape[-2:]) if "depthwise" in kernel.name else (-1, kernel.shape[-1])
        norms = np.linalg.norm(np.asarray(kernel.constraint(kernel)).reshape(shape), axis=0)
        assert norms == pytest.approx(np.full(norms.shape, 0.1), rel=1e-3)


def test_dropout_takes_whole_channels() -> None:
    model = built(network([{"dropout": 0.5, "filters": 64, "activation": "linear"}]))
    start(model)
    import keras

    dropped = np.asarray(keras.Model(model.input, model.get_layer("dropout_1").output)(images(), training=True))
    empty = (dropped == 0.0).all(axis=(1, 2))
    assert 0.3 < empty.mean() < 0.7
    assert (dropped != 0.0).all(axis=(1, 2)).sum() + empty.sum() == empty.size


def start(model: Any, fingerprint: str = "f", replicate: int = 0) -> None:
    from evo_nas.training.networks.starting import start_network

    start_network(model, TrainingStreams(0, 0, replicate, fingerprint))


@pytest.mark.parametrize("initializer", ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal"])
def test_kernels_begin_with_the_deviation_of_keras(initializer: str) -> None:
    import keras

    model = built(network([{"filters": 64, "kernel": 5}], kernel_initializer=initializer), (8, 8, 16))
    start(model)
    kernel = model.get_layer("convolution_1_1").kernel
    of_keras = getattr(keras.initializers, type(model.get_layer("convolution_1_1").kernel_initializer).__name__)(seed=1)
    assert np.std(kernel) == pytest.approx(np.std(of_keras(kernel.shape)), rel=0.03)
    assert np.asarray(model.get_layer("convolution_1_1").bias) == pytest.approx(np.zeros(64))


def test_a_depthwise_filter_begins_as_one_that_sees_its_own_channel_alone() -> None:
    blocks = [{"convolutions": "separable", "kernel": 7}]
    model = built(network(blocks, kernel_initializer="he_normal"), (8, 8, 200))
    start(model)
    layer = model.get_layer("convolution_1_1")
    assert np.std(layer.depthwise_kernel) == pytest.approx(np.sqrt(2 / 49), rel=0.05)
    assert np.std(layer.pointwise_kernel) == pytest.approx(np.sqrt(2 / 200), rel=0.05)


def test_a_start_is_a_function_of_its_key() -> None:
    genome = NARROW.for_data(SHAPE, 4).sample(random.Random(3))
    one, other = built(genome), built(genome)
    start(one)
    start(other, replicate=1)
    assert any(not np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))
    start(other)
    assert all(np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def test_under_mixed_precision_all_but_the_logits_compute_in_16_bits() -> None:
    model = built(network([{"skip": True, "dropout": 0.1}], head_layers=1), precision="mixed_bfloat16")
    assert model.get_layer("convolution_1_1").compute_dtype == "bfloat16"
    assert model.get_layer("sum_1").compute_dtype == "bfloat16"
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert model.get_layer("logits").compute_dtype == "float32"


@KERAS_SAVES
def test_every_part_is_loaded_in_safe_mode(tmp_path: Path) -> None:
    import keras

    blocks = [
        {"convolutions": "separable", "skip": True, "activation": "silu", "dropout": 0.1, "batch_normalization": True},
        {"padding": "valid", "skip": True, "reduction": "average", "convolutions": "two"},
        {"reduction": "stride"},
    ]
    genome = network(blocks, head="average", head_layers=2, head_dropout=0.2, l1=1e-3, l2=1e-3, max_norm=1.0)
    model = built(genome)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert np.array_equal(np.asarray(loaded(images())), np.asarray(model(images())))


def test_a_canonical_genome_builds_the_same_network() -> None:
    encoding = encoding_from({**HEAVY, "kernel": [1, 3], "head_layers": [0, 1]}).for_data(SHAPE, 4)
    for seed in range(4):
        genome = encoding.sample(random.Random(seed))
        full, canonical = built(genome), built(encoding.canonical(genome))
        assert [layer.name for layer in full.layers] == [layer.name for layer in canonical.layers]
