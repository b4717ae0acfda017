"""`AskTell`: the same search as a run, in whatever order it is told, and a failure is a value."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evo_nas
from evo_nas import AskTell, UserError
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies import RandomSearch, Strategy
from evo_nas.strategies.repeated_values import RepeatedValues
from genomes import FlatEncoding, Int, MlpEncoding
from tests.strategies.searching import encoding, outcome, score

ALL = ("evolution", "aging", "random", "surrogate")
SPACE = {
    "rate": {"low": 1e-5, "high": 1e-1, "scale": "log"},
    "units": [16, 32, 64, 128],
    "optimizer": ["adam", "sgd"],
    "momentum": {"low": 0.0, "high": 0.9, "when": {"optimizer": "sgd"}},
}


def loss(rate: float, units: int, optimizer: str, momentum: float) -> float:
    """Best is 0: a rate of 1e-3, 64 units, sgd with a momentum of 0.5."""
    miss = abs(momentum - 0.5) if optimizer == "sgd" else 1.0
    return (math.log10(rate) + 3) ** 2 + abs(math.log2(units / 64)) + miss


def value(proposal: Individual) -> float:
    return loss(**proposal.genome.genes)


def made(space: Any = None, objectives: Any = "minimize loss", **asked: Any) -> AskTell:
    return AskTell(SPACE if space is None else space, objectives, **{"population": 6, **asked})


def run(search: AskTell, num_told: int, fitness: Any = value) -> AskTell:
    while len(search.history) < num_told:
        for proposal in search.ask():
            search.tell(proposal, fitness(proposal))
    return search


def test_the_names_of_the_readme_are_there() -> None:
    search = run(AskTell(SPACE, ["minimize loss"], strategy="evolution", seed=0), 60)
    assert search.best_value == value(search.best) == min(value(e.individual) for e in search.history)
    assert search.best_value < 0.5


@pytest.mark.parametrize("name", ALL)
def test_it_proposes_what_a_run_would(name: str, tmp_path: Path) -> None:
    result = evo_nas.search(
        {"encoding": "flat", **SPACE},
        evaluate=lambda individual: loss(**individual.genes),
        objectives=["minimize loss"],
        strategy=name,
        population=6,
        generations=3,
        seed=3,
        settings={"search": {"in_flight": 4}},
        run_dir=tmp_path / "run",
        display=False,
    )
    search = run(made(strategy=name, seed=3, settings={"in_flight": 4}), 18)
    assert [e.individual for e in search.history][:18] == [e.individual for e in result.evaluated]
    assert name in ("aging", "surrogate") or search.best == result.best.individual


@pytest.mark.parametrize("name", ALL)
def test_it_drives_the_dense_encoding_too(name: str) -> None:
    search = run(made(encoding(), "maximize score", strategy=name), 30, lambda proposal: score(proposal)[0])
    assert [e.individual.id for e in search.history][:30] == list(range(30))
    assert all(e.outcome == outcome(score(e.individual), search.objectives) for e in search.history)
    assert search.best.genome.encoding == "mlp"


def told_in_disorder(search: AskTell, count: int, rng: random.Random | None) -> list[Individual]:
    """Ask at any time and tell whatever lies open, until the first proposals, so many, have been told and no others.

    rng: chooses what is told next; None tells all in order. All proposals that were made then.
    """
    made_so_far: list[Individual] = []
    waiting: list[Individual] = []
    while len(search.history) < count:
        new = search.ask()
        made_so_far += new
        waiting += [proposal for proposal in new if proposal.id < count]
        for proposal in rng.sample(waiting, rng.randint(1, len(waiting))) if rng else list(waiting):
            waiting.remove(proposal)
            search.tell(proposal, None if proposal.id % 5 == 4 else value(proposal))
    return made_so_far + search.ask()


def check_order(name: str, rng: random.Random, **settings: int) -> None:
    first, other = (made(strategy=name, settings=settings) for _ in range(2))
    assert told_in_disorder(first, 30, None) == told_in_disorder(other, 30, rng)
    assert first.history == other.history
    assert (first.best, first.best_value) == (other.best, other.best_value)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["evolution", "aging", "random"]),
    st.integers(1, 7),
    st.integers(1, 9),
    st.randoms(use_true_random=False),
)
def test_the_order_of_telling_changes_nothing(name: str, population: int, in_flight: int, rng: random.Random) -> None:
    check_order(name, rng, population=population, in_flight=in_flight)


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_telling_changes_nothing_for_the_surrogate(rng: random.Random) -> None:
    check_order("surrogate", rng, population=8)


def test_proposals_are_open_up_to_what_they_require() -> None:
    search = made(strategy="aging", population=4, settings={"in_flight": 3})
    first = search.ask()
    assert [proposal.id for proposal in first] == [0, 1, 2]
    assert search.ask() == []
    search.tell(first[1], 1.0)
    assert search.ask() == []
    search.tell(first[0], 1.0)
    assert [proposal.id for proposal in search.ask()] == [3, 4]
    generations = made(strategy="evolution", population=4)
    batch = generations.ask()
    assert len(batch) == 4
    for proposal in batch[1:]:
        generations.tell(proposal, 1.0)
    assert generations.ask() == []
    generations.tell(batch[0], 1.0)
    assert [proposal.id for proposal in generations.ask()] == [4, 5, 6, 7]


FAILURES = [None, math.nan, math.inf, -math.inf, 1e101, 10**400, np.float32("nan"), [None], np.array([np.inf])]


@pytest.mark.parametrize("bad", FAILURES, ids=repr)
def test_a_failure_is_a_value_and_never_wins(bad: Any) -> None:
    search = run(made(strategy="evolution"), 30, lambda p: bad if p.genome.genes["optimizer"] == "adam" else value(p))
    failed = [e for e in search.history if not e.outcome.ok]
    assert failed
    assert {e.individual.genome.genes["optimizer"] for e in failed} == {"adam"}
    assert {e.outcome.status for e in failed} <= {Status.INVALID, Status.DIVERGED}
    assert all(e.outcome.message for e in failed)
    assert search.best.genome.genes["optimizer"] == "sgd"
    parents = {parent for e in search.history for parent in e.individual.parents}
    assert parents.isdisjoint(e.individual.id for e in failed)


def test_a_search_in_which_everything_fails_goes_on_and_has_no_best() -> None:
    search = run(made(strategy="evolution", settings={"stop_when_converged": False}), 24, lambda proposal: None)
    for name in ("best", "best_value", "front"):
        with pytest.raises(UserError, match="no proposal that was told so far has succeeded"):
            getattr(search, name)


@pytest.mark.parametrize("told", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5), [0.5], (0.5,), np.array([0.5])])
def test_a_number_may_come_in_many_coats(told: Any) -> None:
    search = made(strategy="random")
    search.tell(search.ask()[0], told)
    assert search.best_value == 0.5
    assert type(search.best_value) is float


@pytest.mark.parametrize(
    ("objectives", "told", "message"),
    [
        ("minimize loss", "good", "proposal 0: expected a number, or None for a failure, got 'good'"),
        ("minimize loss", "7", "proposal 0: expected a number, or None for a failure, got '7'"),
        ("minimize loss", (1.0, 2.0), r"expected a number, or None for a failure, got \(1.0, 2.0\)"),
        ("minimize loss", {"loss": 1.0}, "expected a number, or None for a failure, got {'loss': 1.0}"),
        ("minimize loss", 1j, "expected a number, or None for a failure, got 1j"),
        ("minimize loss", (), r"expected a number, or None for a failure, got \(\)"),
        (["minimize loss", "minimize cost"], 1.0, r"expected a tuple of 2 numbers \(loss, cost\), or None"),
        (["minimize loss", "minimize cost"], (1.0, "a"), r"expected a tuple of 2 numbers \(loss, cost\)"),
    ],
)
def test_what_is_no_value_is_refused_in_a_sentence_and_can_be_told_again(
    objectives: Any, told: Any, message: str
) -> None:
    search = made(objectives=objectives, strategy="random")
    proposal = search.ask()[0]
    with pytest.raises(UserError, match=message):
        search.tell(proposal, told)
    assert search.history == []
    search.tell(proposal, (1.0,) * len(search.objectives))
    assert len(search.history) == 1


def test_telling_twice_or_a_stranger_is_refused() -> None:
    search, other = made(strategy="random", seed=1), made(strategy="random", seed=2)
    proposal, stranger = search.ask()[0], other.ask()[0]
    search.tell(proposal, 1.0)
    with pytest.raises(UserError, match="proposal 0 was told before"):
        search.tell(proposal, 2.0)
    for unknown in (stranger, 0, None, proposal.genome, other.ask):
        with pytest.raises(UserError, match="expected a proposal that this search has made"):
            search.tell(unknown, 1.0)
    assert search.best_value == 1.0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"objectives": []}, "expected one objective or more"),
        ({"objectives": ["minimize loss", "maximize loss"]}, "each name once"),
        ({"objectives": "loss"}, 'expected "maximize NAME" or "minimize NAME"'),
        ({"objectives": [3]}, 'expected "maximize NAME" or "minimize NAME"'),
        ({"strategy": "genetic"}, "AskTell: strategy"),
        ({"population": 0}, "AskTell: population"),
        ({"settings": {"elite": 2}}, "unknown key elite"),
        ({"space": {}}, "expected at least one gene"),
        ({"space": {"rate": {"low": 2, "high": 1}}}, "rate: low 2 is above high 1"),
        ({"space": {"encoding": "mpl"}}, "did you mean 'mlp'"),
        ({"space": ["rate"]}, "expected a dictionary of genes or an encoding"),
    ],
)
def test_a_call_that_is_none_says_why(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        made(**asked)


def test_the_best_is_the_best_mean_of_all_values_of_its_genome() -> None:
    told = {1: [0.0, 10.0], 2: [4.0, 4.5], 3: [1.0, None]}
    search = made({"a": [1, 2, 3]}, strategy="random", population=12)
    for proposal in search.ask():
        values = told[proposal.genome.genes["a"]]
        search.tell(proposal, values.pop(0) if len(values) > 1 else values[0])
    assert search.best.genome.genes == {"a": 2}
    means = [v for e in search.history if e.individual.genome.genes["a"] == 2 for v in e.outcome.metrics.values()]
    assert search.best_value == pytest.approx(np.mean(means))


def test_a_strategy_that_believes_something_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    search = run(made(strategy="random"), 12)
    worst = max(search.history, key=lambda e: value(e.individual)).individual
    monkeypatch.setattr(RandomSearch, "answer", lambda self: worst)
    assert (search.best, search.best_value) == (worst, value(worst))
    assert search.front == [worst]


def test_a_strategy_that_has_converged_asks_for_nothing_unless_it_is_told_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def converged(self: Strategy) -> str | None:
        return "nothing is left to try" if len(self.population) >= 6 else None

    monkeypatch.setattr(RandomSearch, "converged", converged)
    search, tireless = (made(strategy="random", settings={"stop_when_converged": stop}) for stop in (True, False))
    for each in (search, tireless):
        assert each.converged is None
        run(each, 6)
        assert each.converged == "nothing is left to try"
    assert search.ask() == []
    assert len(tireless.ask()) == 6


def test_two_objectives_have_a_front_that_nothing_dominates() -> None:
    def two(proposal: Individual) -> tuple[float, float]:
        return value(proposal), float(proposal.genome.genes["units"])

    search = run(made(objectives=["minimize loss", "minimize parameters"], population=8), 48, two)
    points = {e.individual.fingerprint: two(e.individual) for e in search.history}
    best = sorted(
        p for p in points.values() if not any(a <= p[0] and b <= p[1] and (a, b) != p for a, b in points.values())
    )
    assert [two(proposal) for proposal in search.front] == best
    assert len(best) > 1
    assert search.best_value == best[0]


def test_what_breaks_a_constraint_is_never_the_best() -> None:
    def two(proposal: Individual) -> tuple[float, float]:
        return value(proposal), float(proposal.genome.genes["units"])

    search = made(strategy="evolution", settings={"constraints": ["cost <= 32"]})
    with pytest.raises(UserError, match=r"expected a tuple of 2 numbers \(loss, cost\)"):
        search.tell(search.ask()[0], 1.0)
    search = run(made(strategy="evolution", settings={"constraints": ["cost <= 32"]}), 48, two)
    kept = [e for e in search.history if e.outcome.metrics["cost"] <= 32]
    assert len(kept) < len(search.history)
    assert search.best_value == min(e.outcome.metrics["loss"] for e in kept)
    impossible = run(made(strategy="random", settings={"constraints": ["cost <= 1"]}), 12, two)
    with pytest.raises(UserError, match="no proposal that was told so far has succeeded and kept cost <= 1"):
        _ = impossible.best


def test_an_encoding_and_operators_of_ones_own_are_taken_as_they_are() -> None:
    space = FlatEncoding({"a": Int(0, 9), "b": Int(0, 9)})

    def up(individual: Any) -> Any:
        individual.genes["a"] = min(individual.genes["a"] + 1, 9)
        individual.genes["b"] = max(individual.genes["b"] - 1, 0)
        return (individual,)

    box = evo_nas.toolbox(space)
    box.register("mutate", up)
    box.register("mate", lambda first, second: (first, second))
    search = made(space, "maximize score", strategy="evolution", toolbox=box)
    run(search, 30, lambda proposal: proposal.genome.genes["a"])
    assert search.encoding is space
    assert any("up" in e.individual.operator for e in search.history)


@pytest.mark.parametrize("name", ALL)
def test_a_space_of_one_point_and_a_constant_objective_end(name: str) -> None:
    one = run(made({"a": 3}, strategy=name, settings={"stop_when_converged": False}), 20, lambda proposal: 7.0)
    assert one.best.genome.genes == {"a": 3}
    assert one.best_value == 7.0
    flat = run(made(strategy=name, settings={"stop_when_converged": False}), 40, lambda proposal: 0.0)
    assert flat.best_value == 0.0


def test_a_space_with_the_name_of_an_encoding_is_read_by_it() -> None:
    assert isinstance(made({"encoding": "mlp", "width": [8, 16]}).encoding, MlpEncoding)
    assert isinstance(made({"encoding": "flat", "width": [8, 16]}).encoding, FlatEncoding)


@pytest.mark.parametrize("seed", range(8))
def test_in_a_small_space_with_noise_the_best_is_by_all_values_and_not_the_first(seed: int) -> None:
    """Two genomes that are proposed over and over; the first value of the better one is the worse in a quarter."""
    noise = random.Random(seed)
    search = AskTell({"x": ["a", "b"]}, "minimize loss", seed=seed, settings={"stop_when_converged": False})
    run(search, 100, lambda proposal: (proposal.genome.genes["x"] == "a") + noise.gauss(0.0, 1.0))
    assert search.best.genome.genes["x"] == "b"
    assert search.best_value == pytest.approx(0.0, abs=0.5)


def test_a_value_told_again_is_a_measurement_once_it_differs() -> None:
    repeated, space = RepeatedValues(), FlatEncoding({"x": Int(0, 9)})
    genome = space.sample(random.Random(0))

    def replicate(told: float, name: str = "known") -> int:
        proposed = Individual(0, 0, genome, name)
        return repeated.numbered(Evaluated(proposed, Outcome(Status.OK, {"loss": told}))).individual.replicate

    assert [replicate(told) for told in (1.0, 1.0, 2.0, 1.0, 1.0)] == [0, 0, 2, 3, 4]
    assert [replicate(told, "other") for told in (1.0, 1.0)] == [0, 0]
