"""Learning curves, thinned: of the winner's line and of the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from evo_nas.curves import Curve
from evo_nas.individual import Individual
from evo_nas.report.page.packing import shortened
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut

MOST_OF_THE_BEST = 200
MOST_POINTS = 32
MOST_CURVES = 6

Thinned = dict[str, Any]


def thinned_curves(record: RunRecord, line: Sequence[int]) -> dict[str, Thinned]:
    """id -> {"epochs": [...], "curves": {name: [...]}}, of the first fold; the keys are texts, as in JSON."""
    read = record.curves(worth_showing(record, line))
    thinned = {str(number): _thinned(folds[0]) for number, folds in read.items() if folds}
    return {number: curves for number, curves in thinned.items() if curves["epochs"]}


def worth_showing(record: RunRecord, others: Sequence[int]) -> list[Individual]:
    """Those whose details the page has: the best by the first objective, and others that are asked for by their ids."""
    if not record.objectives:
        return []
    objective = record.objectives[0]
    whole = [each for each in record.evaluated if each.outcome.ok and each.individual.epochs is None]
    best = sorted(whole, key=lambda each: -objective.weight * objective.value(each.outcome))[:MOST_OF_THE_BEST]
    wanted = {each.individual.id for each in best} | set(others)
    return [each for each in record.individuals if each.id in wanted]


def kept_epochs(num_epochs: int) -> list[int]:
    """At most `MOST_POINTS` of the epochs 1 to num_epochs, the last among them, denser at the start."""
    if num_epochs <= MOST_POINTS:
        return list(range(1, num_epochs + 1))
    shares = (place / (MOST_POINTS - 1) for place in range(MOST_POINTS))
    return sorted({1 + round((num_epochs - 1) * share**1.6) for share in shares})


def _thinned(curve: Curve) -> Thinned:
    names = list(curve)[:MOST_CURVES]
    epochs = kept_epochs(max((len(curve[name]) for name in names), default=0))
    return {"epochs": epochs, "curves": {cut(name): [_at(curve[name], epoch) for epoch in epochs] for name in names}}


def _at(values: Sequence[float], epoch: int) -> float | None:
    inside = epoch <= len(values) and math.isfinite(values[epoch - 1])
    return shortened(values[epoch - 1], 4) if inside else None
