"""Is one of two better, over pairs? And what of it is left where several are asked about at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MOST_EXACT_PAIRS = 15
"""Up to so many pairs every one of the 2^n sign changes is looked at."""


def paired_p(differences: Sequence[float]) -> float:
    """Two-sided p of the hypothesis that differences of pairs are symmetric around 0.

    Up to `MOST_EXACT_PAIRS` pairs it is Fisher's permutation test of the mean (1935), exact; beyond, the signed-rank
    test of Wilcoxon (1945). 1 where there is no pair, or no difference.
    """
    if not any(differences):
        return 1.0
    if len(differences) <= MOST_EXACT_PAIRS:
        return sign_flip_p(differences)
    from scipy.stats import wilcoxon

    return float(wilcoxon(np.asarray(differences, dtype=np.float64)).pvalue)


def sign_flip_p(differences: Sequence[float]) -> float:
    """The share of all 2^n sign changes whose mean is at least as far from 0 as that of the differences."""
    values = np.asarray(differences, dtype=np.float64)
    flips = np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1
    sums = np.abs((1.0 - 2.0 * flips) @ values)
    slack = 1e-12 * float(np.abs(values).sum())  # sums that are equal on paper may differ in their last digit
    return float(np.count_nonzero(sums >= abs(values.sum()) - slack) / len(sums))


def smallest_p(num_pairs: int) -> float:
    """No p of the exact test can be smaller: 2 of the 2^n sign changes are as extreme as differences of one sign."""
    return 2.0 / 2.0**num_pairs if num_pairs else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p corrected for being one of several (Holm 1979), in the order given; at most 1."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for position, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - position) * p_values[index]))
        corrected[index] = largest
    return corrected
