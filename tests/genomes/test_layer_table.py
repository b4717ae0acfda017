"""The layers of a network, told without building it: known answers, and Keras's own layers."""

import random

import pytest

from genomes import FlatEncoding, Genome, LayerRecord, MlpEncoding

RICH = MlpEncoding.from_space({**MlpEncoding.default_space(), "layers": {"low": 0, "high": 4}, "input_dropout": 0.1})


def network(widths: list[int], **genes: object) -> Genome:
    layers = tuple({"width": width, "activation": "relu", "dropout": 0.0} for width in widths)
    return Genome("mlp", {**RICH.default().genes, "input_dropout": 0.0, "batch_normalization": False, **genes}, layers)


def test_the_three_layers_of_the_tutorial() -> None:
    table = RICH.layer_table(network([110, 110, 110]), (91,), 1)
    weighted = [(layer.name, layer.shape, layer.parameters) for layer in table if layer.parameters]
    assert weighted == [
        ("hidden_1", (110,), 10_120),
        ("hidden_2", (110,), 12_210),
        ("hidden_3", (110,), 12_210),
        ("logits", (1,), 111),
    ]
    assert sum(layer.parameters for layer in table) == 34_651
    assert table[0] == LayerRecord("inputs", "input", (91,), 0)
    assert [layer.detail for layer in table if layer.kind == "activation"] == ["relu"] * 3


def test_a_normalised_layer_has_no_bias_and_four_numbers_a_unit() -> None:
    table = RICH.layer_table(network([4], batch_normalization=True, input_dropout=0.25), (2,), 3)
    assert [(layer.name, layer.parameters) for layer in table] == [
        ("inputs", 0),
        ("dropout_0", 0),
        ("hidden_1", 8),
        ("normalization_1", 16),
        ("activation_1", 0),
        ("logits", 15),
    ]
    assert table[1].detail == "0.25"


def test_an_encoding_without_networks_has_no_layers() -> None:
    encoding = FlatEncoding.from_space({"rate": [1, 2]})
    assert encoding.layer_table(encoding.default(), (3,), 1) == ()


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_tensorflow")
def test_names_shapes_and_totals_are_those_of_keras() -> None:
    from evo_nas.training.encodings import build_network

    for seed in range(100):
        genome = RICH.sample(random.Random(seed))
        table = RICH.layer_table(genome, (7,), 3)
        model = build_network(genome, (7,), 3, "multiclass")
        assert sum(layer.parameters for layer in table) == model.count_params()
        built = {layer.name: layer for layer in model.layers}
        for record in table:
            layer = built.pop(record.name)
            assert tuple(layer.output.shape[1:]) == record.shape, record
            assert layer.count_params() == record.parameters, record
        assert all(name == "probabilities" or name.startswith("gate_") for name in built)
