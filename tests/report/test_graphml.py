from __future__ import annotations

import io
from dataclasses import replace
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.history import family_tree, with_parents
from evo_nas.individual import Evaluated
from evo_nas.report.graphml import graphml_text
from tests.history.made_up import LOSS, ROC_AUC, made_run


def read(text: str) -> networkx.DiGraph:
    return networkx.read_graphml(io.BytesIO(text.encode()), node_type=int)


def same(first: networkx.DiGraph, second: networkx.DiGraph) -> bool:
    return dict(first.nodes(data=True)) == dict(second.nodes(data=True)) and {
        edge: first.edges[edge] for edge in first.edges
    } == {edge: second.edges[edge] for edge in second.edges}


@given(st.integers(0, 1_000), st.integers(1, 5), st.integers(2, 12), st.sampled_from([ROC_AUC, LOSS]))
def test_networkx_reads_the_family_tree(seed: int, num_generations: int, population: int, objective) -> None:
    run = made_run(num_generations, population, seed=seed)
    by_id = {each.individual.id: each for each in run}
    shown = with_parents(run[-population:], by_id)
    read_back = read(graphml_text(shown, objective))
    whole = family_tree(run, objective)
    assert same(read_back, family_tree(shown, objective))
    assert same(read_back, whole.subgraph([each.individual.id for each in shown]))


def test_nobody() -> None:
    assert len(read(graphml_text([], ROC_AUC))) == 0


def with_changes(text: str) -> Evaluated:
    each = made_run(1, 1)[0]
    return replace(each, individual=replace(each.individual, changes=(text,), operator=text))


@pytest.mark.parametrize("text", ["</data><node id='9'/>", "a & b < c > d", "\"quoted\" 'text'", "]]>", "naïve ✓ 🧬"])
def test_any_text_is_only_text(text: str) -> None:
    tree = read(graphml_text([with_changes(text)], ROC_AUC))
    assert set(tree.nodes) == {0}
    assert (tree.nodes[0]["changes"], tree.nodes[0]["operator"]) == (text, text)


@given(st.text())
def test_what_xml_cannot_hold_is_left_out(text: str) -> None:
    document = graphml_text([with_changes(f"[{text}]")], ROC_AUC)
    assert ElementTree.fromstring(document.encode()) is not None


def test_control_characters_are_removed() -> None:
    document = graphml_text([with_changes("a\x00b\x1b[31mc\ufffed\udcffe")], ROC_AUC)
    assert read(document).nodes[0]["changes"] == "ab[31mcde"


def test_a_metric_with_a_hostile_name() -> None:
    each = made_run(1, 1, failure_rate=0.0)[0]
    metrics = {**each.outcome.metrics, '"><x y="': 0.5}
    hostile = replace(each, outcome=replace(each.outcome, metrics=metrics))
    assert read(graphml_text([hostile], ROC_AUC)).nodes[0]['"><x y="'] == 0.5
