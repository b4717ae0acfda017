from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.report.importance import analyse
from evo_nas.report.importance.failures import wilson
from genomes import Genome
from tests.report.importance.made_networks import DENSE, FLAT, SCORE, networks_of


@pytest.mark.parametrize(
    ("failures", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 100, 0.0018, 0.0545)],
)
def test_wilsons_interval(failures: int, count: int, low: float, high: float) -> None:
    found = wilson(failures, count)
    assert (found.value, found.low, found.high) == pytest.approx((failures / count, low, high), abs=1e-4)


@given(st.integers(1, 10_000), st.floats(0.0, 1.0))
def test_wilsons_interval_holds_the_share_and_stays_in_0_to_1(count: int, part: float) -> None:
    found = wilson(round(part * count), count)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_the_value_that_fails_is_blamed_and_no_other() -> None:
    def score(genome: Genome, rng: random.Random) -> float | None:
        return None if genome.genes["activation"] == "selu" and rng.random() < 0.8 else 1.0

    made, encoding = networks_of(FLAT, 200, score)
    failures = analyse(made, encoding, SCORE).failures
    assert (failures[0].gene, failures[0].values) == ("activation", "selu")
    assert failures[0].share_of_others == 0.0
    assert failures[0].num_failures == sum(not each.outcome.ok for each in made)
    assert failures[0].num_networks == sum(each.individual.genome.genes["activation"] == "selu" for each in made)
    worse = [row for row in failures[1:] if row.p_value < 0.05 and row.share.value > row.share_of_others]
    assert worse == []


def test_a_range_is_told_in_the_genes_own_numbers() -> None:
    def score(genome: Genome, rng: random.Random) -> float | None:
        return None if genome.genes["rate"] > 10**-1.6 else 1.0

    made, encoding = networks_of(FLAT, 200, score)
    rows = [row for row in analyse(made, encoding, SCORE).failures if row.gene == "rate"]
    assert (rows[0].values, rows[0].share.value) == ("0.0251 to 0.1", 1.0)
    assert sum(row.num_networks for row in rows) == 200


def test_a_layers_value_counts_in_whichever_layer_it_is() -> None:
    def score(genome: Genome, rng: random.Random) -> float | None:
        return None if any(layer["activation"] == "tanh" for layer in genome.layers) else 1.0

    made, encoding = networks_of(DENSE, 150, score)
    row = next(row for row in analyse(made, encoding, SCORE).failures if row.values == "tanh")
    assert (row.share.value, row.share_of_others) == (1.0, 0.0)
