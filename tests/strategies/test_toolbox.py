"""Whoever knows DEAP registers operators of their own, and they work."""

from __future__ import annotations

import random
from copy import deepcopy

import pytest
from deap import algorithms, base, tools

from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies import DeapIndividual, ObjectiveFitness, Records, make_toolbox, operator_names
from evo_nas.strategies.toolbox import select_by_crowded_tournament
from tests.strategies.searching import COST, SCORE, encoding, make, score, search


def toolbox(**settings: object) -> base.Toolbox:
    return make_toolbox(encoding(), SearchSettings(**settings), (SCORE,))


@pytest.mark.parametrize("operator", [tools.cxOnePoint, tools.cxMessyOnePoint, tools.cxTwoPoint])
def test_deaps_list_crossovers_work_on_layers(operator) -> None:
    space = encoding(layers={"low": 2, "high": 5})
    box = make_toolbox(space, SearchSettings(), (SCORE,))
    box.register("mate", operator)
    done = search(make(toolbox=box, space=space, population=10), 40)
    names = {e.individual.operator for e in done}
    assert any(operator.__name__ in name for name in names)
    for e in done:
        space.check(e.individual.genome)


def test_an_operator_that_fails_is_named_with_what_it_was_given() -> None:
    box = toolbox()
    box.register("mate", tools.cxOnePoint)
    with pytest.raises(UserError, match=r"cxOnePoint failed on individuals of .* layers"):
        search(make(toolbox=box, population=10), 200)


def shout(individual):
    """A mutation that makes impossible widths: the repair brings them back into the space."""
    for layer in individual:
        layer["width"] = random.randrange(-(10**9), 10**9)
    individual.genes["optimizer"] = "no such optimizer"
    return (individual,)


def test_a_mutation_that_knows_nothing_of_the_space_is_repaired_and_named() -> None:
    box = toolbox()
    box.register("mutate", shout)
    done = search(make(toolbox=box, population=10), 40)
    assert any("shout" in e.individual.operator for e in done)
    for e in done:
        encoding().check(e.individual.genome)


def test_what_a_mate_of_ones_own_keeps_on_a_child_its_mutation_finds() -> None:
    """And nobody else does: children are not their parents, and the next birth begins anew."""
    kept: list[list[int]] = []

    def with_one_more(individual):
        individual.strategy = getattr(individual, "strategy", [])
        individual.strategy.append(len(individual.strategy))
        return individual

    def cross(first, second):
        return with_one_more(first), with_one_more(second)

    def change(individual):
        kept.append(with_one_more(individual).strategy)
        individual.genes["learning_rate"] = random.uniform(1e-4, 1e-1)
        return (individual,)

    box = toolbox()
    box.register("mate", cross)
    box.register("mutate", change)
    search(make(strategy="surrogate", toolbox=box, population=8), 40)
    assert [0] in kept
    assert [0, 1] in kept
    assert all(each == list(range(len(each))) for each in kept)


@pytest.mark.parametrize(
    ("selector", "arguments"),
    [
        (tools.selRandom, {}),
        (tools.selBest, {}),
        (tools.selRoulette, {}),
        (tools.selStochasticUniversalSampling, {}),
        (tools.selTournamentDCD, {}),
        (tools.selDoubleTournament, {"fitness_size": 3, "parsimony_size": 1.4, "fitness_first": True}),
        (tools.selLexicase, {}),
    ],
)
def test_deaps_selectors_work(selector, arguments) -> None:
    box = toolbox()
    box.register("select", selector, **arguments)
    done = search(make(toolbox=box, population=8), 32, lambda i: (100 + score(i)[0],))
    assert len(done) == 32


def test_names_of_operators_are_those_of_their_functions() -> None:
    box = toolbox()
    box.register("mutate", shout)
    assert operator_names(box)["mutate"] == "shout()"
    assert operator_names(box)["mate"] == "mate()"
    assert operator_names(box)["select"] == "selTournament(tournsize=3)"


def test_a_fitness_has_the_weights_of_its_run_and_survives_a_copy() -> None:
    first, second = ObjectiveFitness((1.0, -1.0), (2.0, 3.0)), ObjectiveFitness((1.0,), (2.0,))
    assert first.wvalues == (2.0, -3.0)
    assert deepcopy(first).values == (2.0, 3.0)
    assert not ObjectiveFitness((1.0,)).valid
    assert second > ObjectiveFitness((1.0,), (1.0,))


def test_our_individuals_run_in_deaps_own_algorithm() -> None:
    box = toolbox()
    space = encoding()
    box.register("evaluate", lambda ind: score(Individual(0, 0, space.repair(ind.genome), "")))
    random.seed(3)
    population = [DeapIndividual(space.sample(random), (1.0,)) for _ in range(20)]
    final, logbook = algorithms.eaSimple(population, box, 0.5, 0.5, 15, verbose=False)
    assert len(logbook) == 16
    assert max(ind.fitness.values[0] for ind in final) > -5


def test_records_follow_the_generations() -> None:
    done = search(make(strategy="evolution", population=10), 30)
    records = Records((SCORE,), hall_of_fame=3)
    for generation in range(3):
        records.update(done[generation * 10 : generation * 10 + 10], generation=generation)
    values = [e.outcome.metrics["score"] for e in done]
    assert records.best is not None
    assert records.best.fitness.values == (max(values),)
    assert [m.fitness.values[0] for m in records.hall_of_fame] == sorted(values, reverse=True)[:3]
    assert records.logbook.select("generation") == [0, 1, 2]
    assert records.logbook.select("max")[1][0] == max(values[10:20])


def test_of_two_equals_the_older_is_the_best() -> None:
    outcome = Outcome(Status.OK, {"score": 1.0})
    sampled = make(population=4).ask(4)
    records = Records((SCORE,), hall_of_fame=2)
    records.update([Evaluated(individual, outcome) for individual in sampled])
    assert records.best is not None
    assert records.best.record is sampled[0]


def test_the_crowded_tournament_prefers_who_dominates() -> None:
    def individual(score_: float, cost: float) -> DeapIndividual:
        member = DeapIndividual(encoding().default(), (SCORE.weight, COST.weight))
        member.fitness.values = (score_, cost)
        return member

    good, bad = individual(1.0, 1.0), individual(0.0, 2.0)
    random.seed(0)
    chosen = select_by_crowded_tournament([good, bad], 200)
    assert sum(member is good for member in chosen) == pytest.approx(150, abs=30)
