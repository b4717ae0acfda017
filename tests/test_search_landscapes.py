"""Landscapes: the best network is the best, and what is said about them holds."""

from __future__ import annotations

import random
from statistics import median

import pytest

from experiments.search.landscapes import LANDSCAPES, Landscape, network_of
from experiments.search.problem import Point

ALL = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=list(LANDSCAPES))


def best_point(landscape: Landscape) -> Point:
    best = landscape.best_network
    layers = [(round(width), 0, dropout) for width, dropout in zip(best.widths, best.dropouts, strict=True)]
    layers += [layers[-1]] * (5 - len(layers))
    return (best.rate, 2, best.l2, len(best.widths), *(value for layer in layers for value in layer))


@ALL
def test_no_random_network_is_better_than_the_best(landscape: Landscape) -> None:
    rng = random.Random(1)
    best = best_point(landscape)
    assert landscape.regret(best) == pytest.approx(0.0, abs=1e-3)
    assert landscape.share(best) == 0.0
    for _ in range(1_000):
        assert landscape.regret(landscape.point_of(landscape.encoding.sample(rng))) > landscape.regret(best)


@ALL
def test_a_step_away_from_the_best_in_any_gene_is_worse(landscape: Landscape) -> None:
    best = best_point(landscape)
    for number, gene in enumerate(landscape.genes.values()):
        layer = (number - 4) // 3
        if number >= 4 and layer >= int(best[3]):
            continue  # beyond the depth: without effect
        value = best[number] if number not in (1, 5, 8, 11, 14, 17) else gene.values[int(best[number])]  # type: ignore[union-attr]
        moved = gene.step(value, random.Random(number))
        place = gene.values.index(moved) if number in (1, 5, 8, 11, 14, 17) else moved  # type: ignore[union-attr]
        assert landscape.truth((*best[:number], place, *best[number + 1 :])) > landscape.truth(best)


@ALL
def test_the_median_training_is_the_truth_and_luck_is_monotonic(landscape: Landscape) -> None:
    point = best_point(landscape)
    values = [landscape.value(point, luck / 1000) for luck in range(1000)]
    assert values == sorted(values)
    assert median(values) == pytest.approx(landscape.truth(point), rel=1e-2)


@ALL
def test_large_rates_diverge(landscape: Landscape) -> None:
    best = best_point(landscape)
    assert landscape.value((0.1 * 10, *best[1:]), 0.5) > 10 * landscape.truth(best)


@ALL
def test_layers_beyond_the_depth_have_no_effect(landscape: Landscape) -> None:
    point = landscape.point_of(landscape.encoding.default())
    depth = int(point[3])
    other = (*point[: 4 + 3 * depth], *(9, 1, 0.4) * (5 - depth))
    assert network_of(other) == network_of(point)
    assert len(other) == len(landscape.genes)
