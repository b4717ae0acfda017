"""A generation and its parents as GraphML, for yEd, Gephi and networkx (http://graphml.graphdrawing.org).

networkx writes the same graph, but in 100 microseconds a node and more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from xml.sax.saxutils import escape, quoteattr

from evo_nas.history.lineage import edges, gain, node_attributes
from evo_nas.individual import Evaluated, Objective

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = dict.fromkeys(("generation", "parameters", "replicate", "rung"), "long") | dict.fromkeys(
    ("operator", "status", "fingerprint", "changes"), "string"
)
"""GraphML's types of node attributes; every other attribute is a metric, a double."""


def graphml_text(evaluated: Iterable[Evaluated], objective: Objective) -> str:
    """What `networkx.read_graphml(..., node_type=int)` reads back as `lineage.family_tree(evaluated, objective)`.

    Characters that XML does not know are left out.
    """
    members = {each.individual.id: each for each in evaluated}
    attributes = {number: node_attributes(each) for number, each in members.items()}
    names = list(dict.fromkeys(name for row in attributes.values() for name in row))
    keys = {name: f"node{position}" for position, name in enumerate(names)}
    nodes = [_node(number, row, keys) for number, row in attributes.items()]
    links = [
        _edge(parent, child, gain(members[child], members[parent], objective))
        for child, parent in edges(members.values())
    ]
    return _NOT_XML.sub("", "\n".join([*_head(keys), *nodes, *links, "</graph>", "</graphml>", ""]))


def _head(keys: dict[str, str]) -> Collection[str]:
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *[
            f'<key id="{key}" for="node" attr.name={quoteattr(name)} attr.type="{_TYPES.get(name, "double")}"/>'
            for name, key in keys.items()
        ],
        '<key id="gain" for="edge" attr.name="gain" attr.type="double"/>',
        '<graph edgedefault="directed">',
    ]


def _node(number: int, attributes: dict[str, int | float | str], keys: dict[str, str]) -> str:
    data = "".join(
        [
            f'<data key="{keys[name]}">{escape(value) if isinstance(value, str) else value}</data>'
            for name, value in attributes.items()
        ]
    )
    return f'<node id="{number}">{data}</node>'


def _edge(parent: int, child: int, step: float | None) -> str:
    data = "" if step is None else f'<data key="gain">{step!r}</data>'
    return f'<edge source="{parent}" target="{child}">{data}</edge>'
