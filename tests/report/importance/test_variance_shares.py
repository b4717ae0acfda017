from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor

from evo_nas.individual import Evaluated
from evo_nas.report.importance import Estimate
from evo_nas.report.importance.division import divided
from evo_nas.report.importance.forest import Tree, grow
from evo_nas.report.importance.gene_table import gene_table
from evo_nas.report.importance.variance_shares import Block, block_of, boxes_of, shares_of
from genomes import Encoding, Genome
from tests.report.importance.made_networks import networks_of, uniform

BLOCKS = [
    Block((0,), np.array([[0.0], [0.5], [1.0]]), np.array([0.5, 0.25, 0.25])),
    Block((1, 3), np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.25]]), np.array([0.25, 0.25, 0.5])),
    Block((2,), np.array([[0.0], [1.0]]), np.array([0.5, 0.5])),
]


def fitted(seed: int) -> Tree:
    draws = np.random.default_rng(seed)
    rows = draws.integers(0, 5, (40, 4)) / 4
    values = rows[:, 0] * rows[:, 1] + (rows[:, 2] > 0.5) * rows[:, 3] + draws.normal(0, 0.1, 40)
    fitted_tree = DecisionTreeRegressor(min_samples_leaf=2, random_state=seed).fit(rows, values)
    return Tree(fitted_tree, {})


def product_space() -> tuple[np.ndarray, np.ndarray, list[tuple[int, ...]]]:
    """Every combination of the blocks' points as a row, its weight, and which point it has of each block."""
    chosen = list(itertools.product(*(range(len(block.points)) for block in BLOCKS)))
    rows, weights = np.empty((len(chosen), 4)), np.ones(len(chosen))
    for row, points in enumerate(chosen):
        for block, point in zip(BLOCKS, points, strict=True):
            rows[row, list(block.columns)] = block.points[point]
            weights[row] *= block.weights[point]
    return rows, weights, chosen


def covariance_by_hand(first: np.ndarray, second: np.ndarray, kept: tuple[int, ...]) -> float:
    """Average two functions over all blocks but those kept, and take the covariance of what is left."""
    _, weights, chosen = product_space()
    cells: dict[tuple[int, ...], np.ndarray] = {}
    for points, weight, one, other in zip(chosen, weights, first, second, strict=True):
        key = tuple(points[block] for block in kept)
        cells[key] = cells.get(key, np.zeros(3)) + weight * np.array([1.0, one, other])
    product = sum(one * other / weight for weight, one, other in cells.values())
    return float(product - (weights @ first) * (weights @ second))


@given(st.integers(0, 1000), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_shares_are_those_of_every_combination_tried_one_by_one(one: int, other: int) -> None:
    sets = [kept for size in (1, 2, 3) for kept in itertools.combinations(range(3), size)]
    trees = fitted(one), fitted(other)
    rows, _, _ = product_space()
    first, second = (tree.predict(rows) for tree in trees)
    boxes = [boxes_of(tree, BLOCKS, 4) for tree in trees]
    found = shares_of(*boxes, [block.weights for block in BLOCKS], sets)
    assert found.of_sets == pytest.approx([covariance_by_hand(first, second, kept) for kept in sets], abs=1e-12)
    assert found.total == pytest.approx(found.of_sets[-1], abs=1e-12)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_of_a_tree_with_itself_no_share_is_negative_and_none_exceeds_the_whole(seed: int) -> None:
    boxes = boxes_of(fitted(seed), BLOCKS, 4)
    found = shares_of(boxes, boxes, [block.weights for block in BLOCKS], [(0,), (1,), (2,), (0, 1)])
    assert min(found.of_sets) > -1e-12
    assert sum(found.of_sets[:3]) <= found.total + 1e-12
    assert found.of_sets[3] >= found.of_sets[0] + found.of_sets[1] - 1e-12


def test_a_block_is_spread_as_the_rows_are() -> None:
    rows = np.array([[0.5, 1.0], [0.5, 1.0], [0.25, 0.0], [0.5, 1.0]])
    block = block_of(rows, (1, 0), ("a",))
    assert block.points.tolist() == [[0.0, 0.25], [1.0, 0.5]]
    assert block.weights.tolist() == [0.25, 0.75]


def shares_and_interactions(
    made: list[Evaluated], encoding: Encoding
) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Of each gene, and of each pair, strongest first; without the other measures."""
    table = gene_table([each.individual.genome for each in made], encoding)
    forest = grow(
        table.rows,
        np.array([each.outcome.metrics["score"] for each in made]),
        ("a",),
        categories=table.categories(),
        num_pairs=16,
    )
    rows = [row for gene in table.genes for row in gene.rows()]
    shares, pairs, _ = divided(forest, rows, [Estimate(0.0, 0.0, 0.0)] * len(rows), ("a",))
    alone = {row.gene.name: share.value for row, share in zip(rows, shares, strict=True) if share}
    return alone, {(pair.first, pair.second): pair.share.value for pair in pairs}


def test_ishigami() -> None:
    """Ishigami and Homma (1990), a = 7, b = 0.1: variances by hand, the third matters only together with the first."""

    def score(genome: Genome, rng: random.Random) -> float:
        one, two, three = (float(genome.genes[name]) for name in "xyz")
        return math.sin(one) + 7 * math.sin(two) ** 2 + 0.1 * three**4 * math.sin(one)

    alone, together = shares_and_interactions(*networks_of(uniform(-math.pi, math.pi, "x", "y", "z"), 1200, score))
    assert alone == pytest.approx({"x": 0.314, "y": 0.442, "z": 0.0}, abs=0.06)
    assert together == pytest.approx({("x", "z"): 0.244, ("x", "y"): 0.0, ("y", "z"): 0.0}, abs=0.06)


def test_a_sum_of_products() -> None:
    """f = x + 2 (y - 1/2) z on [0, 1]^3: variances 1/12, 1/12 of y with z at its mean, 1/36 of y and z together."""

    def score(genome: Genome, rng: random.Random) -> float:
        return genome.genes["x"] + 2.0 * (genome.genes["y"] - 0.5) * genome.genes["z"]

    alone, together = shares_and_interactions(*networks_of(uniform(0.0, 1.0, "x", "y", "z"), 600, score))
    assert alone == pytest.approx({"x": 3 / 7, "y": 3 / 7, "z": 0.0}, abs=0.09)
    assert together == pytest.approx({("y", "z"): 1 / 7, ("x", "y"): 0.0, ("x", "z"): 0.0}, abs=0.06)


def test_optunas_evaluator_says_the_same() -> None:
    """On linear scales: it spreads every gene evenly over its plain range, a rate on a log scale too.

    By hand, of f = m (1 + g) + d^2: variances 1.425^2 / 12 of m, 4 / 45 of d, 0.1419 / 4 of g, 0.1419 / 12 together.
    """
    optuna = pytest.importorskip("optuna")
    gain = {"relu": 0.0, "tanh": 0.5, "selu": 1.0, "gelu": 0.2}
    space = {**uniform(0.0, 1.0, "momentum", "decay", "dropout"), "steps": [16, 32, 64, 128], "activation": [*gain]}

    def value(genome: Genome, rng: random.Random) -> float:
        return genome.genes["momentum"] * (1 + gain[genome.genes["activation"]]) + genome.genes["decay"] ** 2

    made, encoding = networks_of(space, 300, value)
    distributions = {
        **{name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in ("momentum", "decay", "dropout")},
        "steps": optuna.distributions.CategoricalDistribution([16, 32, 64, 128]),
        "activation": optuna.distributions.CategoricalDistribution([*gain]),
    }
    study = optuna.create_study(direction="maximize")
    for each in made:
        genes, told = dict(each.individual.genome.genes), each.outcome.metrics["score"]
        study.add_trial(optuna.trial.create_trial(params=genes, distributions=distributions, value=told))
    theirs = optuna.importance.FanovaImportanceEvaluator(n_trees=32, seed=0).evaluate(study)
    alone, _ = shares_and_interactions(made, encoding)
    assert alone == pytest.approx(dict(theirs), abs=0.1)
    truth = {"momentum": 0.554, "decay": 0.291, "activation": 0.116, "steps": 0.0, "dropout": 0.0}
    assert alone == pytest.approx(truth, abs=0.06)
