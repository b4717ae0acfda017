"""What a replicate does to every genome alike: another split of the rows is easier or harder for all of them.

Without it a leader that was measured again on easy splits would beat one that was measured again on hard ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

Array = NDArray[np.float64]
EVIDENCE = 1e-3
"""The probability of such differences between replicates under mere noise, below which they are corrected."""


def effects_of(residuals: Array, replicates: NDArray[np.intp]) -> Array:
    """The effect of each replicate 0, 1, ... up to the largest, beside that of all repeats together: [replicates].

    residuals: [measurements] how far each lies from what is believed of its genome. replicates: [measurements], 1 or
    more. 0 for the first one and for those that fewer than two genomes were measured on: there an effect and noise are
    the same. What all repeats have in common is left in them: most of it is that leaders were lucky at first.
    One way analysis of variance (Fisher 1925): nothing is corrected unless its F test says that replicates differ. Then
    a random effect, shrunken by its variance (Henderson 1975, best linear unbiased prediction), by moments.
    """
    effects = np.zeros(int(replicates.max(initial=0)) + 1)
    counts = np.bincount(replicates, minlength=len(effects)).astype(np.float64)
    groups = counts >= 2.0
    used = groups[replicates]
    freedom = used.sum() - groups.sum()
    if groups.sum() < 2 or freedom < 1:
        return effects
    sums = np.bincount(replicates[used], weights=residuals[used], minlength=len(effects))
    means = np.divide(sums, counts, out=np.zeros(len(effects)), where=groups)
    within = float(((residuals[used] - means[replicates[used]]) ** 2).sum()) / freedom
    away = np.where(groups, means - residuals[used].mean(), 0.0)
    between = float((counts * away**2).sum()) / (groups.sum() - 1)
    if within <= 0.0 or fdtrc(groups.sum() - 1, freedom, between / within) > EVIDENCE:
        return effects
    variance = (between - within) * (groups.sum() - 1) / used.sum()
    return np.where(groups, away * variance / (variance + within / np.maximum(counts, 1.0)), 0.0)
