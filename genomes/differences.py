"""What changed between a parent and its child, in words for the lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from genomes.genome import Genome, Value

Layer = Mapping[str, Value]
Pair = tuple[int | None, int | None]
"""Index of a layer in the parent and in the child; None where one of them has no such layer."""

INSERT_COST = 0.5
"""Of a layer inserted or removed. A layer that stays costs the share of its genes that differ, so layers with nothing
in common cost as much changed as removed and inserted, and are shown as changed. (One half: sums stay exact.)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a child differs from its parent.

    kind: "changed", "takes_effect" (only the child has the gene), "lost" (only the parent has it), "inserted" or
    "removed" (a layer). gene: empty for a whole layer. before_layer, after_layer: its place in the parent and in the
    child, counted from 0; both None for a gene of the whole network. before, after: values of the gene.
    """

    kind: Literal["changed", "takes_effect", "lost", "inserted", "removed"]
    gene: str = ""
    before_layer: int | None = None
    after_layer: int | None = None
    before: Value | None = None
    after: Value | None = None


def changes_between(parent: Genome, child: Genome) -> tuple[str, ...]:
    """One phrase a difference: "learning_rate 0.01 -> 0.0214", "layer 2 inserted: width 32, relu, dropout 0.1".

    Give canonical forms, and genes without effect are not listed. A layer is numbered from 1 as in the child, a removed
    one as in the parent. A gene that only the child has "takes effect"; one that only the parent has is named only if
    nothing else changed. Empty for equal genomes, and for them only.
    """
    if parent == child:
        return ()
    differences = differences_between(parent, child)
    told = tuple(phrase(each, parent, child) for each in differences if each.kind != "lost")
    return told or ("genes without effect now: " + ", ".join(sorted(parent.genes.keys() - child.genes.keys())),)


def differences_between(parent: Genome, child: Genome) -> tuple[Difference, ...]:
    """Genes of the network first, then layer by layer. Layers of equal number are compared place by place, others after
    the alignment of least edit distance (Wagner and Fischer 1974).
    """
    found = _gene_differences(parent.genes, child.genes)
    for before, after in aligned(parent.layers, child.layers):
        if before is None:
            found.append(Difference("inserted", after_layer=after))
        elif after is None:
            found.append(Difference("removed", before_layer=before))
        else:
            inside = _gene_differences(parent.layers[before], child.layers[after])
            found += [replace(each, before_layer=before, after_layer=after) for each in inside]
    return tuple(found)


def phrase(difference: Difference, parent: Genome, child: Genome) -> str:
    """A difference of these two in words."""
    before, after = difference.before_layer, difference.after_layer
    if difference.kind == "inserted" and after is not None:
        return f"layer {after + 1} inserted: {_described(child.layers[after])}"
    if difference.kind == "removed" and before is not None:
        return f"layer {before + 1} removed ({_described(parent.layers[before])})"
    place = "" if after is None else f"layer {after + 1} "
    if difference.kind == "takes_effect":
        return f"{place}{difference.gene} {_shown(difference.after)} takes effect"
    if difference.kind == "lost":
        return f"{place}{difference.gene} without effect now"
    return f"{place}{difference.gene} {_arrow(difference.before, difference.after)}"


def _gene_differences(before: Layer, after: Layer) -> list[Difference]:
    found = []
    for name, value in after.items():
        if name not in before:
            found.append(Difference("takes_effect", name, after=value))
        elif before[name] != value:
            found.append(Difference("changed", name, before=before[name], after=value))
    return found + [Difference("lost", name, before=before[name]) for name in before if name not in after]


def _arrow(before: Value | None, after: Value | None) -> str:
    """Both values at three digits, or in full where three digits do not tell them apart."""
    old, new = _shown(before), _shown(after)
    return f"{old} -> {new}" if old != new else f"{before!r} -> {after!r}"


def _shown(value: Value | None) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _described(layer: Layer) -> str:
    """A layer in brief: texts as themselves, numbers with their name, zeros and switches that are off left out."""
    parts = []
    for name, value in layer.items():
        if isinstance(value, str):
            parts.append(value)
        elif value:
            parts.append(name if value is True else f"{name} {_shown(value)}")
    return ", ".join(parts)


def aligned(parent: Sequence[Layer], child: Sequence[Layer]) -> list[Pair]:
    """Which layer of the parent became which of the child, in order. What both begin or end with is paired at once;
    only the middle is searched.
    """
    if len(parent) == len(child):
        return [(i, i) for i in range(len(parent))]
    shorter = min(len(parent), len(child))
    start = 0
    while start < shorter and parent[start] == child[start]:
        start += 1
    end = 0
    while end < shorter - start and parent[-1 - end] == child[-1 - end]:
        end += 1
    middle = _edits(parent[start : len(parent) - end], child[start : len(child) - end])
    shifted: list[Pair] = [(_plus(i, start), _plus(j, start)) for i, j in middle]
    tail = range(-end, 0)
    return [
        *((i, i) for i in range(start)),
        *shifted,
        *((len(parent) + i, len(child) + i) for i in tail),
    ]


def _plus(index: int | None, offset: int) -> int | None:
    return None if index is None else index + offset


def _edits(parent: Sequence[Layer], child: Sequence[Layer]) -> list[Pair]:
    """The cheapest alignment, from a table of the cost of aligning the first i layers with the first j."""
    costs = _cost_table(parent, child)
    pairs: list[Pair] = []
    i, j = len(parent), len(child)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + _distance(parent[i - 1], child[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and (not j or costs[i][j] == costs[i - 1][j] + INSERT_COST):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _cost_table(parent: Sequence[Layer], child: Sequence[Layer]) -> list[list[float]]:
    costs = [[j * INSERT_COST for j in range(len(child) + 1)]]
    for i, layer in enumerate(parent, start=1):
        above = costs[-1]
        row = [i * INSERT_COST]
        for j, other in enumerate(child, start=1):
            kept = above[j - 1] + _distance(layer, other)
            row.append(min(kept, above[j] + INSERT_COST, row[-1] + INSERT_COST))
        costs.append(row)
    return costs


def _distance(before: Layer, after: Layer) -> float:
    """The share of the genes that differ: 0 for equal layers, 1 for nothing in common."""
    names = before.keys() | after.keys()
    return sum(before.get(name) != after.get(name) for name in names) / max(len(names), 1)
