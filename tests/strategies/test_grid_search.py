"""Grid search: each point once, in a random order that the seed decides, and then an end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo_nas import AskTell, UserError
from evo_nas.config import SearchSettings
from evo_nas.randomness import permuted
from evo_nas.strategies import GridSearch, most_proposals, with_needed_generations
from genomes import Encoding, FlatEncoding
from tests.strategies.searching import SCORE, encoding, make, score, search

SPACE = {
    "optimizer": ["adam", "sgd"],
    "momentum": {"values": [0.0, 0.9], "when": {"optimizer": ["sgd"]}},
    "rate": {"low": 0.001, "high": 0.1, "scale": "log"},
    "units": {"low": 8, "high": 24},
}
FLAT = FlatEncoding.from_space(SPACE)
OPTIMIZERS = (("adam", None), ("sgd", 0.0), ("sgd", 0.9))
ALL = set(itertools.product(OPTIMIZERS, (0.001, 0.01, 0.1), (8, 16, 24)))


def point(genes) -> tuple[object, ...]:
    momentum = genes["momentum"] if genes["optimizer"] == "sgd" else None
    return (genes["optimizer"], momentum), genes["rate"], genes["units"]


def asked(**settings) -> AskTell:
    return AskTell(SPACE, "minimize loss", strategy="grid", population=4, settings=settings)


def run(grid: AskTell) -> list[tuple[object, ...]]:
    """All that it proposes until it has nothing left."""
    while proposals := grid.ask():
        for proposal in proposals:
            grid.tell(proposal, float(proposal.genome.genes["units"]))
    return [point(each.individual.genome.genes) for each in grid.history]


def test_every_point_is_proposed_once() -> None:
    grid = asked()
    points = run(grid)
    assert len(points) == len(ALL) == 27
    assert set(points) == ALL
    assert grid.converged == "every point of the grid has been trained"
    assert grid.best.genome.genes["units"] == 8


def test_a_fraction_is_the_beginning_of_the_same_order() -> None:
    whole, part = run(asked()), asked(grid={"fraction": 0.3})
    assert run(part) == whole[:8]
    assert part.converged == "all 8 points that were drawn from the grid have been trained"


def test_the_order_is_random_and_the_seeds() -> None:
    orders = [run(AskTell(SPACE, "minimize loss", strategy="grid", seed=seed)) for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert set(orders[2]) == ALL
    assert orders[0] != sorted(orders[0], key=repr)


def test_a_condition_thins_it() -> None:
    points = run(asked(grid={"points": 2, "where": "units < 20 and momentum > 0.5 or rate == 0.1"}))
    # a condition on momentum does not exclude adam, which has none
    slow = {(("adam", None), 0.001, 8), (("sgd", 0.9), 0.001, 8)}
    assert len(points) == 8
    assert set(points) == slow | {(optimizer, 0.1, units) for optimizer in OPTIMIZERS for units in (8, 24)}


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"where": "untis < 20"}, r"\[search\] grid: condition: 'untis' \(did you mean 'units'\?\)"),
        ({"where": "units > 99"}, r"\[search\] grid: where = 'units > 99' admits no point"),
        ({"points": 100_000}, "grid.points"),
        ({"fraction": 0.0}, "grid.fraction"),
        ({"wher": ""}, r"unknown key grid.wher \(did you mean 'where'\?\)"),
    ],
)
def test_grids_that_cannot_be(grid: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        asked(grid=grid)


HUGE = {f"gene_{number}": {"low": 0.0, "high": 1.0} for number in range(20)}


def test_a_grid_that_nobody_could_train_is_refused_with_its_size() -> None:
    with pytest.raises(UserError, match="it has 3,486,784,401 points, and more than 10,000,000 are not trained"):
        AskTell(HUGE, "minimize loss", strategy="grid")


@pytest.mark.parametrize(
    "settings", [{"grid": {"fraction": 1e-8}}, {"generations": 3, "population": 12}, {"max_evaluations": 36}]
)
def test_a_part_of_it_is_trained_all_the_same(settings: dict[str, object]) -> None:
    strategy = make(strategy="grid", space=FlatEncoding.from_space(HUGE), **settings)
    assert isinstance(strategy, GridSearch)
    done = search(strategy, 35, lambda individual: (0.0,))
    assert len({each.individual.fingerprint for each in done}) == 35


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        ({}, "the grid has 27 points (2 of optimizer, 2 of momentum, 3 of rate, 3 of units)"),
        ({"generations": 100}, "the grid has 27 points (2 of optimizer, 2 of momentum, 3 of rate, 3 of units)"),
        ({"grid": {"points": 1, "fraction": 0.5}}, "the grid has 3 points (2 of optimizer, 2 of momentum), of which 2"),
        ({"generations": 2}, "3 of units); the budget is for 24 of them, taken at random"),
        ({"max_evaluations": 5}, "the budget is for 5 of them, taken at random"),
    ],
)
def test_its_size_and_a_budget_below_it_are_said_first(settings: dict[str, object], remark: str) -> None:
    (said,) = make(strategy="grid", space=FLAT, **settings).remarks()
    assert remark in said


def test_generations_need_not_be_given() -> None:
    def planned(num_first: int = 0, **settings) -> int:
        asked = SearchSettings(strategy="grid", population=10, **settings)
        return with_needed_generations(FLAT, asked, num_first).generations

    assert planned() == 3
    assert planned(num_first=4) == 4
    assert planned(generations=2) == 2
    assert planned(generations=50) == 3
    assert planned(grid={"fraction": 0.1}) == 1
    assert most_proposals(FLAT, SearchSettings(strategy="grid"), 4) == 31
    assert most_proposals(FLAT, SearchSettings(strategy="random"), 4) is None


def test_no_point_waits_for_another_within_a_batch() -> None:
    strategy = make(strategy="grid", population=100)
    assert [strategy.required_results(n) for n in (0, 299, 300, 485)] == [0, 0, 300, 300]
    assert [strategy.required_results(n) for n in (486, 585, 586)] == [486, 486, 586]


def test_whoever_asks_on_is_given_known_points() -> None:
    done = search(make(strategy="grid", space=FLAT, population=4), 40, lambda individual: (1.0,))
    fingerprints = [each.individual.fingerprint for each in done]
    assert len(set(fingerprints)) == 27
    assert fingerprints[27:] == fingerprints[:13]


def test_given_networks_come_first() -> None:
    from evo_nas.strategies import make_strategy, make_toolbox

    asked = SearchSettings(strategy="grid")
    first = [FLAT.default()] * 2
    strategy = make_strategy(FLAT, make_toolbox(FLAT, asked, (SCORE,)), asked, (SCORE,), first=first)
    operators = [each.individual.operator for each in search(strategy, 29, lambda individual: (1.0,))]
    assert operators == ["checkpoint"] * 2 + ["grid"] * 27
    assert strategy.converged()


def test_the_best_are_its_population() -> None:
    strategy = make(strategy="grid", population=6)
    done = search(strategy, 264, score)
    best = sorted((each.outcome.metrics["score"] for each in done), reverse=True)[:6]
    assert [member.fitness.values[0] for member in strategy.population] == best
    for each in done:
        layers = each.individual.genome.layers
        assert layers == layers[:1] * len(layers)
        encoding().check(each.individual.genome)


@pytest.mark.parametrize("strategy", ["grid", "coarse_to_fine"])
def test_an_encoding_that_does_not_tell_its_genes_is_told(strategy: str) -> None:
    silent = type("Silent", (Encoding,), {name: getattr(FLAT, name) for name in Encoding.__abstractmethods__})
    silent.name = "silent"
    message = rf"\[search\] {strategy}: the encoding 'silent' has no method 'outline'"
    with pytest.raises(UserError, match=message):
        AskTell(silent(), "minimize loss", strategy=strategy)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers(0, 2**40))
def test_a_permutation_has_each_place_once(size: int, key: int) -> None:
    assert sorted(permuted(index, size, key, "a") for index in range(size)) == list(range(size))


def test_a_permutation_of_more_than_could_be_listed() -> None:
    size = 10**40
    places = [permuted(index, size, "b") for index in range(1000)]
    assert len(set(places)) == 1000
    assert all(0 <= place < size for place in places)
    assert sum(place < size // 2 for place in places) == pytest.approx(500, abs=80)
