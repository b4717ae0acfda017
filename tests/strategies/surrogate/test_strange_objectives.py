"""Whatever a fitness says: the search goes on, ends, and says why."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from evo_nas.individual import Individual
from evo_nas.strategies.ask_tell import AskTell
from tests.strategies.searching import SPACE
from tests.strategies.surrogate.driving import FLAT, VAST

Told = Callable[[Individual], float | None]
SPACES: dict[str, dict[str, Any]] = {"flat": FLAT, "mlp": SPACE, "vast": VAST}
MOST = 500


def drive(space: dict[str, Any], fitness: Told, most: int, **settings: Any) -> tuple[AskTell, int]:
    asked = AskTell(space, "minimize loss", strategy="surrogate", population=8, settings=settings)
    count = 0
    while count < most and (proposals := asked.ask()):
        for each in proposals:
            asked.tell(each, fitness(each))
        count += len(proposals)
    return asked, count


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("told", "said"),
    [
        (1.0, r"^all \d+ evaluations have the same values"),
        (math.nan, r"^none of \d+ evaluations has succeeded"),
        (-math.inf, r"^none of \d+ evaluations has succeeded"),
        (None, r"^none of \d+ evaluations has succeeded"),
    ],
)
def test_where_nothing_can_be_learnt_it_ends_and_says_so(space: str, told: float | None, said: str) -> None:
    asked, count = drive(SPACES[space], lambda individual: told, MOST)
    assert count < MOST
    assert asked.converged is not None
    assert re.search(said, asked.converged)


@pytest.mark.parametrize(
    ("space", "num_points"), [({"a": 3}, 1), ({"a": ["x", "y"]}, 2), ({"a": [1, 2, 3], "b": [True, False]}, 6)]
)
@pytest.mark.parametrize("fitness", [lambda i: 1.0, lambda i: None, lambda i: float(i.id % 3)])
def test_a_small_space_is_exhausted_and_it_says_so(space: dict[str, Any], num_points: int, fitness: Told) -> None:
    asked, count = drive(space, fitness, 200)
    assert count < 200
    assert asked.converged is not None
    held = "one network that was" if num_points == 1 else f"{num_points} networks that were"
    assert f"the space seems to hold no more than the {held} trained" in asked.converged
    assert len({each.individual.fingerprint for each in asked.history}) == num_points


def huge(rng: random.Random) -> Told:
    return lambda individual: rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-100, 100)


STRANGE: dict[str, Callable[[random.Random], Told]] = {
    "huge": huge,
    "tiny": lambda rng: lambda individual: rng.uniform(0.0, 1e-200),
    "subnormal": lambda rng: lambda individual: rng.uniform(0.0, 1e-310),
    "heavy tails": lambda rng: lambda individual: math.tan(math.pi * (rng.random() - 0.5)),
    "far from nought": lambda rng: lambda individual: 1e15 + rng.random(),
    "better without end": lambda rng: lambda individual: -(10.0 ** (individual.id / 4)),
    "one miracle": lambda rng: lambda individual: -1e100 if individual.id == 30 else rng.random() * 1e-90,
    "good once": lambda rng: lambda individual: None if individual.replicate or individual.id > 20 else rng.random(),
    "worse when trusted": lambda rng: lambda individual: 1e100 if individual.replicate else -rng.random(),
    "two values": lambda rng: lambda individual: float(individual.id % 2),
    "fails half the time": lambda rng: lambda individual: rng.choice([None, 1.0, rng.random()]),
    "the sign of the first digit": lambda rng: lambda individual: 1.0 if individual.fingerprint[0] < "8" else -1.0,
}


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", STRANGE)
def test_whatever_is_told_it_goes_on_without_a_warning(space: str, name: str) -> None:
    asked, count = drive(SPACES[space], STRANGE[name](random.Random(0)), 64)
    assert count >= 64
    distinct = [each.individual for each in asked.history if not each.individual.replicate]
    assert len({individual.fingerprint for individual in distinct}) == len(distinct)
    if asked._strategy.answer() is not None:
        assert asked.best_value is not None


@pytest.mark.parametrize("objectives", [2, 3])
@pytest.mark.parametrize("name", ["huge", "one miracle", "tiny", "good once", "two values"])
def test_several_strange_objectives(objectives: int, name: str) -> None:
    rng = random.Random(1)
    tell = STRANGE[name](rng)
    names = [f"minimize loss{k}" for k in range(objectives)]
    asked = AskTell(FLAT, names, strategy="surrogate", population=8)
    for _ in range(20):
        for each in asked.ask():
            values = [tell(each) for _ in names]
            asked.tell(each, None if None in values else tuple(values))
    assert len(asked.history) > 40
    assert asked.best in [each.individual for each in asked.history]


@pytest.mark.slow
@pytest.mark.parametrize("space", ["flat", "vast"])
def test_mere_noise_ends(space: str) -> None:
    rng = random.Random(0)
    asked, count = drive(SPACES[space], lambda individual: rng.gauss(0.0, 1.0), 5000)
    assert count < 5000
    assert asked.converged is not None
    assert "nothing has improved" in asked.converged
