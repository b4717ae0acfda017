"""Evolution over a plain dictionary pays: ten genes, a quadratic, and a p-value."""

from __future__ import annotations

from scipy.stats import mannwhitneyu

from evo_nas import AskTell

SPACE = {f"gene_{i}": {"low": -5.0, "high": 5.0} for i in range(10)}


def quadratic(genes: dict[str, float]) -> float:
    """Best is 0, at 0, 0.5, 1, ... 4.5."""
    return sum((genes[f"gene_{i}"] - i / 2) ** 2 for i in range(10))


def best_value(strategy: str, seed: int) -> float:
    search = AskTell(SPACE, "minimize loss", strategy=strategy, seed=seed, population=12)
    while len(search.history) < 120 and (batch := search.ask()):
        for proposal in batch:
            search.tell(proposal, quadratic(proposal.genome.genes))
    return search.best_value


def test_evolution_is_better_than_random_search_on_ten_genes() -> None:
    ours = [best_value("evolution", seed) for seed in range(20)]
    chance = [best_value("random", seed) for seed in range(100, 120)]
    assert mannwhitneyu(ours, chance, alternative="less").pvalue < 1e-3
