"""Children are thinned by what was learnt, and the search stays a function of its seed and its outcomes."""

from __future__ import annotations

import random

import pytest
from deap import tools
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from evo_nas.config import SearchSettings
from evo_nas.individual import Individual
from evo_nas.strategies import make_toolbox
from evo_nas.strategies.adaptation import TRIES, thinned
from evo_nas.strategies.operator_odds import families
from genomes import encoding_from
from tests.strategies.searching import SCORE, encoding, make, score, search

SPARSE = encoding_from({"encoding": "flat", **{f"x{i}": {"low": 0.0, "high": 1.0} for i in range(12)}})


def test_the_first_candidate_that_is_kept_is_taken() -> None:
    drawn = iter(range(100))
    points = iter([0.9, 0.4, 0.2])
    assert thinned(lambda: next(drawn), lambda candidate: 0.3, lambda: next(points)) == 2


def test_of_candidates_that_are_not_kept_the_likeliest_is_taken() -> None:
    drawn = iter(range(100))
    odds = [0.1, 0.3, 0.5, 0.2, 0.4]
    assert thinned(lambda: next(drawn), odds.__getitem__, lambda: 0.99) == 2
    assert next(drawn) == TRIES


def test_at_even_odds_nothing_is_drawn_that_would_not_be_drawn_without() -> None:
    def never() -> float:
        raise AssertionError("a uniform number was drawn")

    assert thinned(lambda: "child", lambda candidate: 1.0, never) == "child"


@given(st.lists(st.floats(0.05, 1.0), min_size=TRIES, max_size=TRIES), st.integers(0, 2**32))
def test_a_candidate_is_always_given_and_never_more_than_the_tries_are_drawn(odds: list[float], seed: int) -> None:
    drawn = iter(range(TRIES))
    assert 0 <= thinned(lambda: next(drawn), odds.__getitem__, random.Random(seed).random) < TRIES


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_the_first_children_are_those_of_a_search_that_does_not_learn(strategy: str) -> None:
    """Nothing is known before the first outcomes, so that what a search begins with is the same."""
    learning, not_learning = (
        search(make(strategy=strategy, population=8, in_flight=4, adapt=adapt), 12) for adapt in (True, False)
    )
    assert [e.individual for e in learning[:12]] == [e.individual for e in not_learning[:12]]


def few_genes_matter(individual: Individual) -> tuple[float, ...]:
    genes = {name: float(value) for name, value in individual.genome.genes.items()}
    return (-abs(genes["x0"] - 0.3) - abs(genes["x1"] - 0.7),)


def share_of_what_matters(strategy: str, seed: int, adapt: bool) -> float:
    """Of the genes that mutations changed in the second half of a search."""
    asked = make(strategy=strategy, space=SPARSE, population=16, in_flight=4, seed=seed, adapt=adapt)
    done = search(asked, 240, few_genes_matter)
    names = [name for each in done[120:] for name, _ in families(each.individual.operator)]
    mutations = [name for name in names if name.startswith("change_gene:")]
    return sum(name.endswith((":x0", ":x1")) for name in mutations) / len(mutations)


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_operators_that_gain_are_proposed_more_often(strategy: str) -> None:
    learning, not_learning = (
        [share_of_what_matters(strategy, seed, adapt) for seed in range(12)] for adapt in (True, False)
    )
    assert wilcoxon(learning, not_learning, alternative="greater").pvalue < 0.01


def test_operators_of_ones_own_are_thinned_by_the_names_they_leave() -> None:
    def shuffle(individual):
        tools.mutShuffleIndexes(individual, 0.5)
        individual.operators.append(random.choice(["shuffle_a", "shuffle_b"]))
        return (individual,)

    space = encoding(layers={"low": 2, "high": 5})
    box = make_toolbox(space, SearchSettings(), (SCORE,))
    box.register("mate", tools.cxOnePoint)
    box.register("mutate", shuffle)
    first, again = (
        search(make(strategy="evolution", toolbox=box, space=space, population=10), 120, score) for _ in range(2)
    )
    assert first == again
    assert {"shuffle_a", "shuffle_b", "cxOnePoint"} <= {
        name for each in first for name, _ in families(each.individual.operator)
    }
