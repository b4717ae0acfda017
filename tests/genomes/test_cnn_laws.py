"""The laws of an encoding hold for every space of convolutional networks, and mutations make what Keras can build."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genomes import CnnEncoding, Genome, check_encoding, values_of
from genomes.cnn_shapes import after
from tests.genomes.cnn_spaces import HEAVY, RICH, encodings


def test_the_default_space_keeps_every_law() -> None:
    check_encoding(RICH, trials=80)


def test_a_space_with_tight_limits_keeps_every_law() -> None:
    space = {**CnnEncoding.default_space(), "max_parameters": 50_000, "max_flops": 1e6, "augment_flip": [0.0, 0.5]}
    check_encoding(CnnEncoding.from_space(space).for_data((28, 28, 1), 10), trials=60)


@settings(max_examples=12, deadline=None)
@given(encodings(), st.integers(0, 2**32))
def test_any_space_keeps_every_law(encoding: CnnEncoding, seed: int) -> None:
    check_encoding(encoding, seed=seed, trials=4)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(encodings(), st.integers(0, 2**32))
def test_hundreds_of_spaces_keep_every_law(encoding: CnnEncoding, seed: int) -> None:
    check_encoding(encoding, seed=seed, trials=4)


@pytest.mark.exhaustive
@pytest.mark.timeout(7200)
@settings(max_examples=5000, deadline=None)
@given(encodings(), st.integers(0, 2**32))
def test_five_thousand_spaces_keep_every_law(encoding: CnnEncoding, seed: int) -> None:
    check_encoding(encoding, seed=seed, trials=4)


@settings(max_examples=30, deadline=None)
@given(encodings(), st.integers(0, 2**32))
def test_a_genome_is_composed_of_its_own_parameters(encoding: CnnEncoding, seed: int) -> None:
    genome = encoding.sample(random.Random(seed))
    values = values_of(encoding, genome)
    composed = encoding.compose(values.__getitem__)
    assert encoding.canonical(composed) == encoding.canonical(genome)
    assert set(values) <= set(encoding.parameters(10))


def never_runs_out(genome: Genome, pixels: tuple[int, int]) -> bool:
    for block in genome.layers:
        left = after(block, pixels)
        if left is None:
            return False
        pixels = left
    return min(pixels) >= 1


@pytest.mark.exhaustive
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("prepared_tensorflow")
def test_a_million_mutations_never_make_a_network_that_keras_cannot_build() -> None:
    from evo_nas.training.candidate import clean_session
    from evo_nas.training.encodings import build_network

    spaces_walked = [
        CnnEncoding.from_space(HEAVY).for_data((28, 28, 1), 10),
        CnnEncoding.from_space({**HEAVY, "layers": {"low": 1, "high": 12}}).for_data((13, 40, 3), 2),
        CnnEncoding.from_space({**HEAVY, "max_parameters": 3000, "padding": "valid"}).for_data((33, 32, 3), 4),
        CnnEncoding.from_space({**HEAVY, "reduction": ["max", "stride"], "skip": True}).for_data((60, 60, 1), 3),
    ]
    for number, encoding in enumerate(spaces_walked):
        stream, genome = random.Random(number), encoding.default()
        pixels = encoding.input_shape[0], encoding.input_shape[1]
        for step in range(250_000):
            genome = encoding.mutate(genome, stream).genome
            assert never_runs_out(genome, pixels), genome
            if step % 3333 == 0:
                encoding.check(genome)
                with clean_session():
                    model = build_network(genome, encoding.input_shape, 4, "multiclass")
                assert model.count_params() == encoding.size(genome, encoding.input_shape, 4).parameters
