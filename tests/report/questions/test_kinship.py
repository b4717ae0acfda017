"""Families as text, pairs, and runs side by side."""

from __future__ import annotations

import io
import json
import re

import networkx
import pytest

from evo_nas.individual import Evaluated, Individual
from evo_nas.report.questions.kinship import descendants, family_text
from evo_nas.report.questions.pairs import Row, common_ancestors, gene_rows
from evo_nas.report.questions.runs import Side, found, setting_rows
from evo_nas.report.questions.runs import gene_rows as run_gene_rows
from genomes import Genome
from tests.history.made_up import ROC_AUC, made_run

RUN = made_run(6, 20, seed=3)
BY_ID = {each.individual.id: each for each in RUN}
INDIVIDUALS = {number: each.individual for number, each in BY_ID.items()}


def test_descendants_are_those_whose_ancestry_holds_it() -> None:
    graph = networkx.DiGraph((parent, each.id) for each in INDIVIDUALS.values() for parent in each.parents)
    graph.add_nodes_from(INDIVIDUALS)
    for number in INDIVIDUALS:
        assert descendants(INDIVIDUALS, number) == sorted(networkx.descendants(graph, number))


def test_the_nearest_common_ancestors_have_no_common_ancestor_below_them() -> None:
    graph = networkx.DiGraph((parent, each.id) for each in INDIVIDUALS.values() for parent in each.parents)
    graph.add_nodes_from(INDIVIDUALS)
    for first, second in [(119, 118), (100, 45), (7, 7), (0, 1), (60, 119)]:
        common = (networkx.ancestors(graph, first) | {first}) & (networkx.ancestors(graph, second) | {second})
        nearest = sorted(each for each in common if not networkx.descendants(graph, each) & common)
        assert common_ancestors(INDIVIDUALS, first, second) == nearest


@pytest.mark.parametrize("form", ["graphml", "json"])
def test_formats_hold_every_node_and_edge(form: str) -> None:
    text = family_text(RUN, ROC_AUC, form)  # type: ignore[arg-type]
    edges = {(parent, each.id) for each in INDIVIDUALS.values() for parent in each.parents}
    if form == "graphml":
        graph = networkx.read_graphml(io.BytesIO(text.encode()), node_type=int)
        assert set(graph.edges) == edges
        assert set(graph.nodes) == set(INDIVIDUALS)
        return
    data = json.loads(text)
    assert {(each["parent"], each["child"]) for each in data["edges"]} == edges
    assert [each["id"] for each in data["nodes"]] == list(INDIVIDUALS)


HOSTILE = 'x" ]; <script>alert(1)</script>\n`end\\ \u202e|{}' + "y" * 10_000


def hostile() -> list[Evaluated]:
    parent, child = RUN[0], RUN[1]
    born = Individual(1, 1, child.individual.genome, "f", (0,), HOSTILE, (HOSTILE,))
    return [parent, Evaluated(born, child.outcome)]


def test_hostile_texts_stay_texts_in_dot() -> None:
    lines = family_text(hostile(), ROC_AUC, "dot").splitlines()
    assert len(lines) == 6
    quoted = re.compile(r'  \d+ \[label="(?:[^"\\]|\\.)*"\];')
    assert all(quoted.fullmatch(line) for line in lines[2:4])
    assert max(map(len, lines)) < 400


def test_hostile_texts_stay_texts_in_mermaid() -> None:
    lines = family_text(hostile(), ROC_AUC, "mermaid").splitlines()
    assert len(lines) == 4
    assert all(re.fullmatch(r'  n\d+\["[^"]*"\]', line) for line in lines[1:3])
    assert "<script" not in "".join(lines)


def genome(*widths: int, **genes: object) -> Genome:
    return Genome("mlp", genes, tuple({"width": width} for width in widths))


def test_two_genomes_are_laid_side_by_side() -> None:
    assert gene_rows(genome(8, 16, rate=0.1, decay=1), genome(8, 32, 16, rate=0.2)) == [
        Row("rate", 0.1, 0.2),
        Row("decay", 1, None),
        Row("layer 1 width", 8, 8),
        Row("layer 2 (inserted) width", None, 32),
        Row("layer 3 width", 16, 16),
    ]


def side(name: str, run: list[Evaluated], **search: object) -> Side:
    return Side(name, {"search": search, "data": {"name": "wine"}}, [ROC_AUC], run, run[0], run[:1])


def test_two_runs_are_laid_side_by_side() -> None:
    one, other = side("a", RUN, population=20), side("b", made_run(6, 20, seed=4), population=8, elites=1)
    assert setting_rows(one, other) == [Row("search.population", "20", "8"), Row("search.elites", None, "1")]
    assert setting_rows(one, one) == []
    answer = found(one, other)
    assert answer.common == 0
    assert len(answer.first_only) == len({e.individual.fingerprint for e in RUN if e.outcome.ok})
    same = found(one, one)
    assert (same.first_only, same.second_only) == ((), ())
    rows = {row.what: row for row in run_gene_rows(one, other)}
    assert rows["optimizer"].first == "adam 100%"
    assert re.fullmatch(r"[\d.]+ \([\d.]+ to [\d.]+\)", str(rows["learning_rate"].second))
