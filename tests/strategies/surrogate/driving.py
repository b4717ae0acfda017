"""Surrogate searches of known spaces, and ways to drive them that must not matter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.strategies import Strategy, SurrogateEvolution
from genomes import Encoding, FlatEncoding
from tests.strategies.searching import SCORE, Fitness, make, outcome, score

LOSS = Objective("loss", maximize=False)
FLAT = {f"x{i}": {"low": 0.0, "high": 1.0} for i in range(4)} | {"kind": ["a", "b", "c"]}
VAST = {f"x{i}": list(range(10)) for i in range(40)}
"""10^40 points."""


def flat(space: dict[str, Any] = FLAT) -> Encoding:
    return FlatEncoding.from_space(space)


def surrogate(
    objectives: Sequence[Objective] = (SCORE,), space: Encoding | None = None, toolbox: Any = None, **settings: Any
) -> SurrogateEvolution:
    strategy = make(objectives, toolbox, space, strategy="surrogate", **{"population": 8} | settings)
    assert isinstance(strategy, SurrogateEvolution)
    return strategy


def bowl(individual: Individual) -> tuple[float, ...]:
    """A loss over `FLAT`: 0 at x = (0.7, 0.7, ...), kind "b"."""
    genes = individual.genome.genes
    away = sum((float(genes[f"x{i}"]) - 0.7) ** 2 for i in range(4))
    return (away + 0.3 * (genes["kind"] != "b"),)


def noisy(fitness: Fitness, deviation: float, seed: int = 0) -> Fitness:
    """Noise that is a function of the proposal, as that of a training is of its seeds."""

    def measured(individual: Individual) -> tuple[float, ...] | None:
        values = fitness(individual)
        draw = random.Random(f"{seed} {individual.fingerprint} {individual.replicate}").gauss
        return None if values is None else tuple(value + draw(0.0, deviation) for value in values)

    return measured


def cut_anyhow(
    strategy: Strategy, count: int, fitness: Fitness = score, objectives: Sequence[Objective] = (SCORE,), seed: int = 0
) -> list[Evaluated]:
    """As `searching.search`, but asked for and told in pieces of any size, and looked at in between."""
    rng = random.Random(seed)
    done: list[Evaluated] = []
    told = 0
    while len(done) < count:
        needed = strategy.required_results(len(done))
        while told < needed:
            piece = rng.randint(1, needed - told)
            strategy.tell(done[told : told + piece])
            told += piece
            look_at(strategy)
        most = 1
        while len(done) + most < count and strategy.required_results(len(done) + most) == needed:
            most += 1
        for individual in strategy.ask(rng.randint(1, most)):
            done.append(Evaluated(individual, outcome(fitness(individual), objectives)))
        look_at(strategy)
    return done


def look_at(strategy: Strategy) -> None:
    """All that is asked of a strategy between its proposals."""
    assert len(strategy.population) >= 0
    strategy.answer()
    strategy.converged()
    strategy.remarks()
