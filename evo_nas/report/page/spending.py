"""Where the time went, and what another hour may be expected to bring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config.metrics import METRIC_RANGES
from evo_nas.individual import SIZES, Evaluated, Objective
from evo_nas.report.page.columns import paid_seconds
from evo_nas.report.page.packing import shortened
from evo_nas.report.page.record import RunRecord

HOUR = 3600.0
LEAST_SCORES = 20
"""Recent scores below which nothing is said about the future."""
TAIL_SHARE = 0.25
"""The best part of the recent scores, which say how scores thin out."""
NEGLIGIBLE = 0.05
"""Of the distance between the quartiles of the recent scores: a gain below it is called none."""
_NUM_STEPS = 2_000


def where_time_went(record: RunRecord, best: Evaluated | None) -> dict[str, Any]:
    """{"kinds": [{"kind", "individuals", "seconds"}], "elapsed", "training", "outlook"} as plain data.

    kinds: trained to the end, stopped early, judged on a rung, failed, found in the store or known already. training:
    seconds of all trainings together, which is more than the elapsed ones where workers share the work.
    """
    kinds: dict[str, list[float]] = {}
    seconds = paid_seconds(record)
    for individual, paid in zip(record.individuals, seconds, strict=True):
        each = record.by_id.get(individual.id)
        if each is not None:
            kinds.setdefault(_kind(record, each, paid), []).append(paid)
    return {
        "kinds": [
            {"kind": name, "individuals": len(kinds[name]), "seconds": shortened(sum(kinds[name]))}
            for name in KINDS
            if name in kinds
        ],
        "elapsed": shortened(record.elapsed_seconds),
        "training": shortened(sum(seconds)),
        "outlook": outlook(record, best),
    }


KINDS = ("trained to the end", "stopped early", "judged on a rung", "failed", "known already")


def _kind(record: RunRecord, each: Evaluated, paid: float) -> str:
    """A fitness function may cost nothing that could be measured, and was called all the same."""
    if not each.outcome.ok:
        return "failed"
    if paid == 0.0 and each.outcome.seconds > 0.0:
        return "known already"
    if each.individual.epochs is not None:
        return "judged on a rung"
    early = record.epochs is not None and each.outcome.epochs and min(each.outcome.epochs) < record.epochs
    return "stopped early" if early else "trained to the end"


def outlook(record: RunRecord, best: Evaluated | None) -> dict[str, Any] | None:
    """What another hour promises: {"gain", "negligible", "scores", "an_hour", "objective"}; None where too little is
    known.

    It is taken that children go on to score as those of the last half of the run did, each for itself, and that what
    the better ones score beyond the upper quartile follows the law of excesses (see `expected_gain`).
    """
    scores = _recent_scores(record)
    if best is None or len(scores) < LEAST_SCORES or not record.elapsed_seconds:
        return None
    objective = record.objectives[0]
    an_hour = len(record.evaluated) * HOUR / record.elapsed_seconds
    standing = objective.weight * objective.value(best.outcome)
    gain = expected_gain(scores, standing, an_hour * len(scores) / max(1, _num_recent(record)))
    if (end := _end(objective)) is not None:
        gain = min(gain, max(0.0, end - standing))
    return {
        "gain": shortened(gain, 3),
        "negligible": gain < NEGLIGIBLE * float(np.ptp(np.quantile(scores, (0.25, 0.75)))),
        "scores": len(scores),
        "an_hour": round(an_hour),
        "objective": objective.name,
    }


def expected_gain(scores: Sequence[float], standing: float, num_more: float) -> float:
    """By how much the best of so many more draws is expected to beat `standing`, larger being better.

    scores: at least `LEAST_SCORES` earlier draws. standing: the best of a run; where it lies below the upper quartile,
    only what lies beyond that is counted. The excesses of the best of them over a threshold are taken for a
    generalised Pareto distribution (Pickands 1975) with shape and scale by the method of moments (Hosking and Wallis
    1987); a shape above 0, a tail heavier than the exponential, counts as 0. The number of draws beyond a value is
    Poisson; the mean of the largest is the integral of the chance that one lies beyond.
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    tail = ordered[-max(2, round(TAIL_SHARE * len(ordered))) :]
    unit = float(tail[-1] / 2 - tail[0] / 2) * 2
    if not 0.0 < unit < np.inf or num_more <= 0.0:
        return 0.0
    excesses = (tail - tail[0]) / unit
    shape, scale = _shape_and_scale(excesses)
    start = max(0.0, (standing - float(tail[0])) / unit)
    end = 40.0 * scale if shape > -1e-6 else min(-scale / shape, 40.0 * scale)
    if start >= end:
        return 0.0
    beyond = np.linspace(start, end, _NUM_STEPS)
    rates = num_more * len(tail) / len(ordered) * _survival(beyond, shape, scale)
    return unit * float(np.trapezoid(-np.expm1(-rates), beyond))


def _shape_and_scale(excesses: NDArray[np.float64]) -> tuple[float, float]:
    """By the method of moments; excesses in [0, 1], not all equal."""
    mean = float(excesses.mean())
    ratio = mean**2 / float(excesses.var())
    return ((1.0 - ratio) / 2.0, mean * (ratio + 1.0) / 2.0) if ratio > 1.0 else (0.0, mean)


def _survival(excess: NDArray[np.float64], shape: float, scale: float) -> NDArray[np.float64]:
    """The chance that a generalised Pareto excess is larger."""
    if shape > -1e-6:
        return np.asarray(np.exp(-excess / scale))
    return np.asarray(np.maximum(0.0, 1.0 + shape * excess / scale) ** (-1.0 / shape))


def _end(objective: Objective) -> float | None:
    """The best value that an objective can have, larger being better; None where nothing bounds it."""
    lowest, highest = METRIC_RANGES.get(objective.name, (0.0 if objective.name in SIZES else -math.inf, math.inf))
    end = highest if objective.maximize else -lowest
    return end if math.isfinite(end) else None


def _num_recent(record: RunRecord) -> int:
    return len(record.evaluated) - len(record.evaluated) // 2


def _recent_scores(record: RunRecord) -> list[float]:
    """Of the later half: successes of the whole recipe, measured for the first time."""
    if not record.objectives:
        return []
    objective = record.objectives[0]
    recent = record.evaluated[len(record.evaluated) // 2 :]
    whole = [e for e in recent if e.outcome.ok and e.individual.epochs is None and not e.individual.replicate]
    return [objective.weight * objective.value(each.outcome) for each in whole]
