"""Genomes as points: known distances, and what holds for any two networks."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.strategies.surrogate.embedding import Embedding
from genomes import FlatEncoding
from genomes.axes import Axis
from tests.strategies.searching import encoding

NAN = float("nan")
MLP = encoding()
EMBEDDING = Embedding(MLP.axes())
seeds = st.integers(0, 2**32)


def distance(embedding: Embedding, first: list[float], second: list[float]) -> float:
    one, two = embedding.points_of([first, second])
    return float(np.linalg.norm(one - two))


def gene_distances(embedding: Embedding, points: np.ndarray) -> np.ndarray:
    """[genes] of two points."""
    squares = (points[0] - points[1]) ** 2
    return np.sqrt([squares[embedding.groups == gene].sum() for gene in range(embedding.num_genes)])


@pytest.mark.parametrize(
    ("axes", "first", "second", "expected"),
    [
        ([Axis("a")], [0.25], [1.0], 0.75),
        ([Axis("a"), Axis("b")], [0.0, 0.0], [0.6, 0.8], 1.0),
        ([Axis("c", 2)], [0.0], [1.0], 1.0),
        ([Axis("c", 7)], [2.0], [6.0], 1.0),
        ([Axis("c", 7)], [3.0], [3.0], 0.0),
        ([Axis("w")] * 4, [0.0] * 4, [1.0] * 4, 1.0),
        ([Axis("w")] * 4, [0.0] * 4, [1.0, 0.0, 0.0, 0.0], 0.5),
        ([Axis("c", 3)] * 4, [0.0] * 4, [1.0] * 4, 1.0),
        ([Axis("c", 3)] * 4, [0.0] * 4, [2.0, 0.0, 0.0, 0.0], 0.5),
        ([Axis("a")], [NAN], [NAN], 0.0),
        ([Axis("a")], [NAN], [0.5], 0.0),
        ([Axis("a")], [NAN], [0.0], 0.5),
        ([Axis("c", 3)], [NAN], [NAN], 0.0),
    ],
)
def test_known_distances(axes: list[Axis], first: list[float], second: list[float], expected: float) -> None:
    assert distance(Embedding(axes), first, second) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("categories", [2, 3, 10])
def test_a_category_without_effect_is_as_far_from_any(categories: int) -> None:
    embedding = Embedding([Axis("c", categories)])
    away = {round(distance(embedding, [NAN], [float(i)]), 12) for i in range(categories)}
    assert len(away) == 1
    assert away.pop() < 1.0


def test_each_column_knows_its_gene() -> None:
    """Numbers come first, then a column for each category."""
    embedding = Embedding([Axis("c", 3), Axis("a"), Axis("w"), Axis("w"), Axis("d", 2)])
    assert embedding.num_genes == 4
    assert embedding.groups.tolist() == [1, 2, 2, 0, 0, 0, 3, 3]


def test_a_space_of_one_point_has_no_columns() -> None:
    embedding = Embedding(FlatEncoding.from_space({"a": 3}).axes())
    assert embedding.points_of([(), ()]).shape == (2, 0)
    assert (embedding.num_genes, embedding.whole(np.empty((2, 0)))) == (0, None)


def test_rungs_are_a_last_gene_and_candidates_are_trained_by_the_whole_recipe() -> None:
    embedding = Embedding([Axis("a"), Axis("c", 2)], with_rungs=True)
    rungs = np.array([[0.5, 1.0, 0.25], [0.5, 1.0, 1.0]])
    points = embedding.points(rungs)
    assert gene_distances(embedding, points).tolist() == [0.0, 0.0, 0.75]
    np.testing.assert_array_equal(embedding.points_of([[0.5, 1.0]])[0], points[1])
    whole = embedding.whole(rungs)
    assert whole is not None
    assert whole[:, -1].tolist() == [1.0, 1.0]
    assert rungs[0, -1] == 0.25


@given(seeds)
def test_no_gene_of_two_networks_is_farther_apart_than_one(seed: int) -> None:
    rng = random.Random(seed)
    points = EMBEDDING.points_of([MLP.coordinates(MLP.sample(rng)) for _ in range(2)])
    assert np.isfinite(points).all()
    assert gene_distances(EMBEDDING, points).max() <= 1.0 + 1e-12


@given(seeds)
def test_equal_networks_lie_at_the_same_place(seed: int) -> None:
    genome = MLP.sample(random.Random(seed))
    same = MLP.coordinates(MLP.canonical(genome))
    assert distance(EMBEDDING, list(MLP.coordinates(genome)), list(same)) == 0.0


@given(seeds)
def test_one_changed_gene_changes_that_gene_alone(seed: int) -> None:
    genome = MLP.sample(random.Random(seed))
    rate = 1e-4 if genome.genes["learning_rate"] > 1e-2 else 1e-1
    changed = type(genome)(genome.encoding, {**genome.genes, "learning_rate": rate}, genome.layers)
    points = EMBEDDING.points_of([MLP.coordinates(each) for each in (genome, changed)])
    names = list(dict.fromkeys(axis.gene for axis in MLP.axes()))
    apart = {name for name, away in zip(names, gene_distances(EMBEDDING, points), strict=True) if away}
    assert apart == {"learning_rate"}


@given(seeds, st.integers(1, 20))
def test_points_do_not_depend_on_whom_they_are_made_with(seed: int, count: int) -> None:
    rng = random.Random(seed)
    places = [MLP.coordinates(MLP.sample(rng)) for _ in range(count)]
    together = EMBEDDING.points_of(places)
    for place, point in zip(places, together, strict=True):
        np.testing.assert_array_equal(EMBEDDING.points_of([place])[0], point)
