"""Paired tests and Holm's correction, with answers that can be counted by hand and those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evo_nas.report.paired_tests import MOST_EXACT_PAIRS, holm, paired_p, sign_flip_p, smallest_p


def test_five_pairs_of_one_sign_give_the_smallest_p_there_is() -> None:
    assert sign_flip_p([0.1, 0.2, 0.3, 0.05, 0.4]) == smallest_p(5) == 1 / 16


def test_counted_by_hand() -> None:
    """Of 1, 2, -3 every sum of signs is 0 (twice), or 2, 4 or 6 either way: all are at least 0 away."""
    assert sign_flip_p([1.0, 2.0, -3.0]) == 1.0
    assert sign_flip_p([1.0, 2.0, 4.0, -0.5]) == 4 / 16
    assert paired_p([0.0, 0.0, 0.0]) == 1.0
    assert paired_p([]) == smallest_p(0) == 1.0


def test_sums_that_are_equal_on_paper_count() -> None:
    """0.1 + 0.2 - 0.3 is not 0 in floats; turned around it must still count."""
    assert sign_flip_p([0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) == 2 / 64
    assert sign_flip_p([0.3, -0.1, -0.2]) == 1.0


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=8))
def test_it_is_scipys_permutation_test(differences: list[float]) -> None:
    values = np.round(differences, 3)
    found = sign_flip_p(values.tolist())
    expected = stats.permutation_test(
        (values, np.zeros(len(values))),
        lambda a, b: np.round(np.mean(a - b), 9),
        permutation_type="samples",
        vectorized=False,
    ).pvalue
    assert found == pytest.approx(expected)
    assert paired_p((-values).tolist()) == pytest.approx(found if values.any() else 1.0)


def test_many_pairs_are_wilcoxons() -> None:
    values = np.random.default_rng(0).normal(0.3, 1.0, size=MOST_EXACT_PAIRS + 5)
    assert paired_p(values.tolist()) == pytest.approx(stats.wilcoxon(values).pvalue)


def test_it_rejects_as_often_as_it_says_where_nothing_differs() -> None:
    generator = np.random.default_rng(2)
    p_values = [sign_flip_p(generator.normal(size=8).tolist()) for _ in range(400)]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.075


def test_holm_by_hand() -> None:
    """0.01 x 3, 0.03 x 2, then 0.04 x 1, which may not be below the one before."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
