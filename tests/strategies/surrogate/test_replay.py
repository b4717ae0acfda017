"""A proposal is a function of the seed and of what was told before it (laws 2, 3 and 6)."""

from __future__ import annotations

import random

import pytest

from evo_nas.individual import Evaluated, Objective
from evo_nas.strategies.ask_tell import AskTell
from genomes import Encoding
from tests.strategies.searching import COST, SCORE, Fitness, encoding, outcome, score, search
from tests.strategies.surrogate.driving import FLAT, LOSS, bowl, cut_anyhow, flat, noisy, surrogate


def failing(individual):
    return None if individual.id % 5 == 3 else noisy(score, 0.3)(individual)


def both(individual):
    return score(individual)[0], float(sum(int(layer["width"]) for layer in individual.genome.layers))


CASES = [
    ((SCORE,), encoding(), noisy(score, 0.3), {}),
    ((SCORE,), encoding(), failing, {"batch": 5}),
    ((LOSS,), flat(), noisy(bowl, 0.1), {"steady_state": True, "in_flight": 7}),
    ((SCORE, COST), encoding(), both, {"population": 16}),
    ((LOSS,), flat(), noisy(bowl, 0.1), {"population": 1, "restarts": 0}),
]


@pytest.mark.parametrize(("objectives", "space", "fitness", "given"), CASES)
def test_however_it_is_cut_and_looked_at_the_proposals_are_the_same(
    objectives: tuple[Objective, ...], space: Encoding, fitness: Fitness, given: dict[str, object]
) -> None:
    """ask(1) eight times is ask(8), and nothing that is asked in between changes anything."""
    whole = search(surrogate(objectives, space, **given), 60, fitness, objectives)
    for seed in (1, 2):
        assert cut_anyhow(surrogate(objectives, space, **given), 60, fitness, objectives, seed=seed) == whole


def test_a_restart_is_replayed() -> None:
    """A constant fitness restarts the population within 150 proposals."""
    whole = search(surrogate(), 150, lambda individual: (1.0,))
    assert any(e.individual.operator == "restart" for e in whole)
    assert cut_anyhow(surrogate(), 150, lambda individual: (1.0,)) == whole


def test_a_batch_is_made_whole_and_nothing_more_with_it() -> None:
    """Not even where the fresh samples of a restart fill it."""
    strategy = surrogate()
    done: list[Evaluated] = []
    told = 0
    while len(done) < 150:
        needed = strategy.required_results(len(done))
        strategy.tell(done[told:needed])
        told = needed
        for individual in strategy.ask(strategy._batches.size(needed)):
            done.append(Evaluated(individual, outcome((1.0 + 1e-9 * individual.replicate,), (SCORE,))))
        assert not strategy._prepared
    assert "restart" in {each.individual.operator for each in done}


def test_seeds_differ() -> None:
    first, other = (search(surrogate(seed=seed), 12) for seed in (0, 1))
    assert [e.individual.fingerprint for e in first[1:]] != [e.individual.fingerprint for e in other[1:]]


def steadily(order: random.Random, *, in_flight: int, count: int = 60) -> tuple[list[str], int]:
    """Fingerprints, and the largest number of open proposals, where trainings finish in any order."""
    settings = {"steady_state": True, "in_flight": in_flight}
    asked = AskTell(FLAT, "minimize loss", strategy="surrogate", population=16, settings=settings)
    proposals, training, most_open = asked.ask(), [], 0
    training.extend(proposals)
    finished: set[int] = set()
    while len(finished) < count:
        each = training.pop(order.randrange(len(training)))
        asked.tell(each, noisy(bowl, 0.1)(each)[0])
        finished.add(each.id)
        new = asked.ask()
        proposals, training = proposals + new, training + new
        done = next(number for number in range(len(proposals) + 1) if number not in finished)
        most_open = max(most_open, len(proposals) - done)
    return [each.fingerprint for each in proposals[:count]], most_open


@pytest.mark.parametrize("in_flight", [1, 6, 16])
def test_the_order_of_finishing_changes_nothing_and_no_more_are_open_than_may_be(in_flight: int) -> None:
    expected, _ = steadily(random.Random(0), in_flight=in_flight)
    for seed in (1, 2):
        found, most_open = steadily(random.Random(seed), in_flight=in_flight)
        assert found == expected
        assert most_open <= in_flight


def test_what_is_open_is_not_proposed_again_and_what_was_told_is_not_open() -> None:
    strategy = surrogate((LOSS,), flat(), steady_state=True, in_flight=12)
    done = search(strategy, 80, bowl, (LOSS,))
    first = [e.individual.fingerprint for e in done if not e.individual.replicate]
    assert len(set(first)) == len(first)
    assert len(strategy._open) == len(strategy._prepared)
    waiting = strategy.ask(3)
    places = [tuple(strategy.births.encoding.coordinates(individual.genome)) for individual in waiting]
    assert list(strategy._open)[:3] == places
