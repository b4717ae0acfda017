"""Networks whose objective is a known function of their genes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from genomes import Encoding, Genome, encoding_from

SCORE = (Objective("score", maximize=True),)
FLAT: Mapping[str, Any] = {
    "encoding": "flat",
    "rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "decay": {"low": 0.0, "high": 1.0},
    "momentum": {"low": 0.0, "high": 0.9},
    "steps": [16, 32, 64, 128],
    "activation": ["relu", "tanh", "selu", "gelu"],
    "size": {"low": 1, "high": 200},
}
DENSE: Mapping[str, Any] = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 8, "high": 64, "scale": "log"},
    "activation": ["relu", "tanh"],
    "optimizer": ["adam", "sgd", "rmsprop"],
    "learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "momentum": {"low": 0.0, "high": 0.9},
    "nesterov": [False, True],
}

Score = Callable[[Genome, random.Random], float | None]
"""None for a network that fails."""


def uniform(low: float = 0.0, high: float = 1.0, *names: str) -> dict[str, Any]:
    """A space of real numbers."""
    return {"encoding": "flat", **{name: {"low": low, "high": high} for name in names}}


def networks_of(
    space: Mapping[str, Any], count: int, score: Score, *, seed: int = 0
) -> tuple[list[Evaluated], Encoding]:
    """So many networks drawn by chance, and the encoding that drew them."""
    encoding, rng = encoding_from(space), random.Random(seed)
    made = []
    for number in range(count):
        genome = encoding.sample(rng)
        individual = Individual(number, number // 10, genome, encoding.fingerprint(genome))
        made.append(Evaluated(individual, outcome_of(score(genome, rng))))
    return made, encoding


def outcome_of(score: float | None) -> Outcome:
    return failure(Status.DIVERGED, "made to fail") if score is None else Outcome(Status.OK, {"score": score})
