"""Whether a search still gets better, by more than its noise."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from typing import final

from evo_nas.individual import Constraint, Evaluated, Objective, objective_values, total_violation

WINDOW = 100
"""Outcomes whose spread is the measure of what is a small difference."""
SMALL_SHARE = 0.01
"""Of the distance between the quartiles: no improvement smaller than this is one."""
SMALL_QUARTILE_SHARE = 0.05
"""The same for the upper quartile of the window, which trembles."""
LEAST_REPEATS = 3
"""Measurements of a genome beyond its first before they say what the noise is."""

Values = tuple[float, ...]


@final
class Progress:
    """Epsilon-progress (Hadka and Reed 2013, "Borg"): an outcome is better if nothing that was there before is as good
    within a margin, in every objective.

    With one objective it is also progress when the better quarter of the last `WINDOW` outcomes begins higher than
    ever: where measurements are noisy, a lucky one stands for long while the population behind it still improves.

    The margin of an objective is the standard deviation of repeated measurements of one genome, or a hundredth of the
    spread of the last `WINDOW` outcomes where that is larger. It differs from the paper, where a person gives the
    margin, and in that the archive is compared by additive margins in place of boxes. Small steps add up: the mark to
    be beaten moves only when it is beaten. Repeated measurements, rungs and failures are no progress; what breaks a
    constraint is some while nothing keeps them and it breaks them less, and is not among the outcomes of the window.
    """

    def __init__(self, objectives: Sequence[Objective], constraints: Sequence[Constraint] = ()) -> None:
        self._objectives = tuple(objectives)
        self._constraints = tuple(constraints)
        self._spreads = [_Spread() for _ in self._objectives]
        self._noise = _Noise(len(self._objectives))
        self._marks: list[Values] = []
        self._least_violation = math.inf
        self._quartile_mark: float | None = None
        self._flat = True
        self._first: Values | None = None

    @property
    def flat(self) -> bool:
        """Whether all outcomes so far have the same values, two successes or more."""
        return self._flat and self._first is not None

    def margins(self) -> Values:
        """Improvements that count are larger, for each objective in its own unit."""
        return tuple(
            max(SMALL_SHARE * spread.quartile_distance, noise)
            for spread, noise in zip(self._spreads, self._noise.deviations(), strict=True)
        )

    def improves(self, each: Evaluated) -> bool:
        """Take in one outcome; whether it is better than all before, or the outcomes on the whole are."""
        values = objective_values(each.outcome, self._objectives)
        if values is None or each.individual.epochs is not None:
            return False
        weighted = tuple(o.weight * value for o, value in zip(self._objectives, values, strict=True))
        self._noise.add(each.individual.fingerprint, weighted, again=each.individual.replicate > 0)
        if each.individual.replicate:
            return False
        self._flat = self._flat and weighted == (self._first or weighted)
        self._first = self._first or weighted
        if violation := total_violation(each.outcome, self._constraints):
            return self._less_violating(violation)
        for spread, value in zip(self._spreads, weighted, strict=True):
            spread.add(value)
        better = self._beats(weighted)
        return self._quartile_rises() or better

    def _less_violating(self, violation: float) -> bool:
        if self._marks or violation > (1.0 - SMALL_SHARE) * self._least_violation:
            return False
        self._least_violation = violation
        return True

    def _quartile_rises(self) -> bool:
        spread = self._spreads[0]
        if len(self._spreads) > 1 or not spread.full:
            return False
        mark, margin = self._quartile_mark, SMALL_QUARTILE_SHARE * spread.quartile_distance
        if mark is not None and spread.upper_quartile <= mark + margin:
            return False
        self._quartile_mark = spread.upper_quartile
        return mark is not None

    def _beats(self, values: Values) -> bool:
        margins = self.margins()
        if any(_as_good(mark, values, margins) for mark in self._marks):
            return False
        self._marks = [mark for mark in self._marks if not _as_good(values, mark, (0.0,) * len(margins))]
        self._marks.append(values)
        return True


def _as_good(mark: Values, values: Values, margins: Values) -> bool:
    return all(a + margin >= b for a, b, margin in zip(mark, values, margins, strict=True))


class _Spread:
    """Quartiles of the last `WINDOW` values."""

    def __init__(self) -> None:
        self._sorted: list[float] = []
        self._recent: deque[float] = deque()

    def add(self, value: float) -> None:
        insort(self._sorted, value)
        self._recent.append(value)
        if len(self._recent) > WINDOW:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]

    @property
    def full(self) -> bool:
        return len(self._sorted) == WINDOW

    @property
    def upper_quartile(self) -> float:
        return self._sorted[3 * len(self._sorted) // 4]

    @property
    def quartile_distance(self) -> float:
        """0 while there is no value."""
        count = len(self._sorted)
        return self._sorted[3 * count // 4] - self._sorted[count // 4] if count else 0.0


class _Noise:
    """The pooled standard deviation of repeated measurements, by Welford's updates (1962)."""

    def __init__(self, num_objectives: int) -> None:
        self._means: dict[str, tuple[int, Values]] = {}
        self._squares = [0.0] * num_objectives
        self._num_repeats = 0

    def add(self, fingerprint: str, values: Values, *, again: bool) -> None:
        """A genome's first value, or one more; a second proposal that was not measured again is neither."""
        if not again:
            self._means.setdefault(fingerprint, (1, values))
        elif fingerprint in self._means:
            count, means = self._means[fingerprint]
            self._num_repeats += 1
            shares = [(value - mean) / (count + 1) for value, mean in zip(values, means, strict=True)]
            self._squares = [s + count * (count + 1) * d * d for s, d in zip(self._squares, shares, strict=True)]
            self._means[fingerprint] = count + 1, tuple(m + d for m, d in zip(means, shares, strict=True))

    def deviations(self) -> Values:
        """For each objective; 0 while too little was measured again."""
        if self._num_repeats < LEAST_REPEATS:
            return (0.0,) * len(self._squares)
        return tuple(math.sqrt(square / self._num_repeats) for square in self._squares)
