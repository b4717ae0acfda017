"""How a gene's values and an objective go together, by ranks alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.gene_table import Array
from evo_nas.report.importance.permutation import DEVIATIONS
from evo_nas.report.importance.records import Estimate

NUM_HALVES = 100
LEAST_NETWORKS = 8

Measure = Callable[[Array, Array], float | None]


@dataclass(frozen=True, slots=True)
class Correlation:
    """estimate: rho or epsilon squared. p_value: of no relation at all, not yet corrected."""

    estimate: Estimate
    p_value: float


def correlation(gene: Array, values: Array, *, categories: bool, key: tuple[KeyPart, ...]) -> Correlation | None:
    """Spearman's rho of a number, epsilon squared of a category (Kruskal and Wallis 1952; Kelley 1935).

    gene: [networks], NaN without effect: those are left out. None where fewer than eight are left, or where the gene or
    the values do not vary among them. The interval comes from half-samples, whose spread is that of the whole sample's
    estimate (Shao and Wu 1989, the delete-d jackknife with d = n/2).
    """
    there = ~np.isnan(gene)
    gene, values = gene[there], values[there]
    measure: Measure = epsilon_squared if categories else spearman
    whole = measure(gene, values) if len(gene) >= LEAST_NETWORKS else None
    if whole is None:
        return None
    spread = _spread(gene, values, measure, key)
    low, high = whole - DEVIATIONS * spread, whole + DEVIATIONS * spread
    p_value = _kruskal_p(gene, values) if categories else _spearman_p(gene, values)
    return Correlation(Estimate(whole, max(low, -1.0), min(high, 1.0)), p_value)


def spearman(gene: Array, values: Array) -> float | None:
    """In [-1, 1]; None where one of them does not vary."""
    first, second = _centred_ranks(gene), _centred_ranks(values)
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return float(np.clip(first @ second / scale, -1.0, 1.0)) if scale > 0.0 else None


def epsilon_squared(gene: Array, values: Array) -> float | None:
    """The share of the variance of the ranks between categories, less what chance gives: at most 1.

    None where there is one category, or none that holds two networks, or where the values do not vary.
    """
    ranks = _centred_ranks(values)
    codes = np.unique(gene, return_inverse=True)[1]
    counts = np.bincount(codes)
    spread, within = float(ranks @ ranks), len(ranks) - len(counts)
    if len(counts) < 2 or within < 1 or spread <= 0.0:
        return None
    between = float(np.sum(np.bincount(codes, weights=ranks) ** 2 / counts))
    return 1.0 - (spread - between) / within * (len(ranks) - 1) / spread


def holm(p_values: Sequence[float]) -> list[float]:
    """The same corrected for their number, in the same order (Holm 1979): none of them is smaller than before."""
    corrected = [1.0] * len(p_values)
    reached = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = reached
    return corrected


def _centred_ranks(values: Array) -> Array:
    from scipy.stats import rankdata

    ranks = rankdata(values)
    return np.asarray(ranks - ranks.mean())


def _spread(gene: Array, values: Array, measure: Measure, key: tuple[KeyPart, ...]) -> float:
    draws = array_stream(*key, "half-samples")
    halves = [draws.permutation(len(gene))[: len(gene) // 2] for _ in range(NUM_HALVES)]
    found = [each for half in halves if (each := measure(gene[half], values[half])) is not None]
    return float(np.std(found, ddof=1)) if len(found) > 1 else 0.0


def _spearman_p(gene: Array, values: Array) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(gene, values).pvalue)


def _kruskal_p(gene: Array, values: Array) -> float:
    from scipy.stats import kruskal

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(kruskal(*[values[gene == category] for category in np.unique(gene)]).pvalue)
