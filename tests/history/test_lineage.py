from __future__ import annotations

from dataclasses import replace

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.history import ancestors, family_tree, lineage_lines, main_line, with_parents
from evo_nas.history.lineage import LineageLine, edges
from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Outcome, Status, failure
from genomes import Genome
from tests.history.made_up import LOSS, ROC_AUC, made_run

GENOME = Genome("flat", {})


def member(number: int, generation: int, parents: tuple[int, ...], roc_auc: float | None) -> Evaluated:
    changes = ("width 8 -> 9", "layer 2 removed") if parents else ()
    individual = Individual(
        number, generation, GENOME, f"f{number}", parents, "crossover" if parents else "sample", changes
    )
    if roc_auc is None:
        return Evaluated(individual, failure(Status.DIVERGED, "NaN"))
    return Evaluated(
        individual, Outcome(Status.OK, {"roc_auc": roc_auc, "loss": 1.0 - roc_auc}, parameters=10 + number)
    )


#  0   1   2(failed)      generation 0
#   \ / \ /
#    3   4                generation 1
#     \ / \
#      5   6(failed)      generation 2
FAMILY = {
    each.individual.id: each
    for each in (
        member(0, 0, (), 0.5),
        member(1, 0, (), 0.75),
        member(2, 0, (), None),
        member(3, 1, (0, 1), 0.625),
        member(4, 1, (2, 1), 0.875),
        member(5, 2, (4, 3), 1.0),
        member(6, 2, (4,), None),
    )
}
INDIVIDUALS = {number: each.individual for number, each in FAMILY.items()}


def test_the_tree_has_an_edge_from_each_parent_to_its_child() -> None:
    tree = family_tree(FAMILY.values(), ROC_AUC)
    assert set(tree.edges) == {(0, 3), (1, 3), (2, 4), (1, 4), (4, 5), (3, 5), (4, 6)}
    assert tree.nodes[3] == {
        "generation": 1,
        "operator": "crossover",
        "changes": "width 8 -> 9; layer 2 removed",
        "status": "ok",
        "parameters": 13,
        "fingerprint": "f3",
        "roc_auc": 0.625,
        "loss": 0.375,
    }
    assert tree.nodes[2] == {
        "generation": 0, "operator": "sample", "status": "diverged", "parameters": 0, "fingerprint": "f2"
    }  # fmt: skip
    assert {edge: tree.edges[edge].get("gain") for edge in tree.edges} == {
        (0, 3): 0.125,
        (1, 3): -0.125,
        (2, 4): None,
        (1, 4): 0.125,
        (4, 5): 0.125,
        (3, 5): 0.375,
        (4, 6): None,
    }


def test_a_gain_is_positive_where_smaller_is_better() -> None:
    assert family_tree(FAMILY.values(), LOSS).edges[0, 3]["gain"] == 0.125


def test_parents_that_are_not_given_have_no_node_and_a_parent_taken_twice_one_edge() -> None:
    twice = replace(FAMILY[5], individual=replace(FAMILY[5].individual, parents=(4, 4, 99)))
    assert edges([FAMILY[4], twice]) == [(5, 4)]
    assert set(family_tree([FAMILY[4], twice], ROC_AUC).nodes) == {4, 5}


def test_ancestors_and_the_main_line() -> None:
    assert ancestors(INDIVIDUALS, 5) == [0, 1, 2, 3, 4]
    assert ancestors(INDIVIDUALS, 4) == [1, 2]
    assert ancestors(INDIVIDUALS, 0) == []
    assert main_line(INDIVIDUALS, 5) == [2, 4, 5]
    assert main_line(INDIVIDUALS, 0) == [0]


def test_a_line_says_who_how_and_what_it_gained_against_its_best_parent() -> None:
    assert lineage_lines(FAMILY, [2, 3, 4, 5, 6], ROC_AUC) == [
        LineageLine(2, 0, "sample", (), None, None),
        LineageLine(3, 1, "crossover", ("width 8 -> 9", "layer 2 removed"), 0.625, -0.125),
        LineageLine(4, 1, "crossover", ("width 8 -> 9", "layer 2 removed"), 0.875, 0.125),
        LineageLine(5, 2, "crossover", ("width 8 -> 9", "layer 2 removed"), 1.0, 0.125),
        LineageLine(6, 2, "crossover", ("width 8 -> 9", "layer 2 removed"), None, None),
    ]


def test_a_generation_with_its_parents() -> None:
    members = [FAMILY[5], FAMILY[6]]
    assert [each.individual.id for each in with_parents(members, FAMILY)] == [3, 4, 5, 6]
    assert with_parents([FAMILY[0]], FAMILY) == [FAMILY[0]]


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 8))
def test_ancestors_are_those_of_networkx(seed: int, num_generations: int, population: int) -> None:
    run = made_run(num_generations, population, seed=seed)
    tree = family_tree(run, ROC_AUC)
    individuals = {each.individual.id: each.individual for each in run}
    for number in individuals:
        found = ancestors(individuals, number)
        assert found == sorted(networkx.ancestors(tree, number))
        assert set(main_line(individuals, number)) <= {*found, number}


def test_ten_thousand_generations_deep() -> None:
    deep = {number: member(number, number, (number - 1,) if number else (), 0.5) for number in range(10_000)}
    individuals = {number: each.individual for number, each in deep.items()}
    assert main_line(individuals, 9_999) == list(range(10_000))
    assert ancestors(individuals, 9_999) == list(range(9_999))
    assert family_tree(deep.values(), ROC_AUC).number_of_edges() == 9_999


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        main_line(INDIVIDUALS, 70)
