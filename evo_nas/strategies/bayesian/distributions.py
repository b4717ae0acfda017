"""A gene as a distribution of Optuna's, and values there and back."""

from __future__ import annotations

from typing import Any

from genomes import Choice, Float, Gene, Int, Value

MOST_STEPS = 1_000
"""Whole numbers of a longer range are handed over as real ones and rounded: the Gaussian process lists every step."""


def searched_as(gene: Gene) -> Any:
    """The distribution that a sampler searches: an ordinal choice is the index of its value, so that its order counts.

    What a sampler makes of it is turned into a value by `value_from`.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(gene, Choice):
        last = len(gene.values) - 1
        return IntDistribution(0, last) if gene.ordinal else CategoricalDistribution(gene.values)
    if isinstance(gene, Float) or gene.high - gene.low > MOST_STEPS:
        return FloatDistribution(float(gene.low), float(gene.high), log=gene.scale == "log")
    return IntDistribution(gene.low, gene.high, log=gene.scale == "log", step=gene.stride)


def value_from(gene: Gene, sampled: Any) -> Value:
    """The value of a gene that a sampler means; the inverse of `sampled_from`."""
    if isinstance(gene, Choice) and gene.ordinal:
        return gene.values[int(sampled)]
    return gene.clip(sampled)


def sampled_from(gene: Gene, value: Value) -> Any:
    """How a sampler is told a value of a gene."""
    if isinstance(gene, Choice) and gene.ordinal:
        return gene.values.index(value)
    as_float = isinstance(gene, Int) and gene.high - gene.low > MOST_STEPS
    return float(value) if as_float else value


def shown_as(gene: Gene) -> Any:
    """The distribution that people read in a dashboard: every value as it is, an ordinal choice as a list."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(gene, Choice):
        return CategoricalDistribution(gene.values)
    if isinstance(gene, Int):
        return IntDistribution(gene.low, gene.high, log=gene.scale == "log", step=gene.stride)
    return FloatDistribution(gene.low, gene.high, log=gene.scale == "log")
