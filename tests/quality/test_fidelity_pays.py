"""Judging networks early pays: at equal epochs the best is better than where all are trained to the end."""

from __future__ import annotations

import pytest
from scipy.stats import mannwhitneyu

from tests.strategies.climbing import EPOCHS, climber, crossing, trained
from tests.strategies.searching import make, search

RECIPES = 40


def best_on_rungs(fidelity: str, strategy: str, seed: int) -> float:
    """The best score of the whole recipe after as many epochs as RECIPES networks take, each continued on its rungs."""
    done = search(climber(strategy=strategy, fidelity=fidelity, population=12, in_flight=12, seed=seed), 800, crossing)
    reached: dict[str, int] = {}
    best, spent = float("-inf"), 0
    for each in done:
        individual = each.individual
        spent += trained(individual) - reached.get(individual.fingerprint, 0)
        reached[individual.fingerprint] = trained(individual)
        if spent > RECIPES * EPOCHS:
            return best
        if individual.epochs is None:
            best = max(best, each.outcome.metrics["score"])
    raise AssertionError(f"800 proposals took {spent} epochs, and {RECIPES * EPOCHS} were to be spent")


def best_in_full(strategy: str, seed: int) -> float:
    done = search(make(strategy=strategy, population=12, in_flight=12, seed=seed), RECIPES, crossing)
    return max(each.outcome.metrics["score"] for each in done)


@pytest.mark.parametrize(
    "fidelity", ["halving", *(pytest.param(name, marks=pytest.mark.slow) for name in ("hyperband", "pasha"))]
)
@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_better_than_the_whole_recipe_for_all_at_equal_epochs(fidelity: str, strategy: str) -> None:
    """On curves that cross."""
    early = [best_on_rungs(fidelity, strategy, seed) for seed in range(15)]
    full = [best_in_full(strategy, seed) for seed in range(100, 115)]
    assert mannwhitneyu(early, full, alternative="greater").pvalue < 1e-3
