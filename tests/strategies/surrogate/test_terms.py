"""On the user's terms: operators, constraints, limits on size, first genomes and sizes of the population."""

from __future__ import annotations

import random

import pytest
from deap import tools

from evo_nas.config import SearchSettings
from evo_nas.individual import Individual, parse_constraint
from evo_nas.strategies import SizeLimits, SurrogateEvolution, make_strategy, make_toolbox
from evo_nas.strategies.ask_tell import AskTell
from tests.strategies.searching import COST, SCORE, encoding, make, score, search
from tests.strategies.surrogate.driving import FLAT, bowl, noisy, surrogate


@pytest.mark.parametrize("crossover", [tools.cxOnePoint, tools.cxMessyOnePoint, tools.cxTwoPoint])
def test_deaps_list_operators_work_on_layers(crossover) -> None:
    space = encoding(layers={"low": 2, "high": 5})
    box = make_toolbox(space, SearchSettings(), (SCORE,))
    box.register("mate", crossover)
    box.register("mutate", tools.mutShuffleIndexes, indpb=0.5)
    done = search(surrogate(toolbox=box, space=space), 60, noisy(score, 0.2))
    names = {name for each in done for name in each.individual.operator.split(" + ")}
    assert {crossover.__name__, "mutShuffleIndexes"} <= names
    for each in done:
        space.check(each.individual.genome)


def wild(individual):
    """Leaves the space, which the repair mends."""
    for layer in individual:
        layer["width"] = random.randrange(-(10**9), 10**9)
    individual.genes["optimizer"] = "no such optimizer"
    return (individual,)


def test_what_an_operator_breaks_is_repaired_before_it_is_judged() -> None:
    space = encoding()
    box = make_toolbox(space, SearchSettings(), (SCORE,))
    box.register("mutate", wild)
    done = search(surrogate(toolbox=box), 50)
    assert any("wild" in each.individual.operator for each in done)
    for each in done:
        space.check(each.individual.genome)
        assert each.individual.fingerprint == space.fingerprint(each.individual.genome)


def test_an_operator_that_changes_nothing_does_not_hold_the_search_up() -> None:
    box = make_toolbox(encoding(), SearchSettings(), (SCORE,))
    box.register("mutate", lambda individual: (individual,))
    box.register("mate", lambda first, second: (first, second))
    done = search(surrogate(toolbox=box), 40)
    assert {each.individual.operator for each in done} <= {"default", "small", "large", "sample", "measure_again"}


@pytest.mark.parametrize("bound", ["x <= 0.3", "loss >= 0.2", "x <= -1"])
def test_what_breaks_a_constraint_is_never_the_answer(bound: str) -> None:
    """The unconstrained best is out of bounds; the last bound nobody can keep."""
    names = ["x"] if bound.startswith("x") else []
    asked = AskTell(FLAT, "minimize loss", strategy="surrogate", population=8, settings={"constraints": (bound,)})
    while len(asked.history) < 70:
        for each in asked.ask():
            genes = each.genome.genes
            told = (bowl(each)[0], *(float(genes["x0"]) for _ in names))
            asked.tell(each, told if names else told[0])
    answer = asked._strategy.answer()
    if bound == "x <= -1":
        assert answer is None
        return
    assert answer is not None
    value = float(answer.genome.genes["x0"]) if names else bowl(answer)[0]
    assert parse_constraint(bound).violation(value) == 0.0
    assert bowl(answer)[0] < 0.3


def test_while_nothing_keeps_the_bounds_the_search_goes_towards_them() -> None:
    """A bound that one genome in 10^5 keeps by chance is found."""
    asked = AskTell(
        FLAT, "minimize loss", strategy="surrogate", population=8, settings={"constraints": ("far <= 0.02",)}
    )
    while len(asked.history) < 80:
        for each in asked.ask():
            asked.tell(each, (float(each.genome.genes["x1"]), bowl(each)[0]))
    assert asked._strategy.answer() is not None


def test_limits_on_size_hold_for_every_proposal() -> None:
    space, settings = encoding(), SearchSettings(strategy="surrogate", population=8)
    limits = SizeLimits(space, (parse_constraint("parameters <= 2000"),), (10,), 1)
    box = make_toolbox(space, settings, (SCORE,))
    done = search(make_strategy(space, box, settings, (SCORE,), limits=limits), 60)
    sizes = [space.size(each.individual.genome, (10,), 1).parameters for each in done]
    assert max(sizes) <= 2000
    assert not any("fit_size" in each.individual.operator for each in done if each.individual.parents)


@pytest.mark.parametrize("num_first", [1, 3, 8, 21])
def test_a_checkpoint_of_any_size_comes_first(num_first: int) -> None:
    space, settings = encoding(), SearchSettings(strategy="surrogate", population=8)
    rng = random.Random(3)
    first = [space.sample(rng) for _ in range(num_first)]
    strategy = make_strategy(space, make_toolbox(space, settings, (SCORE,)), settings, (SCORE,), first=first)
    done = search(strategy, 50)
    assert [each.individual.genome for each in done[:num_first]] == first
    assert [each.individual.operator for each in done[:num_first]] == ["checkpoint"] * num_first
    assert "checkpoint" not in {each.individual.operator for each in done[num_first:]}
    assert [each.individual.id for each in done] == list(range(50))


@pytest.mark.parametrize("given", [{"population": 1}, {"population": 1, "steady_state": True, "in_flight": 1}])
def test_a_population_of_one(given: dict[str, object]) -> None:
    strategy = surrogate(**given)
    done = search(strategy, 40)
    assert len(strategy.population) == 1
    assert max(score(each.individual)[0] for each in done) > score(done[0].individual)[0]


@pytest.mark.parametrize("batch", [1, 3, 8, 99])
def test_a_constant_batch_is_at_most_the_population(batch: int) -> None:
    strategy = make(strategy="surrogate", population=8, batch=batch)
    size = min(batch, 8)
    assert [strategy.required_results(n) for n in range(24)] == [n // size * size for n in range(24)]
    assert len(search(strategy, 24)) == 24


def test_parents_are_known_genomes_and_children_differ_from_them() -> None:
    space = encoding()
    done = search(surrogate(adapt=False), 60)
    by_id: dict[int, Individual] = {}
    for each in done:
        individual = each.individual
        for parent in individual.parents:
            assert parent in by_id
        if individual.parents and not individual.replicate:
            assert individual.changes
            assert individual.fingerprint != by_id[individual.parents[0]].fingerprint
        by_id[individual.id] = individual
        space.check(individual.genome)


def test_several_objectives_and_a_constraint_together() -> None:
    objectives = (SCORE, COST)
    strategy = make(objectives, strategy="surrogate", population=8, constraints=("cost <= 100",))
    assert isinstance(strategy, SurrogateEvolution)

    def both(individual: Individual) -> tuple[float, ...]:
        return score(individual)[0], float(sum(int(layer["width"]) for layer in individual.genome.layers))

    done = search(strategy, 80, both, objectives)
    late = [each.outcome.metrics["cost"] for each in done[40:]]
    assert sum(cost <= 100 for cost in late) > 20
    assert all(member.fitness.violation == 0.0 for member in list(strategy.population)[:3])
