from __future__ import annotations

from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.report.page.diversity import MOST_COMPARED, gene_spread
from genomes import FlatEncoding, Genome
from tests.report.page.records import FLAT

NUMBERS = FlatEncoding.from_space({"rate": {"low": 0.0, "high": 1.0}})
KINDS = FlatEncoding.from_space({"kind": ["a", "b", "c"]})


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20))
def test_numbers_are_as_far_apart_as_all_their_pairs(rates: list[float]) -> None:
    rates = [rate + 0.0 for rate in rates]
    expected = fmean(abs(one - other) for one, other in combinations(rates, 2))
    found = gene_spread(NUMBERS, [Genome("flat", {"rate": rate}) for rate in rates])
    assert found == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=20))
def test_categories_are_as_far_apart_as_all_their_pairs(kinds: list[str]) -> None:
    expected = fmean(one != other for one, other in combinations(kinds, 2))
    assert gene_spread(KINDS, [Genome("flat", {"kind": kind}) for kind in kinds]) == pytest.approx(expected)


def test_nothing_to_compare() -> None:
    alone = Genome("flat", {"rate": 0.5, "kind": "a"})
    assert gene_spread(None, [alone, alone]) is None
    assert gene_spread(FLAT, [alone]) is None
    assert gene_spread(FLAT, [alone, Genome("mlp", {})]) is None
    assert gene_spread(FLAT, [alone] * (3 * MOST_COMPARED)) == 0.0
