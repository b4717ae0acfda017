"""What came of two runs, side by side: their winners, and their Pareto fronts against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evo_nas.individual import Objective
from evo_nas.report.questions.pairs import Row
from evo_nas.report.questions.runs import Side
from evo_nas.strategies.hypervolume import has_hypervolume, hypervolume, minimised, reference_point

Array = NDArray[np.float64]


def outcome_rows(first: Side, second: Side, objectives: Sequence[Objective]) -> list[Row]:
    """How many individuals, and the winner of each in every objective that both runs have."""
    names = ["individuals", "failed", "winner", *(f"its {each.name}" for each in objectives)]
    if all(each.name != "parameters" for each in objectives):
        names.append("its parameters")
    sides = [_outcome(side, objectives) for side in (first, second)]
    return [Row(*cells) for cells in zip(names, *sides, strict=False)]


def front_rows(first: Side, second: Side, objectives: Sequence[Objective]) -> list[Row]:
    """Two fronts of the same objectives: size, extremes, hypervolume, and how many of their members a member of the
    other dominates (the coverage of Zitzler and Thiele 1999, of what is strictly dominated).

    The hypervolume is against one reference point for both: the worst values on either front and a tenth of their range
    beyond. Empty for one objective.
    """
    if len(objectives) < 2:
        return []
    ours, theirs = (minimised([each.outcome for each in side.front], objectives) for side in (first, second))
    rows = [Row("networks on the front", len(ours), len(theirs))]
    rows += [
        Row(f"best {each.name} on it", _best(ours[:, place], each), _best(theirs[:, place], each))
        for place, each in enumerate(objectives)
    ]
    if len(ours) and len(theirs) and has_hypervolume(objectives):
        reference = reference_point(np.concatenate([ours, theirs]))
        rows.append(Row("hypervolume", hypervolume(ours, reference), hypervolume(theirs, reference)))
    return [*rows, Row("of it dominated by the other", _num_dominated(ours, theirs), _num_dominated(theirs, ours))]


def _outcome(side: Side, objectives: Sequence[Objective]) -> list[int | float | None]:
    counts = [len(side.evaluated), sum(not each.outcome.ok for each in side.evaluated)]
    if side.best is None:
        return [*counts, *[None] * (len(objectives) + 2)]
    outcome = side.best.outcome
    values = [each.value(outcome) for each in objectives]
    return [*counts, side.best.individual.id, *values, outcome.parameters]


def _best(values: Array, objective: Objective) -> float | None:
    return float(-objective.weight * values.min()) if len(values) else None


def _num_dominated(points: Array, others: Array) -> int:
    """How many of the points [n, m] one of the others [k, m] is better than somewhere and nowhere worse."""
    at_least = (others[:, None] <= points[None]).all(axis=2)
    better = (others[:, None] < points[None]).any(axis=2)
    return int((at_least & better).any(axis=0).sum())
