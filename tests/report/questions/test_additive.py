"""How sure the additive model is of single changes, against functions that are known."""

from __future__ import annotations

import random

import numpy as np

from evo_nas.report.questions.additive import AdditiveModel
from genomes import FlatEncoding, Genome

SPACE = FlatEncoding.from_space(
    {"encoding": "flat", "loud": ["a", "b", "c"], "quiet": {"low": 1, "high": 9}, "idle": {"low": 0.0, "high": 1.0}}
)
STEP, NOISE = 0.02, 0.1


def model_of(seed: int) -> AdditiveModel:
    """Of 25 networks: one gene is worth far more than the noise, one far less, one nothing."""
    rng = random.Random(seed)
    genomes = [SPACE.sample(rng) for _ in range(25)]
    scores = [
        {"a": 0.0, "b": 1.0, "c": -1.0}[str(each.genes["loud"])]
        + STEP * float(each.genes["quiet"])
        + rng.gauss(0.0, NOISE)
        for each in genomes
    ]
    return AdditiveModel(SPACE, genomes, np.array(scores), np.full(25, NOISE**2))


def genome(**genes: object) -> Genome:
    return Genome("flat", {"loud": "a", "quiet": 3, "idle": 0.5, **genes})


def surprise(seed: int, changed: Genome, truth: float) -> float:
    """By how many of its own standard deviations the model is wrong about a change."""
    found = model_of(seed).difference(changed, genome())
    return abs(found.mean - truth) / float(np.sqrt(found.variance))


def test_what_is_hidden_in_the_noise_is_not_held_to_be_nothing() -> None:
    of_the_quiet = [surprise(seed, genome(quiet=7), 4 * STEP) for seed in range(20)]
    assert sum(each < 2.0 for each in of_the_quiet) >= 18
    assert max(of_the_quiet) < 4.0


def test_what_stands_out_of_the_noise_is_known_within_it() -> None:
    found = [model_of(seed).difference(genome(loud="b"), genome()) for seed in range(20)]
    assert sum(abs(each.mean - 1.0) < 2.0 * each.variance**0.5 for each in found) >= 18
    assert max(each.variance**0.5 for each in found) < NOISE
