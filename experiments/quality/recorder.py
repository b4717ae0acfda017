"""The clock of a trial, and what is written down by it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from experiments.quality.trace import Point, Trace

NOTHING = Point(0.0, 0, math.inf, math.inf)


class MinutesSpentError(Exception):
    """Raised at a peer whose time is over."""


class Recorder:
    """Notes what an engine holds. began: when its process was started, on the monotonic clock.

    limit_seconds: what comes later is not noted. target: a confirmation that ends the trial; None lets it go on.
    """

    def __init__(
        self,
        began: float,
        limit_seconds: float,
        *,
        target: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._began = began
        self._limit = limit_seconds
        self._target = target
        self._clock = clock
        self._paused = 0.0
        self._points: list[Point] = []

    @property
    def seconds(self) -> float:
        """Since the beginning, without the measurements that are ours and not the engine's."""
        return self._clock() - self._began - self._paused

    @property
    def is_over(self) -> bool:
        """Whether the time is spent or the target reached."""
        return self.seconds >= self._limit or self._reached

    @property
    def last(self) -> Point:
        return self._points[-1] if self._points else NOTHING

    @property
    def _reached(self) -> bool:
        return self._target is not None and self.last.reaches(self._target)

    def check(self) -> None:
        """Raise MinutesSpentError where the time is spent."""
        if self.seconds >= self._limit:
            raise MinutesSpentError

    def trained(self, validation: float, confirm: Callable[[], float]) -> None:
        """A peer has trained a network. validation: NaN or infinite where that failed. confirm: measures it, off the
        clock, where it is the best so far. Raises MinutesSpentError where it came too late.
        """
        self.check()
        point = replace(self.last, seconds=self.seconds, trial=self.last.trial + 1)
        if validation < point.validation:
            with self._pause():
                point = replace(point, validation=validation, confirmation=confirm())
        self._points.append(point)

    def believed(self, trial: int, validation: float, confirmation: float) -> None:
        """An engine holds another network. What comes after the end is passed over."""
        if not self.is_over:
            self._points.append(Point(self.seconds, trial, validation, confirmation))

    def trace(self) -> Trace:
        """All points, and that of the end where the time has been spent."""
        if self._reached:
            return self._points
        return [*self._points, replace(self.last, seconds=self._limit)]

    @contextmanager
    def _pause(self) -> Iterator[None]:
        began = self._clock()
        try:
            yield
        finally:
            self._paused += self._clock() - began
