"""It finds better genomes than evolution and random search do, under noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import wilcoxon

from evo_nas.individual import Individual
from evo_nas.strategies.ask_tell import AskTell
from tests.strategies.searching import SPACE, score
from tests.strategies.surrogate.driving import FLAT, bowl, noisy

ORDINAL = {"rate": [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1], "width": [8, 16, 32, 64, 128, 256]} | {
    "depth": [1, 2, 3, 4, 5, 6],
    "dropout": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
    "activation": ["relu", "tanh", "gelu"],
}


def trained(individual: Individual) -> tuple[float, ...]:
    """As networks are: smooth in the logarithm of the rate, whose best depends on depth and width."""
    genes = individual.genome.genes
    rate, width, depth = math.log10(float(genes["rate"])), math.log2(float(genes["width"])), float(genes["depth"])
    best_rate = -2.0 - 0.15 * (depth - 1) - 0.1 * (width - 3)
    room = 0.08 * (width - 6.5) ** 2 + 0.1 * (depth - 3.5) ** 2 + 1.2 * abs(float(genes["dropout"]) - 0.025 * width)
    return ((rate - best_rate) ** 2 + room + {"relu": 0.1, "tanh": 0.25, "gelu": 0.0}[str(genes["activation"])],)


def layered(individual: Individual) -> tuple[float, ...]:
    return (-score(individual)[0],)


LANDSCAPES: dict[str, tuple[dict[str, Any], Callable[[Individual], tuple[float, ...]], float]] = {
    "flat": (FLAT, bowl, 0.05),
    "ordinal": (ORDINAL, trained, 0.1),
    "layers": (SPACE, layered, 0.1),
}


def regret(landscape: str, strategy: str, seed: int, num_evaluations: int) -> float:
    """The true loss of the answer."""
    space, fitness, deviation = LANDSCAPES[landscape]
    measured = noisy(fitness, deviation, seed)
    asked = AskTell(space, "minimize loss", strategy=strategy, population=10, seed=seed)
    while len(asked.history) < num_evaluations:
        for each in asked.ask():
            values = measured(each)
            asked.tell(each, None if values is None else values[0])
    return fitness(asked.best)[0]


def compare(landscape: str, num_seeds: int) -> dict[str, tuple[float, float]]:
    """Strategy -> how many times the loss of the surrogate it leaves (medians), and the p-value of that being more."""
    losses = {
        strategy: [regret(landscape, strategy, seed, 60) for seed in range(num_seeds)]
        for strategy in ("surrogate", "evolution", "random")
    }
    ours = losses.pop("surrogate")
    return {
        name: (
            float(np.median(theirs) / np.median(ours)),
            float(wilcoxon(ours, theirs, alternative="less", zero_method="zsplit").pvalue),
        )
        for name, theirs in losses.items()
    }


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_better_than_evolution_and_random_search_after_sixty_evaluations(landscape: str) -> None:
    for ratio, p_value in compare(landscape, 10).values():
        assert ratio > 1.3
        assert p_value < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_with_many_seeds_the_advantage_is_beyond_doubt(landscape: str) -> None:
    for ratio, p_value in compare(landscape, 30).values():
        assert ratio > 1.5
        assert p_value < 1e-3
