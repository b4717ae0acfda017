"""How high networks climb: no higher than needed to rank them (PASHA; Bohdal et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from evo_nas.individual import Objective
from evo_nas.strategies.fidelity.ranking import noise_of, ranks_alike
from evo_nas.strategies.fidelity.standing import Standing

FIRST_TOP = 1
WINDOW = 100
"""The networks that reached the top last: what is known of others costs more to compare than it says."""


@final
class Ceiling:
    """top: the highest rung that ranks are made on. It rises by one when the networks on it are ranked otherwise than
    they were on the rung below, by more than noise; with several objectives, by any of them.

    It differs from the paper in that the noise is taken from a network's values on the rungs and not after every
    epoch, so that it is 0 and every change of order counts until three rungs are in use; and in that the rungs of a
    batch are waited for.
    """

    def __init__(self, last: int, objectives: Sequence[Objective]) -> None:
        self.top = min(FIRST_TOP, last)
        self._last = last
        self._objectives = tuple(objectives)
        self._arrived: dict[Standing, None] = {}

    def note(self, arrived: Sequence[Standing]) -> None:
        """Networks that have reached the top. Raises it where they show that it is too low."""
        self._arrived.update(dict.fromkeys(arrived))
        if self.top < self._last and not all(map(self._is_stable, self._objectives)):
            self.top += 1

    def on_top(self) -> list[Standing]:
        """All that have reached the top so far and have not failed, in the order in which they did."""
        return [each for each in self._arrived if self.top in each.told and not each.has_failed]

    def _is_stable(self, objective: Objective) -> bool:
        curves = [self._curve(standing, objective) for standing in self._comparable()[-WINDOW:]]
        if len(curves) < 2:
            return True
        lower, upper = ([curve[rung] for curve in curves] for rung in (-2, -1))
        return ranks_alike(lower, upper, noise_of(curves))

    def _comparable(self) -> list[Standing]:
        """Without those that were given the whole recipe past rungs that are in use now."""
        return [each for each in self.on_top() if all(rung in each.told for rung in range(self.top))]

    def _curve(self, standing: Standing, objective: Objective) -> list[float]:
        """Its values on the rungs up to the top, larger is better."""
        outcomes = [standing.told[rung].outcome for rung in range(self.top + 1)]
        return [objective.weight * objective.value(outcome) for outcome in outcomes]
