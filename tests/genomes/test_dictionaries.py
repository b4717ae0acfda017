"""Networks that a person writes as a dictionary: what they mean, and the sentence for each way to get them wrong."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomes import Genome, GenomeError, MlpEncoding, dictionary_of, encoding_from, genome_of, spanning_space
from genomes.mlp_genes import LAYER_GENES, TRAINING_GENES, Entry

ARTICLE: dict[str, Any] = {
    "Hidden layers": [110, 110, 110],
    "Input size": 91,
    "Activations": ["relu"] * 3,
    "Optimization": "adadelta",
    "Learning rate": 0.005,
    "Batch size": 32,
    "Preprocessing": "Standard",
    "Lambda": 0,
    "Regularization": "l2",
    "Reg param": 0.0005,
}


def values(entry: Entry) -> st.SearchStrategy[Any]:
    if entry.kind == "text":
        return st.sampled_from(entry.options)
    if entry.kind == "bool":
        return st.booleans()
    if entry.kind == "int":
        return st.integers(int(entry.low), int(entry.high))
    return st.floats(entry.low, entry.high).map(lambda value: value + 0.0)


def genomes() -> st.SearchStrategy[Genome]:
    layer = st.fixed_dictionaries({name: values(entry) for name, entry in LAYER_GENES.items()})
    genes = st.fixed_dictionaries({name: values(entry) for name, entry in TRAINING_GENES.items()})
    return st.builds(lambda g, layers: Genome("mlp", g, tuple(layers)), genes, st.lists(layer, max_size=4))


def test_the_dictionary_of_the_article_is_a_network_of_34651_parameters() -> None:
    genome = genome_of(ARTICLE, num_inputs=91)
    assert MlpEncoding({}).size(genome, (91,), 1).parameters == 34_651
    assert genome.layers == ({"width": 110, "activation": "relu", "dropout": 0.0},) * 3
    expected = {
        "optimizer": "adadelta",
        "learning_rate": 0.005,
        "batch_size": 32,
        "preprocessing": "standard",
        "l1": 0.0,
        "l2": 0.0005,
        "rho": 0.95,
    }
    assert {name: genome.genes[name] for name in expected} == expected


def test_it_comes_back_without_what_says_nothing() -> None:
    written = dictionary_of(genome_of(ARTICLE), num_inputs=91)
    assert written == {key: value for key, value in ARTICLE.items() if key != "Lambda"} | {"Preprocessing": "standard"}


@given(genomes())
def test_every_legal_genome_survives_its_dictionary_and_its_json(genome: Genome) -> None:
    assert genome_of(json.loads(json.dumps(dictionary_of(genome)))) == genome
    assert genome_of(json.loads(json.dumps(genome.to_json()))) == genome
    assert genome_of({"individual": 3, "genome": genome.to_json()}) == genome


def test_a_rate_in_multiples_of_the_default_becomes_the_rate_that_it_meant() -> None:
    genes = {"optimizer": "sgd", "learning_rate": 2, "normalized_rates": True}
    found = genome_of({"encoding": "mlp", "genes": genes, "layers": []})
    assert found == genome_of({"Hidden layers": [], "Optimization": "sgd", "Learning rate": 0.02})
    space = {"encoding": "mlp", "normalized_rates": True, "optimizer": "sgd", "learning_rate": 2.0}
    genome = encoding_from(space).default()
    assert dictionary_of(genome)["Learning rate"] == 0.02
    assert genome_of(genome.to_json()) == genome_of(dictionary_of(genome))


@given(st.lists(genomes(), min_size=1, max_size=4))
def test_the_spanning_space_holds_all_genomes_and_is_read_back(listed: list[Genome]) -> None:
    encoding = encoding_from(json.loads(json.dumps(spanning_space(listed))))
    for genome in listed:
        encoding.check(genome)
        assert encoding.repair(genome) == genome
        assert encoding.fingerprint(genome) == MlpEncoding({}).fingerprint(genome)


def test_the_spanning_space_of_one_network_is_that_network() -> None:
    genome = genome_of(ARTICLE)
    assert encoding_from(spanning_space([genome])).default() == genome


MEANINGS = {
    "one activation for all layers": ({"Hidden layers": [3, 4], "Activations": "Tanh"}, {"activation": "tanh"}),
    "spelling of Keras's class": ({"Hidden layers": [3], "Activations": "LeakyReLU"}, {"activation": "leaky_relu"}),
    "another name of silu": ({"Hidden layers": [3], "Activations": ["swish"]}, {"activation": "silu"}),
    "no preprocessing": ({"Hidden layers": [3], "Preprocessing": None}, {"preprocessing": "none"}),
    "min-max": ({"Hidden layers": [3], "Preprocessing": "Min-Max"}, {"preprocessing": "minmax"}),
    "a whole number for a real one": ({"Hidden layers": [3], "Learning rate": 1}, {"learning_rate": 1.0}),
    "RMSprop's own rho": ({"Hidden layers": [3], "Optimization": "RMSprop"}, {"rho": 0.9}),
    "lambda alone": ({"Hidden layers": [3], "Regularization": "L1", "Lambda": 0.1}, {"l1": 0.1, "l2": 0.0}),
    "lambda twice": (
        {"Hidden layers": [3], "Regularization": "l2", "Lambda": 0.1, "Reg param": 0.1},
        {"l1": 0.0, "l2": 0.1},
    ),
    "both": ({"Hidden layers": [3], "Regularization": "l1_l2", "Reg param": [0.1, 0.2]}, {"l1": 0.1, "l2": 0.2}),
    "none": ({"Hidden layers": [3], "Regularization": "none", "Reg param": 0, "Lambda": 0}, {"l1": 0.0, "l2": 0.0}),
    "Keras's defaults": ({"Hidden layers": []}, {"optimizer": "adam", "learning_rate": 0.001, "batch_size": 32}),
    "dropout of all layers": ({"Hidden layers": [3, 3], "Dropout": 0.5, "Input dropout": 0.2}, {"input_dropout": 0.2}),
}


@pytest.mark.parametrize("kind", MEANINGS)
def test_what_dictionaries_mean(kind: str) -> None:
    written, expected = MEANINGS[kind]
    genome = genome_of(written)
    found = {**genome.genes, **(genome.layers[-1] if genome.layers else {})}
    assert {name: found[name] for name in expected} == expected


BAD: dict[str, tuple[Any, str]] = {
    "unknown key": ({"Hiden layers": [3]}, "unknown key 'Hiden layers' .did you mean 'Hidden layers'"),
    "no layers": ({}, "Hidden layers: expected a list of at most 100 widths.*got nothing"),
    "layers that are a number": ({"Hidden layers": 110}, "Hidden layers: expected a list.*got 110"),
    "too many layers": ({"Hidden layers": [1] * 101}, "Hidden layers: expected a list of at most 100"),
    "half a unit": ({"Hidden layers": [110, 1.5]}, "Hidden layers: expected a whole number from 1.*got 1.5"),
    "no unit": ({"Hidden layers": [0]}, "Hidden layers: expected a whole number from 1"),
    "a true width": ({"Hidden layers": [True]}, "Hidden layers: expected a whole number"),
    "unequal lists": (
        ARTICLE | {"Activations": ["relu"]},
        "Activations: expected as many.*Hidden layers has, 3, got 1",
    ),
    "unequal dropout": (ARTICLE | {"Dropout": [0.1] * 4}, "Dropout: expected as many.*got 4"),
    "unknown activation": (ARTICLE | {"Activations": ["rellu"] * 3}, "Activations: expected one of relu.*mean 'relu'"),
    "activation that is no text": (ARTICLE | {"Activations": [1, 2, 3]}, "Activations: expected one of relu.*got 1"),
    "unknown optimizer": (ARTICLE | {"Optimization": "adadleta"}, "Optimization: expected one of.*mean 'adadelta'"),
    "unknown preprocessing": (ARTICLE | {"Preprocessing": "Normal"}, "Preprocessing: expected one of none, standard"),
    "unknown regularization": (ARTICLE | {"Regularization": "l3"}, "Regularization: expected one of none, l1, l2"),
    "strength without a kind": ({"Hidden layers": [3], "Reg param": 0.1}, 'Reg param: is given without "Regulariz'),
    "lambda without a kind": ({"Hidden layers": [3], "Lambda": 0.1}, 'Lambda: is given without "Regularization"'),
    "a kind without a strength": (
        {"Hidden layers": [3], "Regularization": "l2", "Lambda": 0},
        "Regularization: 'l2' is given without \"Reg param\"",
    ),
    "lambda against the strength": (ARTICLE | {"Lambda": 0.1}, "Lambda: 0.1 contradicts Reg param 0.0005"),
    "lambda against a strength of 0": (
        ARTICLE | {"Lambda": 0.1, "Reg param": 0},
        "Lambda: 0.1 contradicts Reg param 0",
    ),
    "a negative strength": (ARTICLE | {"Reg param": -1}, "Reg param: expected a number from 0"),
    "three strengths": (ARTICLE | {"Regularization": "l1_l2", "Reg param": [1, 2, 3]}, "Reg param: expected one num"),
    "a rate that is no number": (ARTICLE | {"Learning rate": math.nan}, "Learning rate: expected a number.*got nan"),
    "an infinite rate": (ARTICLE | {"Learning rate": math.inf}, "Learning rate: expected a number.*got inf"),
    "a rate beyond all numbers": (ARTICLE | {"Learning rate": 10**400}, "Learning rate: expected a number.*got 1000"),
    "a rate that is a text": (ARTICLE | {"Learning rate": "0.01"}, "Learning rate: expected a number.*got '0.01'"),
    "a batch of half a row": (ARTICLE | {"Batch size": 0.5}, "Batch size: expected a whole number"),
    "other inputs": (ARTICLE | {"Input size": 90}, "Input size: 90 does not fit the data.*91 inputs"),
    "inputs that are a text": (ARTICLE | {"Input size": "91"}, "Input size: expected a whole number"),
    "epochs": (ARTICLE | {"Epochs": 50}, "Epochs: is no key of a network; it belongs to the recipe"),
    "no dictionary": ([110], "expected a dictionary"),
    "another encoding": ({"encoding": "flat", "genes": {}, "layers": []}, "encoding: expected a dense network"),
    "an unknown gene": ({"encoding": "mlp", "genes": {"with": 3}, "layers": []}, "unknown gene 'with'"),
    "an unknown gene of a layer": ({"encoding": "mlp", "genes": {}, "layers": [{"witdh": 3}]}, "mean 'width'"),
    "an illegal gene": ({"encoding": "mlp", "genes": {"momentum": 2}, "layers": []}, "momentum: expected a number"),
    "an illegal width": ({"encoding": "mlp", "genes": {}, "layers": [{"width": 0}]}, "layer 1 width: expected"),
    "no genome": ({"encoding": "mlp", "genes": 3, "layers": []}, "expected a genome"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_dictionary_gets_a_sentence_that_names_the_key(kind: str) -> None:
    written, message = BAD[kind]
    with pytest.raises(GenomeError, match=message) as raised:
        genome_of(written, num_inputs=91)
    assert "\n" not in str(raised.value)
