"""Which values of genes cause failures: the share of networks that failed with a value, against all others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evo_nas.report.importance.correlation import holm
from evo_nas.report.importance.gene_table import GeneTable, TableGene
from evo_nas.report.importance.permutation import DEVIATIONS
from evo_nas.report.importance.records import Estimate, FailureShare

NUM_RANGES = 5
"""A range, or a gene with more values in order, is looked at in so many equal parts of its scale."""
LEAST_NETWORKS = 3
"""With a value, so that it is told of."""
SAME = 1e-9
"""Places that are equal but for a rounding of the gene's scale."""


def failure_shares(table: GeneTable, failed: NDArray[np.bool_]) -> tuple[FailureShare, ...]:
    """A row for each value of each gene, smallest p-value first; empty where nothing or everything failed.

    failed: [networks]. A gene of layers counts wherever a layer has the value, whichever it is.
    """
    if failed.all() or not failed.any():
        return ()
    shown = [(gene, text, there) for gene in table.genes for text, there in _values(table, gene) if _told(there)]
    rows = [_counted(there, failed) for _, _, there in shown]
    p_values = holm([_fisher_p(with_value, without) for with_value, without in rows])
    told = [
        _share(gene, text, row, p_value) for (gene, text, _), row, p_value in zip(shown, rows, p_values, strict=True)
    ]
    return tuple(sorted(told, key=lambda row: (row.p_value, -row.share.value, row.gene, row.values)))


def wilson(failures: int, count: int) -> Estimate:
    """A share with its interval of 95 % (Wilson 1927); count at least 1."""
    share, squared = failures / count, DEVIATIONS**2 / count
    middle = (share + squared / 2.0) / (1.0 + squared)
    reach = DEVIATIONS / (1.0 + squared) * (share * (1.0 - share) / count + squared / (4.0 * count)) ** 0.5
    return Estimate(share, min(max(middle - reach, 0.0), share), max(min(middle + reach, 1.0), share))


def _values(table: GeneTable, gene: TableGene) -> list[tuple[str, NDArray[np.bool_]]]:
    """Each value or range of values as a text, and which networks have it."""
    part = table.rows[:, gene.columns]
    places = gene.axis(NUM_RANGES + 1).places
    if gene.categories or len(places) <= NUM_RANGES:
        return [(gene.label(place), _any(np.abs(part - place) < SAME)) for place in places]
    edges = np.linspace(0.0, 1.0, NUM_RANGES + 1).tolist()
    return [
        (
            f"{gene.label(low)} to {gene.label(high)}",
            _any((part >= low) & (part < high if high < 1.0 else part <= high)),
        )
        for low, high in pairwise(edges)
    ]


def _any(columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(columns.any(axis=1))


def _told(there: NDArray[np.bool_]) -> bool:
    return bool(there.sum() >= LEAST_NETWORKS and not there.all())


def _counted(there: NDArray[np.bool_], failed: NDArray[np.bool_]) -> tuple[tuple[int, int], tuple[int, int]]:
    """(failures, networks) with the value, and without."""
    return (int((failed & there).sum()), int(there.sum())), (int((failed & ~there).sum()), int((~there).sum()))


def _fisher_p(with_value: tuple[int, int], without: tuple[int, int]) -> float:
    from scipy.stats import fisher_exact

    table: Sequence[Sequence[int]] = [[failures, count - failures] for failures, count in (with_value, without)]
    return float(fisher_exact(table)[1])


def _share(gene: TableGene, text: str, row: tuple[tuple[int, int], tuple[int, int]], p_value: float) -> FailureShare:
    (failures, count), (other_failures, others) = row
    return FailureShare(gene.name, text, count, failures, wilson(failures, count), other_failures / others, p_value)
