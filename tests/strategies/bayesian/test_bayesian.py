"""Bayesian search with Optuna's samplers, beyond the laws of every strategy."""

from __future__ import annotations

import importlib.metadata
import math
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("optuna")

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies import check_sampler
from evo_nas.strategies.ask_tell import AskTell
from evo_nas.strategies.bayesian.suggestions import STARTUP
from genomes import Encoding, FlatEncoding
from tests.strategies.searching import COST, SCORE, encoding, make, score, search

FLAT = FlatEncoding.from_space(
    {
        "rate": {"low": 1e-5, "high": 1e-1, "scale": "log"},
        "units": [16, 32, 64, 128],
        "optimizer": ["adam", "sgd"],
        "momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer": ["sgd"]}},
    }
)


def loss(genes: Any) -> float:
    """Best is 0: a rate of 1e-3, 64 units, adam."""
    return (math.log10(genes["rate"]) + 3) ** 2 + abs(genes["units"] - 64) / 64 + (genes["optimizer"] == "sgd")


CUBE = FlatEncoding.from_space({name: {"low": 0.0, "high": 1.0} for name in "abcde"})
"""Of 48 random points none lies near a point of it."""


def samplers() -> list[Any]:
    return ["tpe", pytest.param("gp", marks=pytest.mark.slow)]


def needs(sampler: str) -> None:
    if sampler == "gp":
        pytest.importorskip("torch")


@pytest.mark.parametrize("sampler", samplers())
def test_the_default_comes_first_then_samples_then_the_model(sampler: str) -> None:
    needs(sampler)
    done = search(make(strategy="bayesian", sampler=sampler, population=4), 20)
    operators = [each.individual.operator for each in done]
    assert operators[0] == "default"
    assert done[0].individual.genome == encoding().default()
    assert set(operators[1:12]) == {"sample"}
    assert all(operator.partition(" + ")[0] == sampler for operator in operators[12:])


@pytest.mark.parametrize("sampler", samplers())
def test_it_finds_what_random_search_does_not(sampler: str) -> None:
    """With every one of five seeds: by luck once in 32 times."""
    needs(sampler)

    def best(strategy: str, seed: int) -> float:
        made = make(space=CUBE, strategy=strategy, sampler=sampler, population=4, seed=seed)
        done = search(made, 48, lambda each: (-sum((float(x) - 0.7) ** 2 for x in each.genome.genes.values()),))
        return max(each.outcome.metrics["score"] for each in done)

    assert all(best("bayesian", seed) > best("random", seed) for seed in range(5))


def test_a_batch_does_not_depend_on_how_it_is_asked_for() -> None:
    whole, cut = (make(strategy="bayesian", population=8) for _ in range(2))
    done = search(whole, 24)
    for start in (0, 8, 16):
        batch = done[start : start + 8]
        asked = [*cut.ask(3), *cut.ask(1), *cut.ask(4)]
        assert asked == [each.individual for each in batch]
        cut.tell(batch)


def test_a_batch_may_be_smaller_than_the_population() -> None:
    strategy = make(strategy="bayesian", population=8, batch=3)
    assert [strategy.required_results(n) for n in range(8)] == [0, 0, 0, 3, 3, 3, 6, 6]


def test_the_model_waits_for_successes_and_learns_nothing_of_failures() -> None:
    def second_half(individual):
        return score(individual) if individual.id >= 16 else None

    done = search(make(strategy="bayesian", population=8), 40, second_half)
    operators = [each.individual.operator for each in done]
    assert set(operators[1:32]) == {"sample"}
    assert done[31].individual.id - 16 >= STARTUP
    assert {operator.partition(" + ")[0] for operator in operators[32:]} == {"tpe"}


def test_given_genomes_come_before_everything_else() -> None:
    import random

    from evo_nas.strategies import make_strategy, make_toolbox

    space, settings = encoding(), SearchSettings(strategy="bayesian", sampler="tpe", population=4)
    first = [space.sample(random.Random(seed)) for seed in range(6)]
    strategy = make_strategy(space, make_toolbox(space, settings, (SCORE,)), settings, (SCORE,), first=first)
    done = search(strategy, 8)
    assert [each.individual.genome for each in done[:6]] == first
    assert "default" not in {each.individual.operator for each in done}


@pytest.mark.parametrize("sampler", samplers())
def test_several_objectives_and_constraints_are_told_to_the_sampler(sampler: str) -> None:
    needs(sampler)
    objectives = (SCORE, COST)

    def two(individual):
        cost = float(sum(int(layer["width"]) for layer in individual.genome.layers))
        return score(individual)[0], cost

    made = make(objectives, strategy="bayesian", sampler=sampler, population=4, constraints=["cost <= 60"])
    done = search(made, 20, two, objectives)
    assert {each.individual.operator.partition(" + ")[0] for each in done[12:]} == {sampler}


def test_constraints_keep_the_search_where_they_hold() -> None:
    """The best rate is 1e-3; only those of 1e-2 and more are allowed."""
    asked = {"constraints": ["rate >= 0.01"], "sampler": "tpe"}
    bound = AskTell(FLAT, "minimize loss", strategy="bayesian", population=4, settings=asked)
    while len(bound.history) < 60:
        for each in bound.ask():
            genes = each.genome.genes
            bound.tell(each, (loss(genes), float(genes["rate"])))
    late = [each.individual.genome.genes["rate"] for each in bound.history[30:]]
    assert sum(rate >= 0.01 for rate in late) > len(late) / 2
    assert float(bound.best.genome.genes["rate"]) >= 0.01


def test_a_space_that_is_used_up_ends_the_search() -> None:
    tiny = FlatEncoding.from_space({"units": [16, 32, 64], "optimizer": ["adam", "sgd"]})
    strategy = make(space=tiny, strategy="bayesian", population=4)
    done = search(strategy, 40, lambda each: (float(each.genome.genes["units"]),))
    assert len({each.individual.fingerprint for each in done}) == 6
    assert "6 networks" in (strategy.converged() or "")


@pytest.mark.slow
def test_torch_and_optuna_are_left_as_they_were() -> None:
    import optuna

    torch = pytest.importorskip("torch")
    threads, verbosity = torch.get_num_threads(), optuna.logging.get_verbosity()
    search(make(space=FLAT, strategy="bayesian", sampler="gp", population=6), 18, lambda e: (-loss(e.genome.genes),))
    assert (torch.get_num_threads(), optuna.logging.get_verbosity()) == (threads, verbosity)


@pytest.mark.slow
def test_the_number_of_threads_changes_no_proposal_of_the_gaussian_process() -> None:
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            made = make(space=FLAT, strategy="bayesian", sampler="gp", population=6)
            found.append(search(made, 24, lambda each: (-loss(each.genome.genes),)))
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("sampler", "versions", "sentence"),
    [
        ("gp", {"optuna": "5.1"}, r'"gp" needs torch, which is not installed: pip install "evo-nas\[bayesian\]"'),
        ("tpe", {}, r'"tpe" needs optuna, which is not installed'),
        ("tpe", {"optuna": "4.4.0"}, r"needs Optuna 5 or newer, and 4.4.0 is installed"),
    ],
)
def test_what_is_not_installed_is_said_before_anything_is_trained(
    monkeypatch: pytest.MonkeyPatch, sampler: Any, versions: dict[str, str], sentence: str
) -> None:
    def version(package: str) -> str:
        if package not in versions:
            raise importlib.metadata.PackageNotFoundError(package)
        return versions[package]

    monkeypatch.setattr("evo_nas.strategies.bayesian.installed.version", version)
    with pytest.raises(UserError, match=sentence):
        check_sampler(SearchSettings(strategy="bayesian", sampler=sampler))
    check_sampler(SearchSettings(strategy="random", sampler=sampler))


def test_a_told_outcome_is_not_asked_for_again() -> None:
    strategy = make(strategy="bayesian", population=4)
    outcome = Outcome(Status.OK, {"score": 1.0})
    first = strategy.ask(4)
    strategy.tell([Evaluated(each, outcome) for each in first])
    assert {each.fingerprint for each in strategy.ask(4)}.isdisjoint({each.fingerprint for each in first})


def test_what_the_ledger_holds_is_given_back_and_then_gone_on_with() -> None:
    done = search(make(strategy="bayesian", population=5), 30)
    again = make(strategy="bayesian", population=5)
    again.recall([replace(each.individual, operator="as recorded") for each in done[:22]])
    told = search(again, 30)
    assert [each.individual.operator for each in told[:20]] == ["as recorded"] * 20
    assert [each.individual for each in told[20:]] == [each.individual for each in done[20:]]


def test_an_encoding_without_named_parameters_is_refused_at_once() -> None:
    class Bare(FlatEncoding):
        name = "bare"
        parameters = Encoding.parameters

    with pytest.raises(UserError, match="asks for named parameters, and the encoding 'bare' does not name its param"):
        make(space=Bare.from_space({"rate": [1, 2]}), strategy="bayesian")
