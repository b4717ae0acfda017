"""Of many candidates those are chosen that promise most, and the best of them climb."""

from __future__ import annotations

import numpy as np

from evo_nas.config import SearchSettings
from evo_nas.individual import Individual
from evo_nas.randomness import lent_random
from evo_nas.strategies import DeapIndividual, make_toolbox
from evo_nas.strategies.births import Births
from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.gaussian_process import GaussianProcess, Observations, Scales
from evo_nas.strategies.surrogate.judgement import in_turn
from evo_nas.strategies.surrogate.offspring import Candidate, Nursery
from evo_nas.strategies.surrogate.one_objective import OneObjective
from evo_nas.strategies.surrogate.screening import screened
from genomes import Genome
from tests.strategies.surrogate.driving import LOSS, flat

SPACE = flat({"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}})
EMBEDDING = Embedding(SPACE.axes())
SCALES = Scales(np.log([0.4, 0.4]), 0.0, -11.0, -6.0)


def births() -> Births:
    settings = SearchSettings(strategy="surrogate")
    return Births(SPACE, make_toolbox(SPACE, settings, (LOSS,)), settings)


def valley() -> OneObjective:
    """The loss falls towards (0.8, 0.2), of which only the other half is known."""
    generator = np.random.default_rng(0)
    points = generator.random((40, 2)) * [0.5, 1.0]
    targets = 3.0 * ((points - [0.8, 0.2]) ** 2).sum(axis=1)
    process = GaussianProcess(Observations(points, targets, np.ones(40)), EMBEDDING.groups, SCALES)
    return OneObjective(process, process.known_means)


def choose(count: int) -> list[Candidate]:
    with lent_random() as reseed:
        reseed("screening")
        nursery = Nursery(births(), set(), None)
        pool = nursery.offspring([], 30)
        return screened(
            pool,
            count,
            nursery=nursery,
            judgement=valley(),
            embedding=EMBEDDING,
            open_places=[],
        )


def test_the_best_climb_beyond_the_pool() -> None:
    """What is chosen is better than the best of the pool, by the model that judges both."""
    with lent_random() as reseed:
        reseed("screening")
        pool = Nursery(births(), set(), None).offspring([], 30)
    judgement = valley()
    best = judgement.promises(EMBEDDING.points_of([candidate.place for candidate in pool])).max()
    (chosen,) = choose(1)
    assert judgement.promises(EMBEDDING.points_of([chosen.place]))[0] > best


def test_a_batch_holds_several_ideas() -> None:
    """Each is chosen as if those before it had been measured: the believer's batch is wider than the best by rank."""
    judgement = valley()
    grid = np.array([[x, y] for x in np.linspace(0, 1, 21) for y in np.linspace(0, 1, 21)])
    ranked = grid[np.argsort(-judgement.promises(grid))[:6]]
    chosen = grid[judgement.chosen(grid, 6, num_open=0)]
    np.testing.assert_array_equal(chosen[0], ranked[0])
    assert chosen.std(axis=0).sum() > 1.5 * ranked.std(axis=0).sum()


def test_so_many_as_were_asked_for_each_once() -> None:
    chosen = choose(10)
    assert len(chosen) == len({candidate.place for candidate in chosen}) == 10
    assert choose(0) == []


def test_in_turn_takes_the_best_that_is_left() -> None:
    supposed: list[int] = []
    promises = np.array([5.0, 1.0, 3.0, 4.0])
    chosen = in_turn(3, 4, num_open=1, promises=lambda: promises, suppose=supposed.append)
    assert chosen == [3, 2, 1]
    assert supposed == [0, 3, 2, 1]
    assert in_turn(9, 4, num_open=4, promises=lambda: promises, suppose=supposed.append) == []


def test_nothing_known_and_nothing_twice_is_made() -> None:
    """In a space of twelve points of which five are known there are seven candidates at most."""
    space = flat({"a": ["u", "v", "w"], "b": [1, 2, 3, 4]})
    settings = SearchSettings(strategy="surrogate")
    known = {(float(a), b / 3) for a, b in [(0, 0), (0, 1), (1, 0), (2, 2), (2, 3)]}
    nursery = Nursery(Births(space, make_toolbox(space, settings, (LOSS,)), settings), known, None)
    with lent_random() as reseed:
        reseed("nursery")
        made = nursery.offspring([], 300)
        assert nursery.offspring([], 300) == []
    places = [candidate.place for candidate in made]
    assert len(places) == len(set(places)) == 7
    assert known.isdisjoint(places)


def member(genome: Genome) -> DeapIndividual:
    made = DeapIndividual(genome, (-1.0,))
    made.record = Individual(0, 0, genome, SPACE.fingerprint(genome))
    return made


def test_the_better_parent_has_more_children() -> None:
    parents = [member(Genome("flat", {"x": x, "y": x})) for x in (0.1, 0.9)]
    with lent_random() as reseed:
        reseed("parents")
        made = Nursery(births(), set(), None).offspring(parents, 300)
    first = [sum(each.family[0] is parent for each in made if each.family) for parent in parents]
    assert first[0] > 1.5 * first[1]
    fresh = sum(not each.family for each in made)
    assert 10 < fresh < 60
