"""Values are compared in ratios where they are like that, and not where they are not: asked of the data."""

from __future__ import annotations

import math
import random

import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status
from evo_nas.strategies.surrogate.embedding import Embedding
from evo_nas.strategies.surrogate.gaussian_process import Observations, log_density
from evo_nas.strategies.surrogate.model import Model
from evo_nas.strategies.surrogate.observed import Observed
from genomes import FlatEncoding, Genome

LOSS, SIZE = Objective("loss", maximize=False), Objective("size", maximize=False)
SPACE = FlatEncoding.from_space({f"x{i}": {"low": 0.0, "high": 1.0} for i in range(3)})


def asked(fitness, count: int, seed: int, *, repeats: int = 3, objectives=(LOSS,)) -> Model:
    """A model that has learnt of so many random networks, each fourth of which was measured again."""
    rng = random.Random(seed)
    observed = Observed(SPACE, objectives, ())
    model = Model(Embedding(SPACE.axes()), len(objectives))
    for number in range(count):
        genome = SPACE.sample(rng)
        for replicate in range(repeats if number % 4 == 0 else 1):
            value = fitness(genome, rng)
            individual = Individual(number, 0, genome, SPACE.fingerprint(genome), replicate=replicate)
            observed.tell([Evaluated(individual, Outcome(Status.OK, {"loss": value, "size": value}))])
        model.learn(observed)
    return model


def bowl(genome: Genome) -> float:
    return sum((float(genome.genes[f"x{i}"]) - 0.7) ** 2 for i in range(3))


def error(genome: Genome, rng: random.Random) -> float:
    """Over three powers of ten, with a noise of a tenth of it: as errors of regressions are."""
    return float(10.0 ** (3.0 * bowl(genome) - 3.0)) * math.exp(rng.gauss(0.0, 0.1))


def shifted(genome: Genome, rng: random.Random) -> float:
    """Smooth as it is, and all noise alike."""
    return bowl(genome) + rng.gauss(0.0, 0.05)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("fitness", "expected"), [(error, True), (shifted, False)])
def test_it_is_found_out_which_values_are_ratios(fitness, expected: bool, seed: int) -> None:
    assert asked(fitness, 60, seed).in_ratios is expected


def test_both_ways_are_asked_about_the_same_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of networks whose values are cut in one way and not in the other: the worst are measured again here."""
    asked_about: list[tuple[int, float]] = []

    def noted(observations: Observations, *rest):
        asked_about.append((len(observations.points), observations.freedom))
        return log_density(observations, *rest)

    monkeypatch.setattr("evo_nas.strategies.surrogate.model.log_density", noted)
    rng = random.Random(0)
    genomes = sorted((SPACE.sample(rng) for _ in range(24)), key=bowl)
    observed = Observed(SPACE, (LOSS,), ())
    for number, genome in enumerate(genomes):
        for replicate in range(6 if number >= 21 else 3 if number < 4 else 1):
            individual = Individual(number, 0, genome, SPACE.fingerprint(genome), replicate=replicate)
            observed.tell([Evaluated(individual, Outcome(Status.OK, {"loss": error(genome, rng)}))])
    Model(Embedding(SPACE.axes()), 1).learn(observed)
    ((_, differences), (_, ratios)) = asked_about
    assert asked_about[0] == asked_about[1]
    assert differences == ratios == 8.0


def test_what_is_measured_in_other_units_is_judged_alike() -> None:
    for unit in (2.0**-40, 2.0**40):
        assert asked(lambda genome, rng, unit=unit: error(genome, rng) * unit, 40, 0).in_ratios
        assert not asked(lambda genome, rng, unit=unit: shifted(genome, rng) * unit, 40, 0).in_ratios


@pytest.mark.parametrize(
    "fitness",
    [
        lambda genome, rng: -error(genome, rng),
        lambda genome, rng: error(genome, rng) - 1.0,
        lambda genome, rng: 0.5,
        lambda genome, rng: 0.0,
        lambda genome, rng: 1e100 * rng.random(),
        lambda genome, rng: float(rng.choice([0.0, 1e-300, 1.0, 1e100])),
    ],
)
def test_strange_values_are_judged_without_a_word(fitness) -> None:
    """Every warning is an error here."""
    model = asked(fitness, 40, 0)
    assert model.in_ratios in (True, False)


def test_several_objectives_are_never_compared_in_ratios() -> None:
    assert not asked(error, 40, 0, objectives=(LOSS, SIZE)).in_ratios
