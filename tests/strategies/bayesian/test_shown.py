"""Which outcomes a Gaussian process is shown."""

from __future__ import annotations

from evo_nas.individual import Individual, Objective, parse_constraint
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies.bayesian.shown import shown
from evo_nas.strategies.deap_individual import DeapIndividual, evaluated_individual
from tests.strategies.searching import encoding

LOSS, COST = Objective("loss", maximize=False), Objective("cost", maximize=False)


def told(number: int, *values: float, objectives: tuple[Objective, ...] = (LOSS,), **metrics: float) -> DeapIndividual:
    individual = Individual(number, 0, encoding().default(), str(number))
    named = {objective.name: value for objective, value in zip(objectives, values, strict=True)}
    outcome = Outcome(Status.OK, named | metrics)
    constraints = (parse_constraint("size <= 1"),) if metrics else ()
    return evaluated_individual(individual, outcome, objectives, constraints)


def ids(members: list[DeapIndividual]) -> list[int]:
    return [member.record.id for member in members if member.record]


def test_few_are_shown_all_but_failures() -> None:
    members = [told(0, 1.0), told(1, 2.0), told(2, 3.0)]
    failed = evaluated_individual(Individual(3, 0, encoding().default(), "3"), failure(Status.CRASHED, "x"), (LOSS,))
    assert ids(shown([*members, failed], most=3)) == [0, 1, 2]


def test_the_best_the_newest_and_a_spread_are_shown() -> None:
    """Nine of twelve: the three best (6 to 8), the three newest (9 to 11), and every second of the others."""
    losses = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2]
    members = [told(number, loss) for number, loss in enumerate(losses)]
    assert ids(shown(members, most=9)) == [0, 2, 4, 6, 7, 8, 9, 10, 11]


def test_each_objective_has_its_own_best() -> None:
    both = (LOSS, COST)
    members = [told(n, float(n), float(10 - n), objectives=both) for n in range(10)]
    chosen = ids(shown(members, most=6))
    assert {0, 9} <= set(chosen)
    assert len(chosen) == 6


def test_what_breaks_a_constraint_is_best_last() -> None:
    members = [told(0, 5.0, size=1.0), told(1, 0.0, size=9.0), *[told(n, 6.0, size=1.0) for n in range(2, 8)]]
    assert 0 in ids(shown(members, most=3))


def test_so_many_as_asked_for_are_shown() -> None:
    members = [told(number, float(number % 17)) for number in range(1000)]
    assert len(shown(members)) == 300
    assert len(set(ids(shown(members)))) == 300
