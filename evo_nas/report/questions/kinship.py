"""Ancestors and descendants, and a family as text that other programs read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from evo_nas.history.lineage import edges, gain, node_attributes
from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.report.graphml import graphml_text

Format = Literal["graphml", "dot", "json", "mermaid"]
LONGEST_LABEL = 60
_NOT_PLAIN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def descendants(individuals: Mapping[int, Individual], number: int) -> list[int]:
    """The ids of all that come from an individual, each once, oldest first; without the individual itself."""
    found = {number}
    for each in sorted(individuals):
        if found.intersection(individuals[each].parents):
            found.add(each)
    return sorted(found - {number})


def family_text(family: Sequence[Evaluated], objective: Objective, form: Format) -> str:
    """These individuals and the edges between them: GraphML, DOT (Graphviz), JSON with "nodes" and "edges", or a
    Mermaid flowchart. Whatever texts hold, it stays text.
    """
    if form == "graphml":
        return str(graphml_text(family, objective))
    return {"dot": _dot, "json": _json, "mermaid": _mermaid}[form](family, objective)


def _json(family: Sequence[Evaluated], objective: Objective) -> str:
    nodes = [{"id": each.individual.id, **node_attributes(each)} for each in family]
    links = [{"parent": parent, "child": child, "gain": step} for parent, child, step in _links(family, objective)]
    return json.dumps({"nodes": nodes, "edges": links}, indent=1, allow_nan=False) + "\n"


def _dot(family: Sequence[Evaluated], objective: Objective) -> str:
    lines = ["digraph lineage {", '  rankdir="TB"; node [shape="box", fontname="sans-serif"];']
    lines += [f"  {each.individual.id} [label={_quoted(_label(each, objective))}];" for each in family]
    for parent, child, step in _links(family, objective):
        label = "" if step is None else f" [label={_quoted([f'{step:+.3g}'])}]"
        lines.append(f"  {parent} -> {child}{label};")
    return "\n".join([*lines, "}", ""])


def _mermaid(family: Sequence[Evaluated], objective: Objective) -> str:
    """Entities are written as Mermaid does, with # for &."""
    lines = ["flowchart TD"]
    for each in family:
        text = "<br>".join(escape(line).replace("&", "#").replace("`", "#96;") for line in _label(each, objective))
        lines.append(f'  n{each.individual.id}["{text}"]')
    for parent, child, step in _links(family, objective):
        lines.append(f"  n{parent} -->{'' if step is None else f'|{step:+.3g}|'} n{child}")
    return "\n".join([*lines, ""])


def _links(family: Sequence[Evaluated], objective: Objective) -> list[tuple[int, int, float | None]]:
    members = {each.individual.id: each for each in family}
    return [(parent, child, gain(members[child], members[parent], objective)) for child, parent in edges(family)]


def _label(each: Evaluated, objective: Objective) -> list[str]:
    individual, outcome = each.individual, each.outcome
    value = f"{objective.name} {objective.value(outcome):.5g}" if outcome.ok else str(outcome.status)
    lines = [f"{individual.id}: {individual.operator}", value, "; ".join(individual.changes)]
    return [_shortened(_NOT_PLAIN.sub(" ", line)) for line in lines if line]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def _quoted(lines: Sequence[str]) -> str:
    """A string of DOT: a backslash and a quote mean themselves, and lines are broken by \\n."""
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


def plain(value: Any) -> str:
    """A value for people, without what would break a line or turn the writing round."""
    return _NOT_PLAIN.sub(" ", f"{value:.5g}" if isinstance(value, float) else str(value))
