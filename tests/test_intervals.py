"""The interval of a mean, with answers from tables and from simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evo_nas.intervals import t_interval


def test_known_answer() -> None:
    """Mean 2, standard error 1 / sqrt(3); t of 2 degrees of freedom at 97.5 % is 4.3027."""
    assert t_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5), abs=1e-4)


def test_it_is_scipys() -> None:
    values = np.random.default_rng(0).normal(size=7)
    expected = stats.t.interval(0.9, 6, loc=values.mean(), scale=stats.sem(values))
    assert t_interval(list(values), 0.9) == pytest.approx(expected)


def test_one_value_has_no_interval_and_equal_ones_have_none_to_speak_of() -> None:
    assert t_interval([0.7]) is None
    assert t_interval([]) is None
    assert t_interval([0.5, 0.5]) == (0.5, 0.5)


def test_it_covers_as_often_as_it_says() -> None:
    draws = np.random.default_rng(1).normal(size=(2000, 4))
    covered = sum(low <= 0.0 <= high for low, high in filter(None, map(t_interval, draws.tolist())))
    assert 0.935 <= covered / len(draws) <= 0.965
