"""Coarse to fine: rounds of random search, each in narrower ranges around the best so far."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from evo_nas.config import SearchSettings
from evo_nas.individual import Individual
from evo_nas.strategies import CoarseToFine, make_strategy, make_toolbox
from genomes import Choice, FlatEncoding, Float, Int
from tests.strategies.searching import COST, SCORE, encoding, make, score, search

FLAT = FlatEncoding.from_space(
    {
        "rate": {"low": 1e-6, "high": 1.0, "scale": "log"},
        "units": {"low": 1, "high": 100},
        "kind": ["a", "b", "c"],
        "depth": [1, 2, 3, 4, 5, 6],
        "extra": {"low": 0.0, "high": 1.0, "when": {"kind": ["c"]}},
    }
)


def goal(individual: Individual) -> tuple[float, ...]:
    """Best is a rate of 1e-3, 20 units, kind a and a depth of 2."""
    genes = individual.genome.genes
    miss = abs(math.log10(float(genes["rate"])) + 3) + abs(int(genes["units"]) - 20) / 10
    return (-(miss + (genes["kind"] != "a") * 3 + abs(int(genes["depth"]) - 2)),)


def searched(num_proposals: int, **settings) -> CoarseToFine:
    strategy = make(strategy="coarse_to_fine", space=FLAT, **settings)
    assert isinstance(strategy, CoarseToFine)
    search(strategy, num_proposals, goal)
    return strategy


def test_ranges_draw_together_around_what_is_best() -> None:
    genes = searched(12 * 10).genes
    rate, units, kind, depth = (genes[name] for name in ("rate", "units", "kind", "depth"))
    assert isinstance(rate, Float)
    assert 1e-5 < rate.low < 1e-3 < rate.high < 1e-1
    assert isinstance(units, Int)
    assert 1 < units.low < 20 < units.high < 60
    assert kind == Choice(("a",))
    assert isinstance(depth, Choice)
    assert depth.ordinal
    assert 2 in depth.values
    assert len(depth.values) < 6


def test_a_gene_without_effect_in_the_best_keeps_its_range() -> None:
    assert searched(12 * 10).genes["extra"] == Float(0.0, 1.0)


def test_proposals_lie_in_the_ranges_of_their_round() -> None:
    strategy = make(strategy="coarse_to_fine", space=FLAT, population=10)
    assert isinstance(strategy, CoarseToFine)
    done = search(strategy, 40, goal)
    for each in (done[:20], done[20:]):
        assert len({e.individual.fingerprint for e in each}) == 20
    again = make(strategy="coarse_to_fine", space=FLAT, population=10)
    assert isinstance(again, CoarseToFine)
    again.ask(20)
    again.tell(done[:20])
    for each in done[20:]:
        for name, value in FLAT.canonical(each.individual.genome).genes.items():
            assert again.genes[name].contains(value)
    assert again.ask(20) == [each.individual for each in done[20:]]


@pytest.mark.parametrize(("rounds", "keep", "kept"), [(2, 0.2, 5), (1, 0.2, 3), (3, 0.1, 4), (1, 0.01, 2)])
def test_remarks_say_what_is_narrowed(rounds: int, keep: float, kept: int) -> None:
    size = 12 * rounds
    strategy = searched(2 * size + 1, coarse_to_fine={"round_generations": rounds, "keep": keep})
    first, second = strategy.remarks()
    assert first.startswith(f"round 2, after the best {kept} of {size} networks: ")
    assert second.startswith(f"round 3, after the best {kept} of {2 * size} networks: ")
    assert "depth " in first
    assert "(before 1, 2, 3, 4, 5, 6)" in first


def test_a_round_waits_for_the_one_before_and_for_nothing_else() -> None:
    strategy = make(strategy="coarse_to_fine", space=FLAT, population=5)
    assert [strategy.required_results(n) for n in (0, 9, 10, 19, 20)] == [0, 0, 10, 10, 20]


def test_failures_narrow_nothing() -> None:
    strategy = make(strategy="coarse_to_fine", population=5)
    done = search(strategy, 25, lambda individual: None if individual.id else score(individual))
    assert all(remark.endswith("too few networks have succeeded to narrow them") for remark in strategy.remarks())
    assert len(strategy.remarks()) == 2
    assert len({each.individual.fingerprint for each in done}) == 25


def test_only_ranges_that_keep_the_constraints_are_drawn_from() -> None:
    """Half of the kinds break one; nobody of the elite does, once there are enough that do not."""

    def fitness(individual: Individual) -> tuple[float, ...]:
        return goal(individual)[0], 9.0 if individual.genome.genes["kind"] == "a" else 1.0

    asked = SearchSettings(strategy="coarse_to_fine", constraints=["cost <= 5"], seed=1)
    strategy = make_strategy(FLAT, make_toolbox(FLAT, asked, (SCORE, COST)), asked, (SCORE, COST))
    assert isinstance(strategy, CoarseToFine)
    search(strategy, 49, fitness, (SCORE, COST))
    kind = strategy.genes["kind"]
    assert isinstance(kind, Choice)
    assert "a" not in kind.values


def test_the_layers_of_dense_networks_are_narrowed() -> None:
    strategy = make(strategy="coarse_to_fine")
    assert isinstance(strategy, CoarseToFine)
    search(strategy, 121, score)
    depth, activation = strategy.genes["layers"], strategy.genes["activation"]
    assert isinstance(depth, Int)
    assert depth.low > 1 or depth.high < 5
    assert isinstance(activation, Choice)
    assert "relu" in activation.values
    assert len(activation.values) < 3


def test_a_space_that_is_used_up_ends_it() -> None:
    space = FlatEncoding.from_space({"a": [1, 2], "b": ["x", "y"]})
    strategy = make(strategy="coarse_to_fine", space=space, population=4)
    done = search(strategy, 40, lambda individual: (1.0,))
    assert len(Counter(each.individual.fingerprint for each in done)) <= 4
    assert str(strategy.converged()).endswith("proposals were known: the ranges as narrowed hold no more")


def test_it_keeps_no_more_than_its_space() -> None:
    for each in search(make(strategy="coarse_to_fine"), 100, score):
        encoding().check(each.individual.genome)
