"""A genome as named parameters, and back."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomes import Encoding, FlatEncoding, Genome, GenomeError, MlpEncoding, Parameter, values_of

SPACES = {
    "rich": MlpEncoding.from_space(MlpEncoding.default_space()),
    "equal layers": MlpEncoding.from_space(MlpEncoding.default_space() | {"equal_layers": True}),
    "no layers too": MlpEncoding.from_space(
        {"layers": [0, 1, 4], "width": {"low": 2, "high": 9}, "batch_normalization": [False, True]}
    ),
    "flat": FlatEncoding.from_space(
        {
            "layers": {"low": 1, "high": 9},
            "optimizer": ["adam", "sgd"],
            "momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd"]}},
            "nesterov": {"values": [False, True], "unless": {"momentum": [0.0]}},
        }
    ),
}


@pytest.mark.parametrize("name", SPACES)
@given(seed=st.integers(0, 2**32))
def test_a_genome_is_composed_of_its_own_values(name: str, seed: int) -> None:
    encoding = SPACES[name]
    genome = encoding.sample(random.Random(seed))
    values = values_of(encoding, genome)
    composed = encoding.compose(values.__getitem__)
    encoding.check(composed)
    assert encoding.fingerprint(composed) == encoding.fingerprint(genome)
    assert values_of(encoding, composed) == values
    assert len({parameter.name for parameter in values}) == len(values)


@pytest.mark.parametrize("name", SPACES)
@given(seed=st.integers(0, 2**32))
def test_every_parameter_that_is_asked_for_is_listed(name: str, seed: int) -> None:
    encoding = SPACES[name]
    known = values_of(encoding, encoding.sample(random.Random(seed)))
    assert set(known) <= set(encoding.parameters(9))
    few = {parameter.layer or 0 for parameter in encoding.parameters(2)}
    assert few <= {0, 1}


def test_parameters_have_the_names_that_tools_give_them() -> None:
    encoding = MlpEncoding.from_space({"layers": {"low": 1, "high": 2}, "width": [4, 8], "learning_rate": [0.1, 0.2]})
    layers = ({"width": 4, "activation": "relu", "dropout": 0.0}, {"width": 8, "activation": "relu", "dropout": 0.0})
    genome = Genome("mlp", encoding.default().genes, layers)
    named = {parameter.name: value for parameter, value in values_of(encoding, genome).items()}
    assert named == {"layers": 2, "width_1": 4, "width_2": 8, "learning_rate": 0.1}


def test_genes_without_effect_are_not_asked_for() -> None:
    encoding = SPACES["flat"]
    asked = []

    def choose(parameter: Parameter):
        asked.append(parameter.name)
        return {"layers": 3, "optimizer": "adam"}[parameter.name]

    encoding.compose(choose)
    assert asked == ["layers", "optimizer"]


def test_what_is_chosen_outside_its_gene_is_clipped() -> None:
    encoding = SPACES["no layers too"]
    genome = encoding.compose(lambda parameter: 1e9)
    assert len(genome.layers) == 4
    assert {layer["width"] for layer in genome.layers} == {9}


def test_an_encoding_without_parameters_says_so() -> None:
    class Bare(FlatEncoding):
        name = "bare"
        compose = Encoding.compose
        parameters = Encoding.parameters

    bare = Bare.from_space({"rate": [1, 2]})
    with pytest.raises(GenomeError, match="'bare' does not name its parameters"):
        values_of(bare, bare.default())
    with pytest.raises(GenomeError, match="'bare' does not name its parameters"):
        bare.parameters(3)
