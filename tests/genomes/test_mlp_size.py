"""Sizes: known answers, and Keras's own count."""

import random

import pytest

from genomes import Genome, MlpEncoding, Size, encoding_from


def network(widths: list[int], activation: str = "relu", **genes: object) -> Genome:
    default = encoding_from({"encoding": "mlp"}).default()
    layers = tuple({"width": width, "activation": activation, "dropout": 0.0} for width in widths)
    return Genome("mlp", {**default.genes, **genes}, layers)


def size(genome: Genome, num_inputs: int, num_outputs: int) -> Size:
    return encoding_from({"encoding": "mlp"}).size(genome, (num_inputs,), num_outputs)


@pytest.mark.parametrize(
    ("widths", "genes", "inputs", "outputs", "parameters"),
    [
        ([110, 110, 110], {}, 91, 1, 34_651),
        ([], {}, 30, 1, 31),
        ([], {"batch_normalization": True}, 30, 3, 93),
        ([4], {}, 2, 3, 2 * 4 + 4 + 4 * 3 + 3),
        ([4], {"batch_normalization": True}, 2, 3, 2 * 4 + 4 * 4 + 4 * 3 + 3),
        ([10_000_000] * 2, {}, 100, 1, 100 * 10**7 + 10**7 + 10**14 + 10**7 + 10**7 + 1),
    ],
)
def test_known_numbers_of_parameters(
    widths: list[int], genes: dict[str, object], inputs: int, outputs: int, parameters: int
) -> None:
    assert size(network(widths, **genes), inputs, outputs).parameters == parameters


@pytest.mark.parametrize(
    ("activation", "normalized", "flops"),
    [
        ("linear", False, 4 * (2 * 2 + 1) + 3 * (2 * 4 + 1)),
        ("relu", False, 4 * (2 * 2 + 1 + 1) + 3 * (2 * 4 + 1)),
        ("tanh", True, 4 * (2 * 2 + 4 + 2) + 3 * (2 * 4 + 1)),
    ],
)
def test_known_flops(activation: str, normalized: bool, flops: int) -> None:
    assert size(network([4], activation, batch_normalization=normalized), 2, 3).flops == flops


@pytest.mark.parametrize(
    ("genes", "copies"),
    [
        ({"optimizer": "sgd"}, 3),
        ({"optimizer": "sgd", "momentum": 0.9}, 4),
        ({"optimizer": "rmsprop"}, 4),
        ({"optimizer": "rmsprop", "momentum": 0.9}, 5),
        ({"optimizer": "adagrad"}, 4),
        ({"optimizer": "adam"}, 5),
        ({"optimizer": "adamw", "momentum": 0.9}, 5),
    ],
)
def test_bytes_are_weights_in_all_their_copies_and_the_values_of_one_batch(
    genes: dict[str, object], copies: int
) -> None:
    parameters, units = 2 * 4 + 4 + 4 * 3 + 3, 2 + 4 + 3
    predicted = size(network([4], batch_size=16, **genes), 2, 3).training_bytes
    assert predicted == 4 * (parameters * copies + 16 * units * 3)


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_tensorflow")
def test_parameters_and_optimizer_slots_are_those_of_keras() -> None:
    import keras

    encoding = MlpEncoding.from_space({**MlpEncoding.default_space(), "layers": {"low": 0, "high": 4}})
    for seed in range(12):
        genome = encoding.sample(random.Random(seed))
        layers: list[object] = [keras.Input((7,))]
        for layer in genome.layers:
            normalized = genome.genes["batch_normalization"]
            layers.append(keras.layers.Dense(layer["width"], use_bias=not normalized))
            if normalized:
                layers.append(keras.layers.BatchNormalization())
            layers += [keras.layers.Activation(layer["activation"]), keras.layers.Dropout(layer["dropout"])]
        model = keras.Sequential([*layers, keras.layers.Dense(3)])
        assert encoding.size(genome, (7,), 3).parameters == model.count_params()


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_tensorflow")
@pytest.mark.parametrize(
    ("optimizer", "momentum"),
    [(name, 0.0) for name in ("adam", "adamw", "nadam", "sgd", "rmsprop", "adadelta", "adagrad")]
    + [("sgd", 0.9), ("rmsprop", 0.9)],
)
def test_optimizers_keep_as_many_numbers_a_weight_as_those_of_keras(optimizer: str, momentum: float) -> None:
    import keras

    made = keras.optimizers.get({"class_name": optimizer, "config": {"momentum": momentum} if momentum else {}})
    model = keras.Sequential([keras.Input((50,)), keras.layers.Dense(40)])
    made.build(model.trainable_variables)
    kept = sum(int(variable.shape.num_elements()) for variable in made.variables if variable.shape.rank == 2)
    genome = network([], optimizer=optimizer, momentum=momentum, batch_size=1)
    parameters = model.count_params()
    copies = (size(genome, 50, 40).training_bytes // 4 - 3 * 90) // parameters
    assert copies - 3 == kept // (50 * 40)
