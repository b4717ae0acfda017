"""Feasible before infeasible, everywhere where somebody is compared with somebody (Deb 2000)."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from copy import deepcopy
from functools import partial

import pytest
from deap import tools
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.config import Recipe, SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import (
    Constraint,
    Evaluated,
    Individual,
    Objective,
    fitness_names,
    is_feasible,
    parse_constraint,
    total_violation,
)
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies import DeapIndividual, ObjectiveFitness, Records
from genomes import FlatEncoding, Genome
from tests.strategies.searching import COST, SCORE, make, search

RECIPE = Recipe().for_task("binary")


def fitness(values: tuple[float, ...], violation: float) -> ObjectiveFitness:
    return ObjectiveFitness((1.0, -1.0)[: len(values)], values, violation=violation)


def member(values: tuple[float, ...], violation: float) -> DeapIndividual:
    individual = DeapIndividual(Genome("flat", {}), (1.0, -1.0)[: len(values)])
    individual.fitness = fitness(values, violation)
    return individual


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parameters <= 100000", Constraint("parameters", True, 1e5)),
        ("flops<=1_000_000", Constraint("flops", True, 1e6)),
        ("  accuracy   >= 0.9 ", Constraint("accuracy", False, 0.9)),
        ("gain >= -1.5e-3", Constraint("gain", False, -1.5e-3)),
    ],
)
def test_what_a_constraint_says(text: str, expected: Constraint) -> None:
    assert parse_constraint(text) == expected
    assert parse_constraint(str(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", "parameters", "parameters < 5", "parameters = 5", "<= 5", "parameters <= many", "parameters <= nan",
             "parameters <= inf", "5 parameters <= 5", "parameters <= 5 MB", "1 <= parameters <= 2"],
)  # fmt: skip
def test_a_constraint_that_is_none_shows_the_form_expected(text: str) -> None:
    with pytest.raises(UserError, match=r'expected "NAME <= NUMBER" or "NAME >= NUMBER" .* got ') as raised:
        parse_constraint(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (
            ["params <= 5"],
            r"'params' is not measured by this recipe, which knows roc_auc, .* \(did you mean 'parameters'\?\)",
        ),
        (["rmse <= 3"], r"'rmse' is not measured .* add it to \[recipe\] metrics"),
        (["flops <= 3", "flops <= 4"], "flops <= 3 and flops <= 4: give one of them"),
        (["loss >= 3", "loss <= 2"], "nothing can keep both loss >= 3 and loss <= 2"),
    ],
)
def test_constraints_that_cannot_be_meant(constraints: list[str], message: str) -> None:
    with pytest.raises(UserError, match=rf"^\[search\] constraints: {message}"):
        SearchSettings(constraints=constraints).parsed_constraints(RECIPE)


def test_two_bounds_may_meet() -> None:
    assert len(SearchSettings(constraints=["loss >= 2", "loss <= 2"]).parsed_constraints(RECIPE)) == 2


@pytest.mark.parametrize(
    ("constraint", "value", "violation"),
    [
        ("parameters <= 100", 100, 0.0),
        ("parameters <= 100", 150, 0.5),
        ("accuracy >= 0.8", 0.6, 0.25),
        ("accuracy >= 0.8", 0.9, 0.0),
        ("gain >= -2", -3, 0.5),
        ("gain <= 0", 0.25, 0.25),
    ],
)
def test_a_violation_is_measured_by_its_bound(constraint: str, value: float, violation: float) -> None:
    assert parse_constraint(constraint).violation(value) == pytest.approx(violation)


def test_violations_are_added_up() -> None:
    outcome = Outcome(Status.OK, {"loss": 3.0}, parameters=150, flops=10)
    constraints = [parse_constraint(text) for text in ("parameters <= 100", "loss <= 2", "flops <= 10")]
    assert total_violation(outcome, constraints) == pytest.approx(1.0)
    assert not is_feasible(outcome, constraints)
    assert is_feasible(outcome, constraints[2:])
    assert not is_feasible(failure(Status.DIVERGED, "on purpose"), [])


def test_a_fitness_function_returns_the_objectives_and_then_what_is_only_constrained() -> None:
    constraints = [Constraint("weight", True, 1.0), Constraint("cost", True, 2.0), Constraint("weight", False, 0.5)]
    assert fitness_names([SCORE, COST], constraints) == ("score", "cost", "weight")


def test_a_size_that_a_fitness_function_told_is_the_one_that_counts() -> None:
    outcome = Outcome(Status.OK, {"parameters": 7.0, "score": 1.0})
    assert Objective("parameters", False).value(outcome) == 7.0
    assert total_violation(outcome, [Constraint("parameters", True, 3.5)]) == 1.0


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (((1.0,), 0.0), ((9.0,), 0.1)),
        (((1.0,), 0.1), ((9.0,), 0.2)),
        (((9.0,), 0.0), ((1.0,), 0.0)),
        (((9.0,), 0.1), ((1.0,), 0.1)),
    ],
)
def test_debs_three_rules(better: tuple[tuple[float, ...], float], worse: tuple[tuple[float, ...], float]) -> None:
    first, second = fitness(*better), fitness(*worse)
    assert first > second >= second
    assert second < first
    assert second <= first
    assert not first <= second
    assert first != second
    assert first.dominates(second)
    assert not second.dominates(first)


fitnesses = st.builds(
    fitness, st.tuples(st.integers(0, 3).map(float), st.integers(0, 3).map(float)), st.sampled_from([0.0, 0.5, 2.0])
)


@given(st.lists(fitnesses, min_size=3, max_size=3))
def test_fitnesses_are_in_a_total_order_and_dominance_in_a_partial_one(three: list[ObjectiveFitness]) -> None:
    a, b, c = three
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a <= b) == (not a > b)
    assert (a != b) is not (a == b)
    assert a != b or hash(a) == hash(b)
    assert not (a < b and b < c) or a < c
    assert not (a.dominates(b) and b.dominates(a))
    assert not (a.dominates(b) and b.dominates(c)) or a.dominates(c)
    assert not a.dominates(b) or not a < b


def test_a_copy_is_as_infeasible_as_its_original() -> None:
    original = member((1.0, 2.0), 0.5)
    assert deepcopy(original).fitness == deepcopy(original.fitness) == original.fitness
    assert deepcopy(original.fitness).values == (1.0, 2.0)


values = st.tuples(st.integers(0, 9).map(float), st.integers(0, 9).map(float))
members = st.lists(st.builds(member, values, st.sampled_from([0.0, 1.0, 2.0])), min_size=4, max_size=20)


@pytest.mark.parametrize("select", [tools.selBest, tools.selNSGA2])
@given(members=members)
def test_deaps_selectors_leave_nobody_behind_who_violates_less(
    select: Callable[..., list[DeapIndividual]], members: list[DeapIndividual]
) -> None:
    chosen = select(members, len(members) // 2)
    taken = {id(each) for each in chosen}
    left = [each.fitness.violation for each in members if id(each) not in taken]
    assert max(each.fitness.violation for each in chosen) <= min(left)


@given(members=members)
def test_a_tournament_of_all_is_won_by_the_most_feasible(members: list[DeapIndividual]) -> None:
    random.seed(0)
    (winner,) = tools.selTournament(members, 1, tournsize=400)
    assert winner.fitness == max(each.fitness for each in members)


@given(members=members)
def test_hall_and_front_of_deap_hold_the_least_violating(members: list[DeapIndividual]) -> None:
    least = min(each.fitness.violation for each in members)
    hall, front = (record(similar=operator.is_) for record in (partial(tools.HallOfFame, 1), tools.ParetoFront))
    hall.update(members)
    front.update(members)
    assert {each.fitness.violation for each in (*hall, *front)} == {least}


def evaluated(number: int, score: float, cost: float) -> Evaluated:
    individual = Individual(number, 0, Genome("flat", {"x": number}), f"{number}")
    return Evaluated(individual, Outcome(Status.OK, {"score": score, "cost": cost}))


def test_the_infeasible_is_in_no_record() -> None:
    told = [evaluated(0, 9.0, 5.0), evaluated(1, 1.0, 1.0), evaluated(2, 2.0, 2.0), evaluated(3, 5.0, 4.0)]
    records = Records([SCORE, COST], hall_of_fame=9, constraints=[Constraint("cost", True, 2.0)])
    records.update(told[:1], generation=0)
    assert (records.best, list(records.hall_of_fame), list(records.front)) == (None, [], [])
    assert records.best_values() == (None, None)
    records.update(told[1:], generation=1)
    assert records.best is not None
    assert records.best.record is told[2].individual
    assert {each.record.id for each in records.front} == {each.record.id for each in records.hall_of_fame} == {1, 2}
    assert records.best_with([evaluated(4, 8.0, 3.0)], believed=None) is records.best
    records.believe("3")
    assert records.best.record is told[2].individual


LINE = FlatEncoding.from_space({name: {"low": 0.0, "high": 1.0} for name in ("x", "y", "z")})
DISTANCE, WEIGHT = Objective("distance", maximize=False), "weight >= 2.4"


def distance_and_weight(individual: Individual) -> tuple[float, ...]:
    """The nearest to the origin that weighs 2.4 is x = y = z = 0.8, at a distance of 1.386."""
    values = [float(value) for value in individual.genome.genes.values()]
    return sum(value * value for value in values) ** 0.5, sum(values)


@pytest.mark.parametrize("name", ["evolution", "aging", "random"])
def test_a_search_ends_at_the_border_and_never_beyond(name: str) -> None:
    told = (DISTANCE, Objective("weight", maximize=True))
    settings = {"constraints": [WEIGHT], "population": 16, "in_flight": 4, "stop_when_converged": False}
    strategy = make((DISTANCE,), space=LINE, strategy=name, **settings)
    done = search(strategy, 640, distance_and_weight, told)
    records = Records((DISTANCE,), hall_of_fame=5, constraints=[parse_constraint(WEIGHT)])
    records.update(done)
    assert records.best is not None
    best = records.best.outcome
    assert best is not None
    assert best.metrics["weight"] >= 2.4
    most = 1.6 if name == "random" else 1.4
    assert 2.4 / 3**0.5 <= best.metrics["distance"] < most
    assert min(e.outcome.metrics["distance"] for e in done) < 1.0, "nearer ones were seen, and broke the constraint"
    if name != "aging":
        assert strategy.population[0].fitness.violation == 0.0


def test_where_nobody_is_feasible_the_search_goes_to_the_border_from_outside() -> None:
    told = (DISTANCE, Objective("weight", maximize=True))
    strategy = make((DISTANCE,), space=LINE, population=16, constraints=["weight >= 3.5"], stop_when_converged=False)
    done = search(strategy, 480, distance_and_weight, told)
    records = Records((DISTANCE,), hall_of_fame=1, constraints=[Constraint("weight", False, 3.5)])
    records.update(done)
    assert records.best is None
    assert max(e.outcome.metrics["weight"] for e in done) == pytest.approx(3.0, abs=0.02)
