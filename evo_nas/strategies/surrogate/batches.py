"""Where batches begin and what they wait for: functions of the settings alone (law 3)."""

from __future__ import annotations

from bisect import bisect_right
from typing import final

FIRST, LEAST, SHARE = 6, 2, 8
"""The first batch; then a batch is 1/SHARE of the proposals before it, at least LEAST, at most the largest: while every
outcome still teaches much, few proposals are made without knowing it."""
OPEN_SHARE = 4
"""In a steady state a batch is at most this part of what may be open: while one is asked for, others train."""


@final
class Batches:
    """Proposals 0, 1, 2, ... cut into batches, each asked for at once.

    largest: proposals of a batch, at most. constant: every batch is as large as that. in_flight: how many proposals may
    be open; None waits for all results before each batch.
    """

    def __init__(self, largest: int, *, constant: bool = False, in_flight: int | None = None) -> None:
        self._in_flight = in_flight
        self._largest = largest if in_flight is None else max(1, min(largest, in_flight // OPEN_SHARE))
        self._least = self._largest if constant else min(LEAST, self._largest)
        self._starts = [0, self._largest if constant else min(FIRST, self._largest)]

    def start(self, proposal: int) -> int:
        """The first proposal of the batch that a proposal belongs to."""
        self._reach(proposal)
        return self._starts[bisect_right(self._starts, proposal) - 1]

    def size(self, start: int) -> int:
        """How many proposals the batch that begins there has."""
        self._reach(start)
        return self._starts[bisect_right(self._starts, start)] - start

    def required_results(self, proposal: int) -> int:
        """How many results the batch of a proposal is made from."""
        start = self.start(proposal)
        if self._in_flight is None:
            return start
        return min(start, max(0, start + self.size(start) - self._in_flight))

    def _reach(self, proposal: int) -> None:
        while self._starts[-1] <= proposal:
            before = self._starts[-1]
            self._starts.append(before + min(self._largest, max(self._least, before // SHARE)))
