"""The first genomes: what the user would try, a small and a large network, and an even spread."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas.randomness import lent_random
from evo_nas.strategies.surrogate.first_population import Spread, first_genomes
from genomes import Encoding, FlatEncoding, Genome
from tests.strategies.searching import encoding


def made(space: Encoding, count: int, seed: int = 0) -> list[tuple[Genome, str]]:
    with lent_random() as reseed:
        reseed(seed)
        return first_genomes(space, count)


def test_the_default_a_small_and_a_large_network_and_samples() -> None:
    space = encoding()
    genomes = made(space, 8)
    assert [name for _, name in genomes] == ["default", "small", "large", *["sample"] * 5]
    assert genomes[0][0] == space.default()
    rng = random.Random(1)
    sizes = sorted(space.size(space.sample(rng), (1,), 1).parameters for _ in range(1000))
    small, large = (space.size(genome, (1,), 1).parameters for genome, _ in genomes[1:3])
    assert small < sizes[200]
    assert large > sizes[-200]


def test_what_has_no_size_has_no_small_and_no_large() -> None:
    space = FlatEncoding.from_space({"a": {"low": 0.0, "high": 1.0}, "b": [1, 2, 3]})
    assert [name for _, name in made(space, 5)] == ["default", *["sample"] * 4]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 12), st.integers(0, 1000))
def test_so_many_valid_ones_as_were_asked_for(count: int, seed: int) -> None:
    space = encoding()
    genomes = made(space, count, seed)
    assert len(genomes) == count
    assert [name for _, name in genomes[:3]] == ["default", "small", "large"][:count]
    for genome, _ in genomes:
        space.check(genome)


def test_a_space_of_one_point_gives_it_again_and_again() -> None:
    space = FlatEncoding.from_space({"a": 3})
    assert [genome for genome, _ in made(space, 4)] == [space.default()] * 4


@pytest.mark.parametrize("seed", range(5))
def test_every_stratum_is_used_evenly(seed: int) -> None:
    """A Latin hypercube has one in each stratum. By choice among samples nearly so; by chance a third stay empty."""
    genes = {f"x{i}": {"low": 0.0, "high": 1.0} for i in range(3)} | {"c": ["a", "b", "d"]}
    space = FlatEncoding.from_space(genes)
    places = np.array([space.coordinates(genome) for genome, _ in made(space, 12, seed)])
    used = [len(set(np.minimum(places[:, i] * 12, 11).astype(int))) for i in range(3)]
    assert np.mean(used) >= 9.5
    assert sorted(Counter(places[:, 3]).values()) in ([4, 4, 4], [3, 4, 5])


def test_the_least_used_is_taken_and_then_counts_as_used() -> None:
    space = FlatEncoding.from_space({"a": {"low": 0.0, "high": 1.0}})
    low, middle, high = (Genome("flat", {"a": value}) for value in (0.1, 0.5, 0.9))
    spread = Spread(space, 3)
    spread.add(spread.strata(low))
    assert spread.best([low, middle, high]) == middle
    assert spread.best([low, middle, high]) == high
    assert [int(spread.strata(genome)[0]) for genome in (low, middle, high)] == [0, 1, 2]


def test_a_gene_without_effect_has_a_stratum_of_its_own() -> None:
    space = FlatEncoding.from_space(
        {"kind": ["plain", "fine"], "fineness": {"low": 0.0, "high": 1.0, "when": {"kind": ["fine"]}}}
    )
    spread = Spread(space, 4)
    plain = spread.strata(Genome("flat", {"kind": "plain", "fineness": 1.0}))
    fine = spread.strata(Genome("flat", {"kind": "fine", "fineness": 1.0}))
    assert fine.tolist() == [1, 3]
    assert plain[1] not in range(4)
