"""Searching pays: each strategy is better than random search, with a p-value."""

from __future__ import annotations

import pytest
from scipy.stats import mannwhitneyu

from tests.strategies.searching import make, search


def best_scores(name: str, seeds: range) -> list[float]:
    return [
        max(e.outcome.metrics["score"] for e in search(make(strategy=name, population=12, in_flight=4, seed=seed), 120))
        for seed in seeds
    ]


@pytest.mark.parametrize("name", ["evolution", "aging", "coarse_to_fine"])
def test_better_than_random_search_after_120_evaluations(name: str) -> None:
    ours, chance = best_scores(name, range(20)), best_scores("random", range(100, 120))
    assert mannwhitneyu(ours, chance, alternative="greater").pvalue < 1e-3
