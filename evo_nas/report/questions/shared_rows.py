"""What all trainings of one replicate have in common: they share rows and seeds, and some rows are easier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

ROUNDS = 100
LEAST = 1e-26
"""Of the values' variance, that a variance keeps."""


class SharedRows:
    """value = network + effect of its replicate + noise, for values [n] of networks [n] on replicates [n].

    The effects are normal around zero, and their variance and that of the noise those of greatest likelihood by
    expectation and maximisation (Laird and Ware 1982), the networks being fixed. effects: replicate -> what it adds.
    noise: the variance of a training; None where no network was trained twice. degrees: of freedom behind it.
    """

    def __init__(self, values: Sequence[float], networks: Sequence[Hashable], replicates: Sequence[Hashable]) -> None:
        network, replicate = _numbered(networks), _numbered(replicates)
        degrees = len(values) - len(set(networks))
        self.effects: Mapping[Hashable, float] = {}
        self.noise: float | None = None
        self.degrees = 0
        if degrees > 0:
            effects = self._fitted(np.asarray(values, dtype=np.float64), network, replicate, degrees)
            self.effects = dict(zip(dict.fromkeys(replicates), effects.tolist(), strict=True))

    def _fitted(
        self, values: NDArray[np.float64], network: NDArray[np.intp], replicate: NDArray[np.intp], degrees: int
    ) -> NDArray[np.float64]:
        per_network = np.bincount(network)
        repeated = per_network[network] > 1
        counts = np.bincount(replicate, weights=repeated)
        least = LEAST * float(values.var()) or LEAST
        centred = values - (np.bincount(network, weights=values) / per_network)[network]
        noise = shared = max(float(centred @ centred) / degrees / 2, least)
        effects = np.zeros(len(counts))
        kept = np.zeros(len(counts))
        for _ in range(ROUNDS):
            level = np.bincount(network, weights=values - effects[replicate]) / per_network
            rest = np.where(repeated, values - level[network], 0.0)
            kept = counts / (counts + noise / shared)
            effects = kept * np.bincount(replicate, weights=rest, minlength=len(counts)) / np.maximum(counts, 1.0)
            left = rest - np.where(repeated, effects[replicate], 0.0)
            noise = max(float(left @ left) / max(1.0, degrees - kept.sum() + kept.max()), least)
            shared = max(float(np.mean(effects**2 + shared * (1.0 - kept))), least)
        self.noise, self.degrees = noise, max(1, round(degrees - kept.sum() + kept.max()))
        return effects


def _numbered(names: Sequence[Hashable]) -> NDArray[np.intp]:
    """Each name as its number, in the order in which they are met."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([numbers[name] for name in names], dtype=np.intp)
