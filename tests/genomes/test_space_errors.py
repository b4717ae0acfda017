"""Every sentence for a [space] that is none."""

import pytest

from genomes import Float, GenomeError, Int, MlpEncoding, encoding_from


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, "[space] is empty; name an encoding (mlp, flat, cnn, transfer) and the genes to search"),
        ({"width": 5}, "[space] encoding: expected one of mlp, flat, cnn, transfer, got nothing"),
        (
            {"encoding": "mpl"},
            "[space] encoding: expected one of mlp, flat, cnn, transfer, got 'mpl' (did you mean 'mlp'?)",
        ),
        ({"encoding": ["mlp"]}, "[space] encoding: expected one of mlp, flat, cnn, transfer, got ['mlp']"),
        ({"widht": 5}, "[space] unknown gene 'widht' (did you mean 'width'?); known genes: layers, width, activation"),
        ({"width": {"low": 50, "high": 5}}, "[space] width: low 50 is above high 5"),
        ({"width": 0}, "[space] width: expected values from 1 to 1e+09, got 0"),
        ({"width": [16, 16]}, "[space] width: expected each value once, got 16 twice"),
        ({"width": 2.5}, "[space] width: expected a whole number, got 2.5"),
        ({"layers": -1}, "[space] layers: expected values from 0 to 100, got -1"),
        ({"layers": {"low": 0, "high": 101}}, "[space] layers: expected values from 0 to 100, got 101"),
        ({"dropout": {"low": 0, "high": 1}}, "[space] dropout: expected values from 0 to 0.999, got 1.0"),
        ({"learning_rate": "fast"}, "[space] learning_rate: expected a number, got 'fast'"),
        ({"learning_rate": float("nan")}, "[space] learning_rate: expected a finite number for low, got nan"),
        ({"learning_rate": {"low": 0, "high": 1, "scale": "log"}}, "[space] learning_rate: a log scale needs low"),
        ({"activation": []}, "[space] activation: expected at least one value to choose from, got none"),
        ({"activation": "rellu"}, "got 'rellu' (did you mean 'relu'?)"),
        ({"optimizer": ["adam", "adm"]}, "[space] optimizer: expected one of adam, adamw, nadam, sgd"),
        ({"nesterov": "yes"}, "[space] nesterov: expected true or false, got 'yes'"),
        ({"equal_layers": 1}, "[space] equal_layers: expected true or false, got 1"),
        ({"equal_layer": True}, "[space] unknown gene 'equal_layer' (did you mean 'equal_layers'?); known genes: "),
    ],
)
def test_a_space_that_is_none_says_why(space: dict[str, object], message: str) -> None:
    whole = space if not space or "encoding" in space or message.endswith("nothing") else {"encoding": "mlp", **space}
    with pytest.raises(GenomeError) as error:
        encoding_from(whole)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("genes", "message"),
    [
        ({"depth": Int(1, 2)}, "[space] unknown gene 'depth'"),
        ({"width": Float(1.0, 2.0)}, "[space] width: expected a whole number, got 1.0"),
        ({"layers": Float(1.0, 2.0)}, "[space] layers: expected a whole number, got 1.0"),
        ({"dropout": Int(0, 0)}, "[space] dropout: expected a number, got 0"),
    ],
)
def test_genes_made_in_python_are_held_to_the_catalogue_too(genes: dict[str, object], message: str) -> None:
    with pytest.raises(GenomeError) as error:
        MlpEncoding(genes)
    assert message in str(error.value)
