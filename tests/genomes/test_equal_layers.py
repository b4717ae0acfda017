"""Spaces in which all layers of a network are equal."""

import random
from collections import Counter

import pytest

from genomes import Genome, GenomeError, MlpEncoding, encoding_from

SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 5, "high": 50},
    "activation": ["relu", "tanh", "sigmoid"],
    "dropout": {"low": 0.0, "high": 0.5},
}
EQUAL = encoding_from({**SPACE, "equal_layers": True})
NARROW = {"width": 8, "activation": "relu", "dropout": 0.0}
WIDE = {"width": 40, "activation": "tanh", "dropout": 0.5}


def stack(*layers: dict[str, object]) -> Genome:
    return Genome("mlp", EQUAL.default().genes, layers)


def test_samples_have_one_layer_repeated_and_fill_the_space() -> None:
    rng = random.Random(0)
    genomes = [EQUAL.sample(rng) for _ in range(1000)]
    assert all(layer == genome.layers[0] for genome in genomes for layer in genome.layers)
    assert {len(genome.layers) for genome in genomes} == {1, 2, 3, 4, 5}
    assert {genome.layers[0]["width"] for genome in genomes} == set(range(5, 51))
    assert {genome.layers[0]["activation"] for genome in genomes} == {"relu", "tanh", "sigmoid"}


@pytest.mark.parametrize("key", [{}, {"equal_layers": False}, {"equal_layers": True}])
def test_the_key_is_described_where_it_is_true(key: dict[str, bool]) -> None:
    described = encoding_from({**SPACE, **key}).describe()
    assert ("equal_layers" in described) is key.get("equal_layers", False)
    assert encoding_from(described).describe() == described


def test_it_is_said_of_the_space_and_not_of_the_genome() -> None:
    rng = random.Random(1)
    for _ in range(20):
        genome = EQUAL.sample(rng)
        encoding_from(SPACE).check(genome)
        assert encoding_from(SPACE).fingerprint(genome) == EQUAL.fingerprint(genome)


def test_each_operator_keeps_layers_equal() -> None:
    seen: Counter[str] = Counter()
    for seed in range(1000):
        variant = EQUAL.mutate(stack(NARROW, NARROW, NARROW), random.Random(seed))
        operator, _, changed = variant.operator.partition(":")
        seen[operator] += 1
        layers = variant.genome.layers
        assert layers == layers[:1] * len(layers)
        grown = {"insert_layer": 1, "duplicate_layer": 1, "remove_layer": -1}.get(operator, 0)
        assert len(layers) == 3 + grown
        moved = {name for name in NARROW if layers[0][name] != NARROW[name]}
        assert moved == ({changed} if operator == "change_layer" else set())
    assert set(seen) == {"insert_layer", "duplicate_layer", "remove_layer", "change_layer"}
    assert min(seen.values()) > 100


def test_the_first_layer_of_a_network_without_is_drawn() -> None:
    encoding = encoding_from({**SPACE, "layers": [0, 3], "equal_layers": True})
    drawn = set()
    for seed in range(50):
        variant = encoding.mutate(stack(), random.Random(seed))
        assert variant.operator == "insert_layer"
        assert variant.genome.layers == variant.genome.layers[:1] * 3
        drawn.add(variant.genome.layers[0]["width"])
    assert len(drawn) > 10


def test_children_have_the_layer_of_one_parent_and_lengths_between() -> None:
    children = set()
    for seed in range(200):
        one, other = EQUAL.crossover(stack(NARROW), stack(*[WIDE] * 4), random.Random(seed))
        assert len(one.layers) + len(other.layers) == 5
        assert one.layers == one.layers[:1] * len(one.layers)
        assert {one.layers[0]["width"], other.layers[0]["width"]} == {8, 40}
        children.add((len(one.layers), one.layers[0]["width"]))
    assert children == {(length, width) for length in (1, 2, 3, 4) for width in (8, 40)}


def test_a_child_takes_its_layer_from_the_parent_that_has_one() -> None:
    encoding = encoding_from({**SPACE, "layers": {"low": 0, "high": 3}, "equal_layers": True})
    for seed in range(50):
        for child in encoding.crossover(stack(), stack(WIDE, WIDE, WIDE), random.Random(seed)):
            assert child.layers == (WIDE,) * len(child.layers)


def test_repair_makes_all_layers_like_the_first() -> None:
    assert EQUAL.repair(stack(NARROW, WIDE, {**WIDE, "width": 7})).layers == (NARROW,) * 3
    assert EQUAL.repair(stack({**NARROW, "width": 900}, WIDE)).layers == ({**NARROW, "width": 50},) * 2


def test_a_layer_that_differs_is_named() -> None:
    EQUAL.check(stack(NARROW, NARROW))
    message = "layer 3 width: 9 is not 8 as in layer 1; in this space all layers are equal (equal_layers = true)"
    with pytest.raises(GenomeError) as error:
        EQUAL.check(stack(NARROW, NARROW, {**NARROW, "width": 9}))
    assert str(error.value) == message


def test_made_in_python() -> None:
    assert MlpEncoding({}, equal_layers=True).describe()["equal_layers"] is True
