"""One gene gives all the gain: every measure must say so, and nothing must be said of the others."""

from __future__ import annotations

import math
import random
from collections import Counter
from statistics import fmean

import pytest

from evo_nas.report.importance import GeneImportance, ObjectiveImportance, analyse
from genomes import Genome
from tests.report.importance.made_networks import DENSE, FLAT, SCORE, networks_of

MEASURES = ("correlation", "permutation", "share")


def strength(row: GeneImportance, measure: str) -> float:
    """Rho squared and epsilon squared are both shares of the variance of ranks."""
    estimate = getattr(row, measure)
    return estimate.value**2 if measure == "correlation" and row.kind == "number" else estimate.value


def planted(genome: Genome, rng: random.Random) -> float:
    return math.log10(genome.genes["rate"]) / 3 + rng.gauss(0.0, 0.15)


def told(seed: int, count: int = 80) -> ObjectiveImportance:
    made, encoding = networks_of(FLAT, count, planted, seed=seed)
    return analyse(made, encoding, SCORE, seed).objectives[0]


def check_planted(seeds: range) -> None:
    first: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    noise: list[float] = []
    for seed in seeds:
        genes = told(seed).whole_genes
        for measure in MEASURES:
            first[measure] += max(genes, key=lambda row: strength(row, measure)).gene == "rate"
            covered[measure] += sum(getattr(row, measure).covers_zero for row in genes if row.gene != "rate")
        noise += [row.share.value for row in genes if row.gene != "rate" and row.share]
    assert all(first[measure] >= 0.95 * len(seeds) for measure in MEASURES), first
    assert all(covered[measure] >= 0.88 * 5 * len(seeds) for measure in MEASURES), covered
    assert abs(fmean(noise)) < 0.01


def test_the_planted_gene_comes_first_and_noise_covers_nothing() -> None:
    check_planted(range(3))


@pytest.mark.slow
def test_the_planted_gene_comes_first_in_nineteen_of_twenty_seeds() -> None:
    check_planted(range(20))


def test_without_any_effect_nothing_is_divided() -> None:
    made, encoding = networks_of(FLAT, 80, lambda genome, rng: rng.gauss(0.0, 1.0))
    found = analyse(made, encoding, SCORE).objectives[0]
    assert found.explained is not None
    assert found.explained < 0.1
    assert not found.interactions
    assert not found.effects
    assert all(row.share is None for row in found.genes)
    assert all(row.p_value is None or row.p_value > 0.01 for row in found.genes)
    assert any("too little to divide" in note for note in found.notes)


def test_a_gene_that_an_optimizer_switches_does_not_take_the_optimizers_place() -> None:
    """Nesterov has an effect under sgd alone, so its absence tells the optimizer; it must not be told to matter."""

    def score(genome: Genome, rng: random.Random) -> float:
        return float(genome.genes["optimizer"] == "sgd") + rng.gauss(0.0, 0.1)

    made, encoding = networks_of(DENSE, 120, score)
    genes = {row.gene: row for row in analyse(made, encoding, SCORE).objectives[0].whole_genes}
    assert genes["optimizer"].share is not None
    assert genes["optimizer"].share.value > 0.8
    assert genes["nesterov"].permutation is not None
    assert genes["nesterov"].permutation.covers_zero
    assert 0 < genes["nesterov"].num_networks < genes["optimizer"].num_networks == 120


def test_what_happens_in_the_first_layer_is_told_of_the_first_layer() -> None:
    def score(genome: Genome, rng: random.Random) -> float:
        return math.log(genome.layers[0]["width"]) + rng.gauss(0.0, 0.1)

    made, encoding = networks_of(DENSE, 150, score)
    found = analyse(made, encoding, SCORE).objectives[0]
    assert found.whole_genes[0].gene == "width"
    parts = {row.part: row.permutation.value for row in found.genes if row.gene == "width" and row.permutation}
    assert list(parts) == ["", "first layer", "layers in between", "last layer"]
    assert parts["first layer"] > 3 * max(parts["layers in between"], parts["last layer"])


def test_the_same_arguments_give_the_same_numbers_and_another_seed_others() -> None:
    made, encoding = networks_of(FLAT, 40, planted)
    assert analyse(made, encoding, SCORE, 1) == analyse(made, encoding, SCORE, 1)
    assert analyse(made, encoding, SCORE, 1) != analyse(made, encoding, SCORE, 2)
