"""Functional ANOVA: which share of a tree's variance each gene explains, alone and with others, exactly.

A tree is constant on boxes. Its mean over all genes but some is a sum over its leaves, and the covariance of two such
means a sum over pairs of leaves, whose overlaps are known gene by gene (Hutter, Hoos and Leyton-Brown 2014, "An
efficient approach for assessing hyperparameter importance"). We differ in two ways. Theirs is the covariance of a tree
with itself, which is never below 0 and counts the tree's noise as variance; between two trees that share no data noise
cancels, and a gene without effect has 0 on average. And theirs spreads every gene evenly over its range, where an
evolved run leaves most of the space to guesses; here a gene is spread as it is among the networks trained, its columns
together, and the genes are independent of each other. Where genes were drawn evenly that is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.forest import Pair, Tree
from evo_nas.report.importance.gene_table import Array, Places

MOST_POINTS = 300
"""Different values of a gene that stand for its distribution; of more, so many are drawn by chance."""

GeneSet = tuple[int, ...]
"""Numbers of blocks."""


@dataclass(frozen=True)
class Block:
    """The distribution of one gene. columns: its own, in the rows. points: [points, columns]; weights add up to 1."""

    columns: Places
    points: Array
    weights: Array


@dataclass(frozen=True)
class Boxes:
    """The leaves of a tree. values: [leaves]. inside: for each block, [points, leaves] 1 where the point lies in the
    leaf's box, else 0."""

    values: Array
    inside: tuple[Array, ...]


@dataclass(frozen=True)
class Shares:
    """total: the variance of a tree, or the covariance of two; of_sets: what each set of genes has of it by itself, the
    smaller sets within included."""

    total: float
    of_sets: tuple[float, ...]


def block_of(rows: Array, columns: Places, key: tuple[KeyPart, ...]) -> Block:
    """The gene in these columns as it is spread in the rows."""
    part = rows[:, columns]
    points, counts = np.unique(part, axis=0, return_counts=True)
    if len(points) > MOST_POINTS:
        drawn = part[array_stream(*key, "points").permutation(len(part))[:MOST_POINTS]]
        points, counts = np.unique(drawn, axis=0, return_counts=True)
    return Block(columns, points, counts / counts.sum())


def boxes_of(tree: Tree, blocks: Sequence[Block], num_columns: int) -> Boxes:
    """The leaves of a tree."""
    structure = tree.fitted.tree_
    low = np.full((structure.node_count, num_columns), -np.inf)
    high = np.full((structure.node_count, num_columns), np.inf)
    splits = zip(structure.children_left, structure.children_right, structure.feature, structure.threshold, strict=True)
    for node, (left, right, column, threshold) in enumerate(splits):
        if left >= 0:
            low[[left, right]], high[[left, right]] = low[node], high[node]
            high[left, column] = low[right, column] = threshold
    leaves = structure.children_left < 0
    inside = tuple(_inside(tree, block, low[leaves], high[leaves]) for block in blocks)
    return Boxes(structure.value[leaves, 0, 0], inside)


def shares_of(first: Boxes, second: Boxes, weights: Sequence[Array], sets: Iterable[GeneSet]) -> Shares:
    """Of two trees, or of one with itself. weights: of each block's points. Cost: leaves squared for each set."""
    pairs = zip(first.inside, second.inside, weights, strict=True)
    overlaps = [(one * weight[:, None]).T @ other for one, other, weight in pairs]
    one, other = (_volumes(boxes, weights) for boxes in (first, second))
    mean = float(_weighted(first, one, ()).sum() * _weighted(second, other, ()).sum())

    def covariance(genes: GeneSet) -> float:
        overlap = np.multiply.reduce([overlaps[gene] for gene in genes])
        return float(_weighted(first, one, genes) @ overlap @ _weighted(second, other, genes)) - mean

    return Shares(covariance(tuple(range(len(weights)))), tuple(covariance(genes) for genes in sets))


def pair_shares(
    pairs: Iterable[Pair], blocks: Sequence[Block], num_columns: int, sets: Sequence[GeneSet]
) -> list[Shares]:
    """The shares of every pair of trees that share no data."""
    weights = [block.weights for block in blocks]
    return [
        shares_of(boxes_of(pair.first, blocks, num_columns), boxes_of(pair.second, blocks, num_columns), weights, sets)
        for pair in pairs
    ]


def _inside(tree: Tree, block: Block, low: Array, high: Array) -> Array:
    inside = np.ones((len(block.points), len(low)), dtype=bool)
    for number, column in enumerate(block.columns):
        place = tree.seen(block.points[:, number, None], column)
        inside &= (place > low[:, column]) & (place <= high[:, column])
    return inside.astype(np.float64)


def _volumes(boxes: Boxes, weights: Sequence[Array]) -> Array:
    """[blocks, leaves] the share of a gene's distribution that lies in each box."""
    return np.array([weight @ inside for weight, inside in zip(weights, boxes.inside, strict=True)])


def _weighted(boxes: Boxes, volumes: Array, genes: GeneSet) -> Array:
    """[leaves] the value of each leaf times the share of all other genes that lies in its box."""
    return np.asarray(boxes.values * np.prod(np.delete(volumes, genes, axis=0), axis=0))
