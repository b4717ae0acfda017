"""What an engine held from moment to moment, and how soon that was good enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True, slots=True)
class Point:
    """What an engine holds from a moment on. seconds: since it was started. trial: trainings that had come back.

    validation, confirmation: the metric, smaller is better, of the network that it believes best, on the rows that
    steer and on those that no choice sees; infinite before there is one.
    """

    seconds: float
    trial: int
    validation: float
    confirmation: float

    def reaches(self, target: float) -> bool:
        """Whether it is at least as good; where nothing is held, nothing is reached."""
        return math.isfinite(self.confirmation) and self.confirmation <= target


Trace = Sequence[Point]
"""In order of time. The last point stands where the engine was ended."""


def seconds_to_reach(trace: Trace, target: float) -> float:
    """The first moment at which a network is held that is at least as good as the target; infinite if there is none."""
    return next((point.seconds for point in trace if point.reaches(target)), math.inf)


def held_from(trace: Trace, target: float) -> float:
    """The first moment from which on it was never worse than the target, as far as the trace goes; or infinite."""
    held = list(takewhile(lambda point: point.reaches(target), reversed(trace)))
    return held[-1].seconds if held else math.inf


def lasted(trace: Trace, minutes: float) -> bool:
    """Whether the engine was let go on for so long."""
    return bool(trace) and trace[-1].seconds >= 60.0 * minutes


def answers_question(trace: Trace, minutes: float, target: float | None) -> bool:
    """Whether there is nothing more to learn: the time is over, or the target has been reached."""
    reached = target is not None and seconds_to_reach(trace, target) < math.inf
    return reached or lasted(trace, minutes)
