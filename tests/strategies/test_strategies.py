"""Laws that every strategy obeys, one test over all of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.searching import COST, SCORE, encoding, make, score, search

ALL = ("surrogate", "evolution", "aging", "random", "bayesian", "grid", "coarse_to_fine")
WITHOUT_PARENTS = ("random", "bayesian", "grid", "coarse_to_fine")


@pytest.mark.parametrize("name", ALL)
def test_proposals_are_numbered_and_valid(name: str) -> None:
    done = search(make(strategy=name, population=8, in_flight=3), 40)
    space = encoding()
    assert [e.individual.id for e in done] == list(range(40))
    assert [e.individual.generation for e in done] == [i // 8 for i in range(40)]
    for e in done:
        space.check(e.individual.genome)
        assert e.individual.fingerprint == space.fingerprint(e.individual.genome)
        assert all(parent < e.individual.id for parent in e.individual.parents)


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_gives_the_same_search_and_another_seed_another(name: str) -> None:
    first, again, other = (search(make(strategy=name, population=8, seed=seed), 32) for seed in (1, 1, 2))
    assert first == again
    assert [e.individual.fingerprint for e in first] != [e.individual.fingerprint for e in other]


@pytest.mark.parametrize("name", ALL)
def test_the_global_random_state_is_given_back_and_does_not_matter(name: str) -> None:
    random.seed(5)
    before = random.getstate()
    first = search(make(strategy=name, population=8, in_flight=4), 24)
    assert random.getstate() == before
    random.seed(99)
    assert search(make(strategy=name, population=8, in_flight=4), 24) == first


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_proposed_twice_while_the_space_has_room(name: str) -> None:
    done = search(make(strategy=name, population=10), 60)
    first = [e.individual for e in done if not e.individual.replicate]
    assert len({individual.fingerprint for individual in first}) == len(first) >= 40


@pytest.mark.parametrize("name", ALL)
def test_failures_never_become_parents(name: str) -> None:
    def every_other(individual):
        return None if individual.id % 2 else score(individual)

    done = search(make(strategy=name, population=8, in_flight=2), 64, every_other)
    parents = {parent for e in done for parent in e.individual.parents}
    assert parents.isdisjoint(range(1, 64, 2))
    assert parents or name in WITHOUT_PARENTS


@pytest.mark.parametrize("name", ALL)
def test_a_search_in_which_everything_fails_goes_on_sampling(name: str) -> None:
    strategy = make(strategy=name, population=5, in_flight=2)
    done = search(strategy, 25, lambda individual: None)
    assert not strategy.population
    assert all(not e.individual.parents for e in done)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 300))
def test_required_results_never_decrease_nor_look_ahead(population: int, in_flight: int, proposal: int) -> None:
    for name in ALL:
        strategy = make(strategy=name, population=population, in_flight=in_flight)
        needed = strategy.required_results(proposal)
        assert 0 <= needed <= proposal
        assert needed <= strategy.required_results(proposal + 1)


def test_a_steady_state_proposal_waits_for_exactly_the_results_before_its_window() -> None:
    strategy = make(strategy="aging", population=4, in_flight=3)
    assert [strategy.required_results(n) for n in range(6)] == [0, 0, 0, 1, 2, 3]


def test_a_generation_waits_for_all_earlier_ones() -> None:
    strategy = make(strategy="evolution", population=4)
    assert [strategy.required_results(n) for n in range(9)] == [0, 0, 0, 0, 4, 4, 4, 4, 8]


def test_the_first_population_holds_the_default() -> None:
    first = make(strategy="evolution", population=6).ask(6)
    assert first[0].operator == "default"
    assert first[0].genome == encoding().default()
    assert {i.operator for i in first[1:]} == {"sample"}


def test_elites_survive_a_survivor_selection_that_forgets_them() -> None:
    from deap import tools

    from evo_nas.config import SearchSettings
    from evo_nas.strategies import make_toolbox

    toolbox = make_toolbox(encoding(), SearchSettings(), (SCORE,))
    toolbox.register("survive", tools.selWorst)
    strategy = make(strategy="evolution", toolbox=toolbox, population=8, elites=2)
    done = search(strategy, 48)
    ranked = sorted(done, key=lambda e: e.outcome.metrics["score"], reverse=True)
    alive = {member.record.id for member in strategy.population if member.record}
    assert {e.individual.id for e in ranked[:2]} <= alive


def test_the_population_holds_the_best_so_far() -> None:
    strategy = make(strategy="evolution", population=8)
    done = search(strategy, 64)
    best = sorted((e.outcome.metrics["score"] for e in done), reverse=True)[:8]
    assert sorted((m.fitness.values[0] for m in strategy.population), reverse=True) == pytest.approx(best)


def test_the_oldest_dies_in_aging_evolution_however_good_it_is() -> None:
    strategy = make(strategy="aging", population=5, in_flight=1)
    done = search(strategy, 30, lambda individual: (-float(individual.id),))
    assert [m.record.id for m in strategy.population if m.record] == [e.individual.id for e in done[-5:]]


def test_aging_children_are_mutants_of_one_living_parent() -> None:
    done = search(make(strategy="aging", population=5, in_flight=1), 30)
    for e in done[5:]:
        (parent,) = e.individual.parents
        assert e.individual.id - 5 <= parent < e.individual.id
        assert e.individual.changes


def two(individual):
    return score(individual)[0], float(sum(int(layer["width"]) for layer in individual.genome.layers))


def test_two_objectives_keep_a_front_that_nothing_dominates() -> None:
    from evo_nas.strategies import Records

    objectives = (SCORE, COST)
    strategy = make(objectives, population=12)
    done = search(strategy, 120, two, objectives)
    records = Records(objectives, hall_of_fame=5)
    records.update(done)
    points = {
        e.individual.id: (e.outcome.metrics["score"], e.outcome.metrics["cost"])
        for e in done
        if not e.individual.replicate
    }
    expected = {
        number
        for number, (score_, cost) in points.items()
        if not any(s >= score_ and c <= cost and (s, c) != (score_, cost) for s, c in points.values())
    }
    assert {member.record.id for member in records.front} == expected
    assert len({points[m.record.id] for m in strategy.population if m.record}) > 1


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ALL), st.integers(1, 9), st.integers(1, 12), st.integers(0, 2**40))
def test_a_search_of_any_shape_ends(name: str, population: int, in_flight: int, seed: int) -> None:
    strategy = make(strategy=name, population=population, in_flight=in_flight, seed=seed)
    assert len(search(strategy, 30)) == 30
