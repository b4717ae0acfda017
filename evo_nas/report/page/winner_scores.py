"""What the winner scored: three numbers with three names (law 9), each with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evo_nas.config.metrics import METRIC_RANGES
from evo_nas.individual import Evaluated, Objective
from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut, shown


@dataclass(frozen=True, slots=True)
class Score:
    """A score of the winner.

    name: such as "test score". interval: such as "0.9812–0.9960", or empty. note: what it was measured on. brief: the
    same, or the interval, in a few words.
    """

    name: str
    metric: str
    value: str
    interval: str
    note: str
    brief: str = ""


def winner_scores(record: RunRecord, best: Evaluated | None, num_measured: int = 1) -> tuple[Score, ...]:
    """Three numbers with three names (law 9), as far as they are known, for every metric but the loss.

    num_measured: how many trainings of the search the winner's score is the mean of.
    """
    if best is None:
        return ()
    scores = record.scores or {}
    if scores.get("fingerprint") != best.individual.fingerprint:
        scores = {}
    of = "one training" if num_measured <= 1 else f"mean of {num_measured} trainings"
    search = _scores(
        "search score", best.outcome.metrics, {}, f"{of}; it steered the search, and is rather too good", of
    )
    confirmation = scores.get("confirmation") or {}
    told = f"mean of {confirmation.get('trainings', 'some')} trainings on {confirmation.get('on', 'new seeds')}"
    ends = _ends(confirmation.get("interval")) or _from_spread(confirmation)
    confirmed = _scores("confirmation score", confirmation.get("mean") or {}, ends, told)
    interval = scores.get("test_interval")
    how = f", the interval from {interval.get('how')}" if interval and _ends(interval) else ""
    tested = _scores("test score", scores.get("test") or {}, _ends(interval), f"rows that no choice saw{how}")
    return (*tested, *confirmed, *search)


def main_scores(scores: Sequence[Score], objectives: Sequence[Objective]) -> tuple[Score, ...]:
    """Of each name the one in the first objective, or the first one; in the order in which they are to be believed."""
    chosen = []
    for name in ("test score", "confirmation score", "search score"):
        told = [score for score in scores if score.name == name]
        own = [score for score in told if objectives and score.metric == cut(objectives[0].name)]
        chosen += (own or told)[:1]
    return tuple(chosen)


def remark(scores: Mapping[str, Any] | None, main: Sequence[Score]) -> str:
    """Why a test score may lie outside the interval of the confirmation; empty where it does not."""
    by_name = {score.name: score for score in main}
    tested, confirmed = by_name.get("test score"), by_name.get("confirmation score")
    if scores is None or tested is None or confirmed is None or tested.metric != confirmed.metric:
        return ""
    confirmation = scores.get("confirmation") or {}
    ends = (_ends(confirmation.get("interval")) or _from_spread(confirmation)).get(tested.metric)
    if not ends or ends[0] <= float(scores["test"][tested.metric]) <= ends[1]:
        return ""
    return (
        "The test score lies outside the confirmation\N{RIGHT SINGLE QUOTATION MARK}s interval, and that is no "
        "contradiction: it was measured on other rows, and the interval covers only what new seeds of the training "
        "change, not the choice of the rows"
    )


def _scores(
    name: str, metrics: Mapping[str, float], intervals: Mapping[str, Any], note: str, brief: str = ""
) -> list[Score]:
    """brief: of those that have no interval."""
    wanted = {metric: value for metric, value in metrics.items() if metric != "loss"} or metrics
    return [_score(name, cut(m), float(v), _interval(intervals.get(m)), note, brief) for m, v in wanted.items()]


def _score(name: str, metric: str, value: float, interval: str, note: str, brief: str) -> Score:
    return Score(name, metric, _digits(value), interval, note, f"95 %: {interval}" if interval else brief)


def _ends(interval: Any) -> Mapping[str, Any]:
    """metric -> [low, high], of an interval as `running.scores` writes it; empty where there is none."""
    return interval.get("of") or {} if isinstance(interval, Mapping) else {}


def _from_spread(confirmation: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Student's interval (95 %) from mean, standard deviation and number of trainings, for runs of older versions."""
    count = int(confirmation.get("trainings") or 0)
    means, spreads = confirmation.get("mean") or {}, confirmation.get("std") or {}
    if count < 2:
        return {}
    from scipy.special import stdtrit

    reach = float(stdtrit(count - 1, 0.975)) / count**0.5
    ends = {name: (means[name] - reach * spreads[name], means[name] + reach * spreads[name]) for name in spreads}
    ranges = {name: METRIC_RANGES.get(name, (-math.inf, math.inf)) for name in ends}
    return {name: (max(low, ranges[name][0]), min(high, ranges[name][1])) for name, (low, high) in ends.items()}


def _interval(ends: Any) -> str:
    if not isinstance(ends, Sequence) or len(ends) != 2:
        return ""
    return f"{_digits(float(ends[0]))}–{_digits(float(ends[1]))}"


def _digits(value: float) -> str:
    """Four of them behind the point, as everywhere else that a score is told; fewer for large numbers."""
    return f"{value:.4f}" if abs(value) < 10 else shown(value)
