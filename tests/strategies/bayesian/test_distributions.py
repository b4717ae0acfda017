"""Genes as Optuna's distributions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("optuna")

from evo_nas.strategies.bayesian.distributions import sampled_from, searched_as, shown_as, value_from
from genomes import Choice, Float, Gene, Int

GENES = st.sampled_from(
    [
        Float(-1.0, 2.5),
        Float(1e-6, 1e2, "log"),
        Int(1, 5),
        Int(1, 512, "log"),
        Int(5, 10**9),
        Int(1, 2**40, "log"),
        Choice((16, 32, 64), ordinal=True),
        Choice(("relu", "tanh")),
        Choice((False, True)),
    ]
)


@given(GENES, st.integers(0, 2**32))
def test_a_value_survives_the_way_there_and_back(gene: Gene, seed: int) -> None:
    value = gene.sample(random.Random(seed))
    told = sampled_from(gene, value)
    distribution = searched_as(gene)
    assert distribution._contains(distribution.to_internal_repr(told))
    back = value_from(gene, distribution.to_external_repr(distribution.to_internal_repr(told)))
    assert gene.contains(back)
    assert back == value


@given(GENES, st.integers(0, 2**32))
def test_what_people_are_shown_is_the_value_itself(gene: Gene, seed: int) -> None:
    value = gene.sample(random.Random(seed))
    distribution = shown_as(gene)
    assert distribution._contains(distribution.to_internal_repr(value))


def test_the_order_of_a_list_of_numbers_counts() -> None:
    from optuna.distributions import CategoricalDistribution, IntDistribution

    assert searched_as(Choice((16, 32, 64), ordinal=True)) == IntDistribution(0, 2)
    assert searched_as(Choice(("a", "b"))) == CategoricalDistribution(("a", "b"))
