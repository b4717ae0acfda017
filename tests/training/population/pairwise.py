"""A small covering array: rows of values in which every pair of values of two factors occurs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Factors = Mapping[str, Sequence[Hashable]]
Pair = frozenset[tuple[str, Hashable]]


def all_pairs(factors: Factors) -> set[Pair]:
    """Every pair of values of two different factors."""
    return {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(factors, 2)
        for a, b in product(factors[one], factors[other])
    }


def pairs_in(row: Mapping[str, Any]) -> set[Pair]:
    """The pairs that a row covers."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def covering_rows(factors: Factors) -> list[dict[str, Any]]:
    """Rows that cover all pairs, greedily: each begins with a pair that is missing and takes what covers most."""
    missing = sorted(all_pairs(factors), key=lambda pair: sorted(map(repr, pair)))
    rows = []
    while missing:
        row = dict(missing[0])
        open_pairs = set(missing)
        for name in (name for name in factors if name not in row):
            gains = [sum(frozenset({(name, v), item}) in open_pairs for item in row.items()) for v in factors[name]]
            row[name] = factors[name][gains.index(max(gains))]
        rows.append({name: row[name] for name in factors})
        covered = pairs_in(row)
        missing = [pair for pair in missing if pair not in covered]
    return rows
