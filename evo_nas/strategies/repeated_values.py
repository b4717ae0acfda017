"""A genome that a script was asked about twice, and answered differently."""

from __future__ import annotations

from dataclasses import replace
from typing import final

from evo_nas.individual import Evaluated
from evo_nas.outcome import Outcome


@final
class RepeatedValues:
    """Makes replicates of what is told of a genome again, once two of its values differ.

    A run finds the outcome of a genome that is proposed twice (law 8), so that the second tells nothing, and a script
    whose function has no noise tells the same value twice. Where it has, the second is another measurement.
    """

    def __init__(self) -> None:
        self._first: dict[str, Outcome] = {}
        self._num_told: dict[str, int] = {}
        self._differing: set[str] = set()

    def numbered(self, each: Evaluated) -> Evaluated:
        """It, as the replicate that it is. To be called once for each outcome, in the order of proposal."""
        name = each.individual.fingerprint
        first = self._first.setdefault(name, each.outcome)
        replicate = self._num_told.get(name, 0)
        self._num_told[name] = replicate + 1
        if (each.outcome.status, each.outcome.metrics) != (first.status, first.metrics):
            self._differing.add(name)
        if name not in self._differing:
            return each
        return Evaluated(replace(each.individual, replicate=replicate), each.outcome)
