"""A model of the score in which every gene adds its own part: what the whole run says about single changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.strategies.surrogate.embedding import Embedding
from genomes import Encoding, Genome

Array = NDArray[np.float64]
LENGTH = 0.4
"""Length scale of a gene's part, where the range of a number and the distance of two categories are 1."""
ROUNDS = 40
LEAST_SHARE = 1e-6
"""Of the scores' variance, that is added to each of them, so that their covariance can be inverted."""
MOST_SHARE = 100.0
"""Of the scores' variance, that a part may have: a gene of which nothing is known at all stays a number."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a network scores more than another one by the parts of their genes, and the variance of that."""

    mean: float
    variance: float


class AdditiveModel:
    """score = level + a function of each gene + a part that the network has for itself + noise.

    Each function is a Gaussian process (additive kernels: Duvenaud, Nickisch, Rasmussen 2011). The variances of the
    parts are those of greatest likelihood, found by the MM steps of Zhou, Hu, Qiao and Cho (2019), under a weak prior
    that keeps them from nothing (a gamma(2, 0) of each standard deviation: Chung, Rabe-Hesketh, Dorie, Gelman and Liu
    2013): where few data say nothing of a gene, that is no knowledge that it does nothing. Here the length scale is
    fixed, and so is the noise where it is known from networks that were trained twice.
    """

    def __init__(self, encoding: Encoding, genomes: Sequence[Genome], scores: Array, noise: Array | None) -> None:
        """genomes: valid ones, at least two. scores: [n]. noise: [n] the variance of each score, None if not known."""
        self._encoding = encoding
        self._embedding = Embedding(encoding.axes())
        self._points = self._placed(genomes)
        self._genes = range(self._embedding.num_genes)
        parts = [self._kernel(gene, self._points, self._points) for gene in self._genes]
        fixed = np.zeros(len(scores)) if noise is None else noise
        self._variances, inverse = _fitted([*parts, np.eye(len(scores))], scores, np.diag(fixed))
        level = inverse.sum(axis=0) @ scores / inverse.sum()
        self._inverse = inverse
        self._weights = inverse @ (scores - level)

    @property
    def own_variance(self) -> float:
        """Of the part that a network has for itself."""
        return float(self._variances[-1])

    def difference(self, one: Genome, other: Genome) -> Difference:
        """What the genes of `one` score more than those of `other`, without the part that each has for itself."""
        ends = self._placed([one, other])
        sign = np.array([1.0, -1.0])
        known, own = np.zeros(len(self._weights)), 0.0
        for gene in self._genes:
            known += self._variances[gene] * (sign @ self._kernel(gene, ends, self._points))
            own += self._variances[gene] * (sign @ self._kernel(gene, ends, ends) @ sign)
        return Difference(float(known @ self._weights), max(0.0, float(own - known @ self._inverse @ known)))

    def _placed(self, genomes: Sequence[Genome]) -> Array:
        return self._embedding.points_of([self._encoding.coordinates(genome) for genome in genomes])

    def _kernel(self, gene: int, ones: Array, others: Array) -> Array:
        columns = self._embedding.groups == gene
        squares = ((ones[:, None, columns] - others[None, :, columns]) ** 2).sum(axis=2)
        return np.asarray(np.exp(-squares / (2.0 * LENGTH**2)))


def _fitted(parts: Sequence[Array], scores: Array, noise: Array) -> tuple[Array, Array]:
    """The variance of each part, and the inverse of the covariance of the scores."""
    total = float(scores.var()) or 1.0
    variances = np.full(len(parts), total / len(parts))
    inverse = np.eye(len(scores))
    for _ in range(ROUNDS):
        covariance = noise + sum(variance * part for variance, part in zip(variances, parts, strict=True))
        inverse = np.linalg.inv(covariance + LEAST_SHARE * total * np.eye(len(scores)))
        level = inverse.sum(axis=0) @ scores / inverse.sum()
        weights = inverse @ (scores - level)
        pulls = variances**2 * np.array([max(0.0, weights @ part @ weights) for part in parts])
        pushes = np.array([max((inverse * part).sum(), 1e-300) for part in parts])
        variances = np.minimum((1.0 + np.sqrt(1.0 + 4.0 * pulls * pushes)) / (2.0 * pushes), MOST_SHARE * total)
    return variances, inverse
