from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kruskal, spearmanr

from evo_nas.report.importance.correlation import correlation, epsilon_squared, holm, spearman

SIXTEEN = np.arange(16.0)


def test_spearman_is_scipys() -> None:
    draws = np.random.default_rng(0)
    for _ in range(20):
        one, other = draws.integers(0, 6, 30).astype(float), draws.normal(size=30)
        assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


def test_epsilon_squared_is_kruskals_statistic_less_what_chance_gives() -> None:
    draws = np.random.default_rng(1)
    gene, values = draws.integers(0, 3, 40).astype(float), draws.integers(0, 9, 40).astype(float)
    statistic = kruskal(*[values[gene == category] for category in (0, 1, 2)]).statistic
    assert epsilon_squared(gene, values) == pytest.approx((statistic - 3 + 1) / (40 - 3), abs=1e-12)


@pytest.mark.parametrize(
    ("gene", "values", "categories"),
    [
        (SIXTEEN, np.ones(16), False),
        (np.ones(16), SIXTEEN, False),
        (np.ones(16), SIXTEEN, True),
        (SIXTEEN, SIXTEEN, True),  # no category holds two networks
        (SIXTEEN[:7], SIXTEEN[:7], False),  # too few
        (np.where(SIXTEEN < 9, np.nan, SIXTEEN), SIXTEEN, False),  # too few in which it has an effect
    ],
)
def test_what_does_not_vary_has_no_correlation(gene: np.ndarray, values: np.ndarray, categories: bool) -> None:
    assert correlation(gene, values, categories=categories, key=("a",)) is None


def test_a_gene_that_orders_the_values_has_rho_1_without_doubt() -> None:
    found = correlation(SIXTEEN, SIXTEEN**3, categories=False, key=("a",))
    assert found is not None
    assert (found.estimate.value, found.estimate.low, found.estimate.high) == pytest.approx((1.0, 1.0, 1.0))
    assert found.p_value < 1e-9


def test_networks_in_which_a_gene_has_no_effect_are_left_out() -> None:
    gene = np.concatenate([SIXTEEN, np.full(50, np.nan)])
    values = np.concatenate([SIXTEEN, np.random.default_rng(0).normal(size=50)])
    found = correlation(gene, values, categories=False, key=("a",))
    assert found is not None
    assert found.estimate.value == pytest.approx(1.0)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0.0, 1.0), max_size=20))
def test_holm_keeps_the_order_and_lowers_nothing(p_values: list[float]) -> None:
    corrected = holm(p_values)
    assert all(before <= after <= 1.0 for before, after in zip(p_values, corrected, strict=True))
    order = sorted(range(len(p_values)), key=lambda number: p_values[number])
    assert [corrected[number] for number in order] == sorted(corrected)


@given(arrays(float, 12, elements=st.integers(0, 3)), arrays(float, 12, elements=st.integers(-5, 5)), st.booleans())
def test_an_interval_holds_its_value_and_is_finite(gene: np.ndarray, values: np.ndarray, categories: bool) -> None:
    found = correlation(gene, values, categories=categories, key=("a",))
    if found is not None:
        assert -1.0 <= found.estimate.low <= found.estimate.value <= found.estimate.high <= 1.0
        assert 0.0 <= found.p_value <= 1.0
