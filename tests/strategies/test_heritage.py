"""Whose weights a child begins with: those of its first parent, and of no network that failed."""

from __future__ import annotations

import pytest

from evo_nas.individual import Individual
from tests.strategies.searching import encoding, make, score, search

TINY = encoding(layers=[1, 2], width=[4, 8], activation="relu", dropout=0.0, learning_rate=0.01, optimizer="adam")
"""Six networks: soon every proposal is one that was made before."""


def often_failing(individual: Individual) -> tuple[float, ...] | None:
    return None if individual.fingerprint[0] in "0123456" else score(individual)


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_child_inherits_from_its_first_parent_unless_that_failed(strategy: str) -> None:
    told = search(make(strategy=strategy, inherit="weights", population=8, seed=1), 80, often_failing)
    by_id = {each.individual.id: each for each in told}
    names: dict[str, str | None] = {}
    for each in told:
        individual = each.individual
        first = by_id[individual.parents[0]] if individual.parents else None
        expected = first.individual.fingerprint if first is not None and first.outcome.ok else None
        assert individual.inherits == names.setdefault(individual.fingerprint, expected)
    assert sum(each.individual.inherits is not None for each in told) > 30


def test_a_network_that_is_proposed_again_begins_as_it_did_before() -> None:
    told = search(make(strategy="evolution", inherit="weights", population=4, space=TINY, restarts=0), 40)
    begun: dict[str, set[str | None]] = {}
    for each in told:
        begun.setdefault(each.individual.fingerprint, set()).add(each.individual.inherits)
    assert len(begun) < 10
    assert all(len(starts) == 1 for starts in begun.values())


def test_nobody_inherits_unless_that_was_asked_for() -> None:
    told = search(make(strategy="evolution", population=8), 32)
    assert all(each.individual.inherits is None for each in told)
