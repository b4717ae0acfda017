"""What the forest expects of each value of a gene, and of two genes together, and how many networks stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import KeyPart, array_stream
from evo_nas.report.importance.forest import Forest
from evo_nas.report.importance.gene_table import Array, GeneTable, TableGene
from evo_nas.report.importance.records import Axis, Effect, Surface

NUM_PLACES = 21
NUM_SURFACE_PLACES = 9
MOST_OTHERS = 200
"""So many networks lend the values of their other genes."""
MOST_MARKS = 500
BAND = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Scale:
    """What the forest calls 0, and 1 more than that, in the objective's unit."""

    centre: float
    unit: float


@dataclass(frozen=True)
class Evidence:
    """A forest, the networks that it was grown on (its rows, in its order), and all networks, which are counted.

    scale: from the forest's numbers to the objective's.
    """

    forest: Forest
    grown_on: GeneTable
    trained: GeneTable
    scale: Scale
    key: tuple[KeyPart, ...]


def effect_of(evidence: Evidence, gene: TableGene) -> Effect:
    """The mean effect of a gene, whose columns all move together, over networks in which it has an effect."""
    axis = gene.axis(NUM_PLACES)
    others = _others(evidence, (gene,))
    expected = _expected(evidence, others, [(gene, place) for place in axis.places])
    low, high = np.quantile(expected, BAND, axis=0)
    mean = expected.mean(axis=0)
    trained = evidence.trained.values(gene)
    trained = trained[~np.isnan(trained)]
    counts = np.bincount(_nearest(trained, axis), minlength=len(axis.places))
    return Effect(
        axis,
        tuple(mean.tolist()),
        tuple(np.minimum(low, mean).tolist()),
        tuple(np.maximum(high, mean).tolist()),
        tuple(counts.tolist()),
        tuple(trained[:: -(-len(trained) // MOST_MARKS) or 1].tolist()),
    )


def surface_of(evidence: Evidence, one: TableGene, other: TableGene) -> Surface:
    """The mean effect of two genes at once."""
    first, second = one.axis(NUM_SURFACE_PLACES), other.axis(NUM_SURFACE_PLACES)
    others = _others(evidence, (one, other))
    along = [(other, place) for place in second.places]
    mean = [_expected(evidence, _moved(others, one, place), along).mean(axis=0) for place in first.places]
    counts = _joint_counts(evidence.trained.values(one), evidence.trained.values(other), first, second)
    return Surface(
        first,
        second,
        tuple(tuple(row.tolist()) for row in mean),
        tuple(tuple(row) for row in counts.tolist()),
    )


def _others(evidence: Evidence, genes: Sequence[TableGene]) -> Array:
    """Some of the networks in which the genes have an effect, or of all where there is none."""
    there = np.logical_and.reduce([evidence.grown_on.has_effect(gene) for gene in genes])
    rows = evidence.forest.rows[there] if there.any() else evidence.forest.rows
    drawn = array_stream(*evidence.key, *(gene.name for gene in genes), "others").permutation(len(rows))[:MOST_OTHERS]
    return np.asarray(rows[drawn])


def _moved(rows: Array, gene: TableGene, place: float) -> Array:
    moved = rows.copy()
    moved[:, gene.columns] = place
    return moved


def _expected(evidence: Evidence, others: Array, settings: list[tuple[TableGene, float]]) -> Array:
    """[trees, settings] the mean of each tree over the other genes."""
    rows = np.concatenate([_moved(others, gene, place) for gene, place in settings])
    told = [tree.predict(rows).reshape(len(settings), -1).mean(axis=1) for tree in evidence.forest.trees]
    return evidence.scale.centre + evidence.scale.unit * np.array(told)


def _nearest(values: Array, axis: Axis) -> NDArray[np.intp]:
    places = np.array(axis.places)
    return np.asarray(np.searchsorted((places[1:] + places[:-1]) / 2.0, values), dtype=np.intp)


def _joint_counts(one: Array, other: Array, first: Axis, second: Axis) -> NDArray[np.intp]:
    there = ~(np.isnan(one) | np.isnan(other))
    counts = np.zeros((len(first.places), len(second.places)), dtype=np.intp)
    np.add.at(counts, (_nearest(one[there], first), _nearest(other[there], second)), 1)
    return counts
