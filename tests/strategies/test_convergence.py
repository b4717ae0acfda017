"""A search that has converged says so, begins anew, and says when more trainings are not worth it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.individual import Constraint, Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies import Strategy
from evo_nas.strategies.convergence import LEAST_PATIENCE, Convergence, GeneSpread
from evo_nas.strategies.novelty import Novelty
from evo_nas.strategies.progress import Progress
from genomes import Genome, encoding_from
from tests.strategies.searching import COST, SCORE, Fitness, make, outcome, search

FLAT = encoding_from({"encoding": "flat", **{f"x{i}": {"low": 0.0, "high": 1.0} for i in range(4)}})
ONE_POINT = encoding_from({"encoding": "flat", "x": 1.0})
NINE_POINTS = encoding_from({"encoding": "flat", "x": [1, 2, 3], "y": ["a", "b", "c"]})
SINGLE = (SCORE,)


def evaluated(number: int, *values: float | None, objectives: tuple[Objective, ...] = SINGLE, **facts) -> Evaluated:
    genome = FLAT.sample(random.Random(number))
    given = None if values[0] is None else tuple(value for value in values if value is not None)
    return Evaluated(Individual(number, 0, genome, facts.pop("name", str(number)), **facts), outcome(given, objectives))


def improvements(values: list[float], objectives: tuple[Objective, ...] = SINGLE) -> list[bool]:
    progress = Progress(objectives)
    return [progress.improves(evaluated(number, value)) for number, value in enumerate(values)]


def test_progress_is_what_beats_the_best_by_a_hundredth_of_the_spread() -> None:
    progress = Progress(SINGLE)
    for number in range(100):
        progress.improves(evaluated(number, number / 100.0))
    assert progress.margins() == pytest.approx((0.005,))
    assert not progress.improves(evaluated(100, 0.99))
    assert not progress.improves(evaluated(101, 0.994))
    assert progress.improves(evaluated(102, 0.996))


def test_small_steps_add_up() -> None:
    """Each is below the margin of 0.005, and every third beats the mark by more."""
    spread = [number / 100.0 for number in range(100)]
    better = improvements([*spread, *[0.99 + 0.002 * step for step in range(1, 10)]])
    assert better[100:] == [False, False, True, False, False, True, False, False, True]


def test_what_breaks_a_constraint_moves_no_quartile() -> None:
    """Networks that are ever better and ever too large are no progress of those that are small enough."""
    progress = Progress(SINGLE, [Constraint("cost", True, 1.0)])
    assert progress.improves(evaluated(0, 0.0, 1.0, objectives=(SCORE, COST)))
    for number in range(1, 400):
        cost = 1.0 + number % 2
        score = float(number) if cost > 1.0 else 0.0
        assert not progress.improves(evaluated(number, score, cost, objectives=(SCORE, COST)))
    assert progress.margins() == (0.0,)


def test_failures_rungs_and_repeated_measurements_are_no_progress() -> None:
    progress = Progress(SINGLE)
    assert not progress.improves(evaluated(0, None))
    assert not progress.improves(evaluated(1, 5.0, epochs=3))
    assert progress.improves(evaluated(2, 1.0))
    assert not progress.improves(evaluated(3, 9.0, name="2", replicate=1))


def test_repeated_measurements_say_what_the_noise_is() -> None:
    """Three pairs, each 2 apart: the pooled standard deviation is the square root of 2."""
    progress = Progress(SINGLE)
    for number in range(3):
        progress.improves(evaluated(2 * number, 0.0, name=str(number)))
        progress.improves(evaluated(2 * number + 1, 2.0, name=str(number), replicate=1))
    assert progress.margins() == pytest.approx((2**0.5,))
    assert not progress.improves(evaluated(8, 1.4))
    assert progress.improves(evaluated(9, 1.5))


def test_with_two_objectives_a_new_part_of_the_front_is_progress() -> None:
    both = (SCORE, COST)
    progress = Progress(both)
    answers = [(1.0, 1.0), (0.5, 2.0), (2.0, 2.0), (0.5, 0.5), (1.0, 1.0), (2.5, 0.4)]
    better = [progress.improves(evaluated(n, *values, objectives=both)) for n, values in enumerate(answers)]
    assert better == [True, False, True, True, False, True]


def test_what_breaks_a_constraint_is_progress_only_while_nothing_keeps_it() -> None:
    bound = Constraint("cost", at_most=True, bound=10.0)
    progress = Progress(SINGLE, [bound])

    def told(number: int, score: float, cost: float) -> bool:
        result = Outcome(Status.OK, {"score": score, "cost": cost})
        return progress.improves(Evaluated(evaluated(number, 0.0).individual, result))

    assert told(0, 9.0, 30.0)
    assert not told(1, 99.0, 40.0)
    assert told(2, 1.0, 20.0)
    assert told(3, 0.5, 10.0)
    assert not told(4, 99.0, 11.0)


def test_the_spread_of_genes_is_that_of_the_coordinates() -> None:
    genomes = [Genome("flat", {f"x{i}": float(place) for i in range(4)}) for place in (0, 1)]
    assert GeneSpread(FLAT).of(genomes) == pytest.approx(0.5)
    assert GeneSpread(FLAT).of(genomes[:1]) == GeneSpread(ONE_POINT).of([ONE_POINT.default()] * 5) == 0.0
    texts = [Genome("flat", {"x": 1, "y": y}) for y in "aab"]
    assert GeneSpread(NINE_POINTS).of(texts) == pytest.approx((0.0 + 1.0 / 3.0) / 2.0)


def convergence(population: int = 10, restarts: int = 2) -> Convergence:
    return Convergence(FLAT, SINGLE, population=population, restarts=restarts)


NARROW = [FLAT.default()] * 10


def test_a_population_has_converged_after_its_patience_if_it_is_narrow() -> None:
    told = convergence()
    told.tell([evaluated(number, 1.0 if number else 2.0) for number in range(LEAST_PATIENCE)], lambda: NARROW)
    assert told.reason() is None
    told.tell([evaluated(number, 1.0) for number in range(LEAST_PATIENCE, LEAST_PATIENCE + 10)], lambda: NARROW)
    assert told.reason() is not None
    assert "individual 0 was the last" in str(told.reason())
    assert told.converged() is None


def test_a_wide_population_is_given_three_times_the_patience() -> None:
    wide = [FLAT.sample(random.Random(-n)) for n in range(10)]
    told, first = convergence(), None
    for number in range(0, 1000, 10):
        told.tell([evaluated(n, 1.0 if n else 2.0) for n in range(number, number + 10)], lambda: wide)
        if told.reason() and first is None:
            first = number + 10
    assert first is None, "with a patience of half of all, three of them are never over"
    told = convergence()
    told.tell([evaluated(n, 1.0 if n else 2.0) for n in range(110)], lambda: wide)
    assert told.reason() is None


def test_after_restarts_in_a_row_without_a_gain_more_trainings_are_not_worth_it() -> None:
    told, number = convergence(restarts=2), 0
    for expected in (None, None, "after 2 restarts that brought nothing better"):
        while told.reason() is None:
            told.tell([evaluated(number, 1.0 if number else 2.0)], lambda: NARROW)
            number += 1
        assert expected is None or expected in str(told.converged())
        assert (told.converged() is None) == (expected is None)
        told.restarted()
    assert told.reason() is None
    assert told.converged() is not None, "who goes on is told so until something gets better"
    told.tell([evaluated(number, 3.0)], lambda: NARROW)
    assert told.converged() is None


def test_equal_values_end_after_one_restart() -> None:
    told, number = convergence(restarts=3), 0
    while told.converged() is None:
        told.tell([evaluated(number, 1.0)], lambda: NARROW)
        number += 1
        if told.reason() and told.converged() is None:
            told.restarted()
    assert number == 2 * LEAST_PATIENCE + 10
    assert "have the same values" in str(told.converged())


def test_where_nothing_succeeds_it_says_so() -> None:
    told = convergence(restarts=0)
    told.tell([evaluated(number, None) for number in range(LEAST_PATIENCE)])
    assert told.converged() == told.reason() == f"none of {LEAST_PATIENCE} evaluations has succeeded"


def test_a_space_is_exhausted_when_random_points_are_known_too() -> None:
    novelty = Novelty(population=4)
    known = evaluated(0, 1.0)
    child = Evaluated(Individual(1, 0, known.individual.genome, "0", (0,), "change_gene:x0"), known.outcome)
    assert novelty.tell([known]) == 1
    assert novelty.tell([child] * 30) == 0
    assert novelty.found_nothing
    assert novelty.exhausted() is None, "only one neighbourhood is known"
    novelty.tell([known] * 10)
    assert "no more than the one network that was trained" in str(novelty.exhausted())
    again = evaluated(3, 1.0, name="0", replicate=1, operator="measure_again")
    assert novelty.tell([evaluated(2, 1.0), again]) == 2
    assert not novelty.found_nothing


@given(st.lists(st.sampled_from([None, 0.0, 1.0, 1e100]), max_size=60), st.integers(1, 9), st.integers(1, 6))
def test_convergence_does_not_depend_on_how_the_outcomes_are_cut(values, size: int, population: int) -> None:
    told = [evaluated(number, value) for number, value in enumerate(values)]
    whole, pieces = (Convergence(FLAT, SINGLE, population=population, restarts=1) for _ in range(2))
    whole.tell(told)
    for start in range(0, len(told), size):
        pieces.tell(told[start : start + size])
    assert whole.reason() == pieces.reason()
    assert whole.converged() == pieces.converged()


def until_converged(strategy: Strategy, fitness: Fitness, most: int = 4000) -> tuple[list[Evaluated], str | None]:
    """Ask and tell until the strategy says that it is enough."""
    done: list[Evaluated] = []
    told = 0
    while len(done) < most:
        needed = strategy.required_results(len(done))
        strategy.tell(done[told:needed])
        told = needed
        if why := strategy.converged():
            return done, why
        asked = strategy.ask(1)
        done += [Evaluated(i, outcome(fitness(i), SINGLE)) for i in asked]
    return done, None


def smooth(individual: Individual) -> tuple[float, ...]:
    return (-sum((float(value) - 0.3) ** 2 for value in individual.genome.genes.values()),)


@pytest.mark.parametrize("strategy", ["evolution", "aging", "random"])
@pytest.mark.parametrize("population", [1, 12])
@pytest.mark.parametrize(("space", "size"), [(ONE_POINT, 1), (NINE_POINTS, 9)])
def test_a_space_that_is_used_up_ends_the_search_and_it_says_so(
    strategy: str, population: int, space, size: int
) -> None:
    done, why = until_converged(
        make(strategy=strategy, space=space, population=population, in_flight=3),
        lambda i: (float(i.genome.genes["x"]),),
    )
    assert len({each.individual.fingerprint for each in done}) == size
    assert f"no more than the {'one network' if size == 1 else f'{size} networks'} that" in str(why)
    assert len(done) < 450


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_constant_objective_ends_the_search_and_it_says_so(strategy: str) -> None:
    done, why = until_converged(make(strategy=strategy, space=FLAT, population=12, in_flight=3), lambda i: (1.0,))
    assert "have the same values" in str(why)
    assert len(done) < 300


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_search_in_which_nothing_succeeds_ends_and_says_so(strategy: str) -> None:
    done, why = until_converged(make(strategy=strategy, space=FLAT, population=12, in_flight=3), lambda i: None)
    assert "has succeeded" in str(why)
    assert len(done) < 600


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_restart_keeps_the_elites_and_draws_fresh_samples(strategy: str) -> None:
    def coarse(individual: Individual) -> tuple[float, ...]:
        return (round(smooth(individual)[0], 1),)

    asked = make(strategy=strategy, space=FLAT, population=12, in_flight=1, elites=2)
    done = search(asked, 600, coarse)
    fresh = [e.individual.id for e in done if e.individual.operator == "restart"]
    assert len(fresh) >= 12
    assert fresh[:12] == list(range(fresh[0], fresh[0] + 12))
    assert all(not e.individual.parents for e in done if e.individual.operator == "restart")
    assert len(asked.remarks()) == len([n for n in fresh if n - 1 not in fresh])
    assert asked.remarks()[0].startswith(f"restarted after {fresh[0]} individuals: ")


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_after_a_restart_only_the_elites_are_left(strategy: str) -> None:
    asked = make(strategy=strategy, space=FLAT, population=12, in_flight=1, elites=2)
    while not asked.remarks():
        asked.tell([Evaluated(i, outcome((1.0,), SINGLE)) for i in asked.ask(12)])
    assert len(asked.population) == 2
    assert {i.operator for i in asked.ask(12)} == {"restart"}
    assert asked.ask(1)[0].operator != "restart"


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_without_restarts_nothing_begins_anew(strategy: str) -> None:
    asked = make(strategy=strategy, space=FLAT, population=12, restarts=0)
    done = search(asked, 400, lambda i: (1.0,))
    assert {e.individual.operator for e in done}.isdisjoint({"restart"})
    assert not asked.remarks()
    assert asked.converged() is not None


def test_a_search_that_still_gets_better_is_left_alone() -> None:
    asked = make(strategy="evolution", space=FLAT, population=12)
    search(asked, 600, smooth)
    assert asked.converged() is None


def test_a_failed_search_may_name_its_failures() -> None:
    progress = Progress(SINGLE)
    assert not progress.flat
    assert not progress.improves(Evaluated(evaluated(0, 1.0).individual, failure(Status.CRASHED, "")))
    assert not progress.flat
