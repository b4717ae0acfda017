"""What paid: the gain of each operator and of each gene for its cost, and which values fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evo_nas.history.lineage import gain
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.page.packing import shortened
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut
from evo_nas.strategies.failure_odds import FailureOdds
from evo_nas.strategies.operator_odds import NO_CHILDREN, families
from genomes.differences import differences_between

MOST_ROWS = 40
NUMBER_OF_LAYERS = "number of layers"

Shares = Sequence[tuple[str, float]]
"""The names that a child counts for, with their parts in its gain and its cost, which sum to 1."""


@dataclass(slots=True)
class _Tally:
    num_children: int = 0
    num_failed: int = 0
    num_improved: int = 0
    gain: float = 0.0
    best_gain: float = 0.0
    seconds: float = 0.0


def what_paid(record: RunRecord) -> dict[str, Any]:
    """{"operators", "genes", "failures", "failure_rate"} as plain data: of the first two a list of rows for each
    objective, at most `MOST_ROWS`, the one with most children first.

    A row: name, children, failed, improved, gain (of the children better than their first parent, summed up, in the
    objective's unit), best_gain, seconds of training. A child of several operators or changes counts as one child of
    each, with equal parts of its gain and its seconds. Genes are told of the children of one parent alone.
    """
    differing = {each.individual.id: _changed(record, each) for each in record.evaluated}
    failures = _failure_odds(record)
    return {
        "operators": [_rows(record, objective, _operators) for objective in record.objectives],
        "genes": [_rows(record, objective, lambda e: differing[e.individual.id]) for objective in record.objectives],
        "failures": _failures(failures),
        "failure_rate": shortened(failures.rate) if failures else None,
    }


def _rows(record: RunRecord, objective: Objective, shares_of: Callable[[Evaluated], Shares]) -> list[dict[str, Any]]:
    tallies: dict[str, _Tally] = {}
    for each in record.evaluated:
        parent = record.by_id.get(each.individual.parents[0]) if each.individual.parents else None
        if parent is not None and parent.individual.fingerprint != each.individual.fingerprint:
            _count(tallies, shares_of(each), gain(each, parent, objective), each)
    rows = [_row(name, tally) for name, tally in tallies.items()]
    return sorted(rows, key=lambda row: (-row["children"], row["name"]))[:MOST_ROWS]


def _count(tallies: dict[str, _Tally], shares: Shares, step: float | None, child: Evaluated) -> None:
    for name, share in shares:
        tally = tallies.setdefault(name, _Tally())
        tally.num_children += 1
        tally.num_failed += not child.outcome.ok
        tally.seconds += share * child.outcome.seconds
        if step is not None and step > 0.0:
            tally.num_improved += 1
            tally.gain += share * step
            tally.best_gain = max(tally.best_gain, step)


def _row(name: str, tally: _Tally) -> dict[str, Any]:
    return {
        "name": name,
        "children": tally.num_children,
        "failed": tally.num_failed,
        "improved": tally.num_improved,
        "gain": shortened(tally.gain),
        "best_gain": shortened(tally.best_gain) if tally.num_improved else None,
        "seconds": shortened(tally.seconds),
    }


def _operators(child: Evaluated) -> Shares:
    operator = child.individual.operator
    return () if operator in NO_CHILDREN else [(cut(name), share) for name, share in families(operator)]


def _changed(record: RunRecord, child: Evaluated) -> Shares:
    """The genes in which a child differs from its only parent."""
    parents = child.individual.parents
    if len(parents) != 1 or parents[0] not in record.genomes:
        return ()
    differences = differences_between(record.genomes[parents[0]], record.genomes[child.individual.id])
    told = [each for each in differences if each.kind in ("changed", "inserted", "removed")]
    names = dict.fromkeys(cut(each.gene) if each.gene else NUMBER_OF_LAYERS for each in told)
    return [(name, 1.0 / len(names)) for name in names]


def _failure_odds(record: RunRecord) -> FailureOdds | None:
    if record.encoding is None:
        return None
    odds, name = FailureOdds(record.encoding), record.encoding.name
    odds.tell([each for each in record.evaluated if each.individual.genome.encoding == name])
    return odds


def _failures(odds: FailureOdds | None) -> list[dict[str, Any]]:
    return [
        {
            "gene": cut(row.gene),
            "values": cut(row.values),
            "trainings": row.num_trainings,
            "failures": row.num_failures,
            "rate": shortened(row.rate, 3),
        }
        for row in (odds.blamed()[:MOST_ROWS] if odds else ())
    ]
