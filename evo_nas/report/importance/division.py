"""The variance divided among genes and pairs of genes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from evo_nas.randomness import KeyPart
from evo_nas.report.importance.forest import Forest
from evo_nas.report.importance.gene_table import Array, Row
from evo_nas.report.importance.records import Estimate, Interaction
from evo_nas.report.importance.variance_shares import block_of, pair_shares

MOST_PAIRED = 12
"""Only the genes that matter most, so many of them, are looked at in pairs."""

Division = tuple[Sequence[Estimate | None], tuple[Interaction, ...], tuple[str, ...]]
"""The share of each row, None for a part of a gene; the interactions, strongest first; and what is to be said."""


def divided(forest: Forest, rows: Sequence[Row], permutation: Sequence[Estimate], key: tuple[KeyPart, ...]) -> Division:
    """Divide the variance of a forest. rows: each gene's as a whole, and its parts; with their permutation importance,
    by which it is decided who is looked at in pairs.
    """
    whole = [number for number, row in enumerate(rows) if not row.part]
    leading = sorted(range(len(whole)), key=lambda gene: -permutation[whole[gene]].value)[:MOST_PAIRED]
    pairs = list(combinations(sorted(leading), 2))
    portions = _portions(forest, [rows[number] for number in whole], pairs, key)
    if portions is None:
        note = "the halves of the networks do not agree on anything, so there are no shares or interactions"
        return [None] * len(rows), (), (note,)
    shares: list[Estimate | None] = [None] * len(rows)
    for gene, number in enumerate(whole):
        shares[number] = _spread(portions[:, gene])
    names = [rows[number].gene.name for number in whole]
    return shares, _interactions(portions, names, pairs), _left_out(len(whole) - len(leading))


def _portions(
    forest: Forest, genes: Sequence[Row], pairs: Sequence[tuple[int, int]], key: tuple[KeyPart, ...]
) -> Array | None:
    """[pairs of trees, genes and then pairs of genes] each one's part of the mean variance; None where that is none."""
    blocks = [block_of(forest.rows, row.columns, (*key, row.gene.name)) for row in genes]
    alone = [(gene,) for gene in range(len(genes))]
    told = pair_shares(forest.pairs, blocks, forest.rows.shape[1], [*alone, *pairs])
    total = float(np.mean([shares.total for shares in told]))
    return np.array([shares.of_sets for shares in told]) / total if total > 0.0 else None


def _interactions(portions: Array, names: Sequence[str], pairs: Sequence[tuple[int, int]]) -> tuple[Interaction, ...]:
    together = portions[:, len(names) :].T
    found = [
        Interaction(names[one], names[other], _spread(both - portions[:, one] - portions[:, other]))
        for (one, other), both in zip(pairs, together, strict=True)
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.share.value, pair.first, pair.second)))


def _spread(portions: Array) -> Estimate:
    mean = float(np.mean(portions))
    low, high = np.clip(np.quantile(portions, (0.025, 0.975)), -1.0, 1.0).tolist()
    return Estimate(mean, min(low, mean), max(high, mean))


def _left_out(count: int) -> tuple[str, ...]:
    told = f"pairs were looked at among the {MOST_PAIRED} genes that matter most, not the other {count}"
    return (told,) if count else ()
