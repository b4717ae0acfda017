"""Operators earn by what their children gain for their cost; one outlier earns no more than any other best."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies.operator_odds import LEAST_ODDS, OperatorOdds, families
from genomes import Genome
from tests.strategies.searching import COST, SCORE

GENOME = Genome("flat", {})


def child(
    number: int, operator: str, score: float | None, *, flops: int = 0, parents: Sequence[int] = (0,)
) -> Evaluated:
    numbers = Outcome(Status.OK, {"score": score or 0.0}, flops=flops, epochs=(10,))
    outcome = numbers if score is not None else failure(Status.DIVERGED, "on purpose")
    return Evaluated(Individual(number, 0, GENOME, f"{number:032x}", tuple(parents), operator), outcome)


def root(score: float = 0.0) -> Evaluated:
    return child(0, "sample", score, parents=())


def odds_after(children: Sequence[Evaluated]) -> OperatorOdds:
    odds = OperatorOdds([SCORE])
    odds.tell([root(), *children])
    return odds


@pytest.mark.parametrize(
    ("operator", "shares"),
    [
        ("insert_layer", {"insert_layer": 1.0}),
        ("change_layer:width", {"change_layer:width": 1.0}),
        ("change_gene:momentum,rho", {"change_gene:momentum": 0.5, "change_gene:rho": 0.5}),
        ("crossover + change_gene:a,b", {"crossover": 0.5, "change_gene:a": 0.25, "change_gene:b": 0.25}),
        ("insert_layer + insert_layer", {"insert_layer": 1.0}),
    ],
)
def test_a_child_is_shared_by_all_that_made_it(operator: str, shares: dict[str, float]) -> None:
    assert dict(families(operator)) == pytest.approx(shares)


def test_before_anything_is_known_every_operator_is_as_good_as_any() -> None:
    assert OperatorOdds([SCORE]).odds("insert_layer") == 1.0


def test_the_best_gain_of_children_that_gained_in_another_objective_alone_is_a_loss() -> None:
    odds = OperatorOdds([SCORE, COST])
    genome = {"flops": 0, "epochs": (10,)}
    parent = Outcome(Status.OK, {"score": 0.0, "cost": 5.0}, **genome)
    cheaper = Outcome(Status.OK, {"score": -2.0, "cost": 1.0}, **genome)
    odds.tell([Evaluated(root().individual, parent), Evaluated(child(1, "insert_layer", 0.0).individual, cheaper)])
    (row,) = odds.table()
    assert (row.num_improved, row.mean_gain, row.best_gain) == (1, -2.0, -2.0)


def test_who_gains_more_often_has_the_better_odds() -> None:
    rng = random.Random(0)
    made = [("good", 0.5), ("poor", 0.1), ("useless", 0.0)]
    children = []
    for number in range(1, 301):
        operator, rate = made[number % 3]
        children.append(child(number, operator, rng.random() if rng.random() < rate else -rng.random()))
    odds = odds_after(children)
    assert odds.odds("good") == 1.0
    assert LEAST_ODDS <= odds.odds("useless") < odds.odds("poor") < 0.5
    assert odds.odds("never seen") < 1.0


def test_of_equal_gains_the_cheaper_operator_has_the_better_odds() -> None:
    children = [
        child(number, ("cheap", "dear")[number % 2], 1.0 + number, flops=(1_000, 4_000)[number % 2])
        for number in range(1, 201)
    ]
    odds = odds_after(children)
    rows = {row.operator: row for row in odds.table()}
    assert odds.odds("cheap") == 1.0
    assert odds.odds("dear") < 0.4
    assert rows["dear"].relative_cost == pytest.approx(4 * rows["cheap"].relative_cost, rel=0.05)


def test_the_seconds_of_a_training_change_nothing() -> None:
    quick = [child(n, ("a", "b")[n % 2], float(n % 7 - 3)) for n in range(1, 60)]
    slow = [Evaluated(e.individual, Outcome(Status.OK, e.outcome.metrics, epochs=(10,), seconds=1e6)) for e in quick]
    assert odds_after(quick).table() == odds_after(slow).table()


def test_one_outlier_does_not_decide() -> None:
    """A gain of 1e90 counts as the best of its window, as a gain of 2 would have."""
    modest = [child(n, ("a", "b")[n % 2], 1.0 if n % 4 < 2 else -1.0) for n in range(1, 100)]
    huge = [*modest[:50], child(51, "b", 1e90), *modest[51:]]
    best = [*modest[:50], child(51, "b", 2.0), *modest[51:]]
    assert odds_after(huge).odds("a") == odds_after(best).odds("a")
    assert odds_after(huge).odds("b") == odds_after(best).odds("b")


def test_what_was_gained_long_ago_counts_less() -> None:
    early = [child(n, ("early", "late")[n % 2], 1.0 if n % 2 == 0 else -1.0) for n in range(1, 101)]
    late = [child(n, ("early", "late")[n % 2], -1.0 if n % 2 == 0 else 1.0) for n in range(101, 601)]
    assert odds_after(early).odds("early") == 1.0
    odds = odds_after([*early, *late])
    assert odds.odds("late") == 1.0
    assert odds.odds("early") < 0.3


def test_a_failure_earns_nothing_and_no_operator_dies() -> None:
    children = [child(n, ("works", "fails")[n % 2], None if n % 2 else 1.0) for n in range(1, 400)]
    odds = odds_after(children)
    assert odds.odds("fails") == LEAST_ODDS
    rows = {row.operator: row for row in odds.table()}
    assert rows["fails"].num_failed == rows["fails"].num_children == 200
    assert rows["fails"].mean_gain is None
    assert rows["works"].num_improved == 199


def test_crossover_is_shown_but_no_mutation_is_measured_by_it() -> None:
    """A mate that always gains leaves the odds of the mutations to themselves, whatever it is called."""
    alone = [child(n, ("a", "b")[n % 2], 1.0 if n % 2 else -1.0) for n in range(1, 100)]
    mated = [child(n, "cxOnePoint", 5.0, parents=(0, 0 if n < 0 else n - 200)) for n in range(201, 300)]
    odds = odds_after([*alone, *mated])
    assert max(odds.odds("a"), odds.odds("b")) == 1.0
    assert {row.operator for row in odds.table()} == {"a", "b", "cxOnePoint"}


def test_a_measurement_again_and_a_promotion_are_no_children() -> None:
    odds = OperatorOdds([SCORE])
    again = Evaluated(
        Individual(1, 0, GENOME, "0" * 32, (0,), "measure_again", (), 1), Outcome(Status.OK, {"score": 9.0})
    )
    rung = Individual(2, 0, GENOME, "2" * 32, (0,), "insert_layer", (), 0, 5)
    odds.tell([root(), again, Evaluated(rung, Outcome(Status.OK, {"score": 9.0}))])
    assert odds.table() == []


def test_with_two_objectives_a_child_that_its_parent_dominates_earns_nothing() -> None:
    odds = OperatorOdds([SCORE, COST])

    def two(number: int, operator: str, score: float, cost: float) -> Evaluated:
        outcome = Outcome(Status.OK, {"score": score, "cost": cost})
        return Evaluated(Individual(number, 0, GENOME, str(number), (0,) if number else (), operator), outcome)

    children = [two(n, *(("worse", -1.0, 1.0), ("trade", 1.0, 1.0))[n % 2]) for n in range(1, 101)]
    odds.tell([two(0, "sample", 0.0, 0.0), *children])
    assert odds.odds("trade") == 1.0
    assert {row.operator: row.num_improved for row in odds.table()} == {"worse": 0, "trade": 50}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-1e100, 1e100)), max_size=80), st.integers(1, 9))
def test_the_odds_do_not_depend_on_how_the_outcomes_are_cut(drawn: list[tuple[str, float]], size: int) -> None:
    told = [root(), *(child(n, operator, score) for n, (operator, score) in enumerate(drawn, start=1))]
    whole, pieces = OperatorOdds([SCORE]), OperatorOdds([SCORE])
    whole.tell(told)
    for start in range(0, len(told), size):
        pieces.tell(told[start : start + size])
    assert whole.table() == pieces.table()
    assert all(LEAST_ODDS <= whole.odds(name) <= 1.0 for name in "abcd")
