"""Which operators are worth their cost: odds adapted from what the children of each gained over their parents."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import final

from evo_nas.individual import Evaluated, Individual, Objective, objective_values
from evo_nas.outcome import Outcome

LEAST_ODDS = 0.05
"""Of the poorest operator, so that none dies: what fails now may be what helps later."""
HALF_LIFE = 100
"""Children after which a child's credit counts half."""
PRIOR_CHILDREN = 4.0
"""Every operator starts with so many children of mean credit and mean cost, and returns there when it is not used."""
WINDOW = 50
"""Gains that a gain is ranked among."""
SHARPNESS = 2.0
"""Measured on six synthetic spaces: 1 gained a little less, 3 no more."""
REFRESH = 10
"""Children after which the odds are formed anew."""
COST_BOUND = 4.0
"""A child counts as at most so many times, and at least this part of, the mean cost."""
DECAY = 0.5 ** (1.0 / HALF_LIFE)
NO_CHILDREN = ("measure_again", "promote")
"""Proposals whose parent is the same genome."""
_UNKNOWN: tuple[int | None, tuple[float, ...]] = (None, ())


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """What is known of one operator. Shared children count in full with every operator that had a part in them.

    num_improved: children better than their first parent, in any objective. mean_gain, best_gain: over those children,
    of the first objective in its own unit, positive for better; None where there is none. relative_cost: of its
    children, 1 is the mean of all. odds: in (0, 1].
    """

    operator: str
    num_children: int
    num_failed: int
    num_improved: int
    mean_gain: float | None
    best_gain: float | None
    relative_cost: float
    odds: float


@dataclass(slots=True)
class _Tally:
    """Discounted sums, as they stood when `time` children had been told; and plain counts of the whole run."""

    time: int = 0
    credit: float = 0.0
    cost: float = 0.0
    num_children: int = 0
    num_failed: int = 0
    num_improved: int = 0
    gain: float = 0.0
    best_gain: float = -math.inf
    total_cost: float = 0.0
    weight: float = 0.0


@lru_cache(maxsize=4096)
def families(operator: str) -> tuple[tuple[str, float], ...]:
    """The operators that had a part in a child, with their shares, which sum to 1.

    The grain is a gene: "change_gene:momentum,rho + insert_layer" is a quarter each for "change_gene:momentum" and
    "change_gene:rho", and a half for "insert_layer".
    """
    shares: dict[str, float] = {}
    parts = operator.split(" + ")
    for part in parts:
        kind, _, genes = part.partition(":")
        names = [f"{kind}:{gene}" for gene in genes.split(",")] if genes else [kind]
        for name in names:
            shares[name] = shares.get(name, 0.0) + 1.0 / len(parts) / len(names)
    return tuple(shares.items())


@final
class OperatorOdds:
    """Probability matching on ranks (Fialho, Schoenauer and Sebag 2010, "Toward comparison-based adaptive operator
    selection"), per unit of cost.

    The credit of a child is the rank of its gain among the last `WINDOW` gains, as a share, and 0 for a child no
    better than its first parent and for a failure: one outlier counts no more than any other best. With several
    objectives it is the mean over them, and 0 for a child that its parent dominates. An operator's quality is its
    credit per cost, both discounted by `HALF_LIFE`; cost is FLOPs x epochs, relative to the mean, and 1 where it is
    not known (never seconds, law 12). Odds are the quality relative to the best, to the power of `SHARPNESS`, at least
    `LEAST_ODDS`.

    It differs from the paper in that ranks are given once and not revised, in that time is an exponential discount and
    no window, in the cost, and in that odds thin the encoding's own draw in place of replacing it. The state depends
    on the sequence of outcomes told and not on how it was cut.

    What a child of two parents gains is the credit of the operator that mated them, which is named first, and of no
    mutation after it; nor is any mutation measured by that.
    """

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self._objectives = tuple(objectives)
        self._mating: set[str] = set()
        self._values: dict[int, tuple[int | None, tuple[float, ...]]] = {}
        self._tallies: dict[str, _Tally] = {}
        self._all = _Tally()
        self._gains = [_Ranking() for _ in self._objectives]
        self._odds: dict[str, float] = {}
        self._unknown_odds = 1.0
        self._mean_cost = 0.0

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """Take in outcomes in order of proposal. Cost: microseconds each.

        A child is compared with a parent that was judged after as many epochs; what only measures its parent again, or
        trains it further, is no child.
        """
        for each in evaluated:
            individual = each.individual
            values = objective_values(each.outcome, self._objectives)
            epochs, parent = self._values.get(individual.parents[0], _UNKNOWN) if individual.parents else _UNKNOWN
            if parent and epochs == individual.epochs and individual.operator not in NO_CHILDREN:
                self._count(each, values, parent)
            if values is not None:
                self._values[individual.id] = individual.epochs, values

    def odds(self, name: str) -> float:
        """In (0, 1]: how worthwhile an operator is, relative to the best one; of a new one, what is expected of it.

        name: as in the lineage; of one that changed several genes it is the mean.
        """
        known, unknown = self._odds, self._unknown_odds
        return min(1.0, sum(share * known.get(family, unknown) for family, share in families(name)))

    def table(self) -> list[OperatorRow]:
        """A row an operator, the one with most children first."""
        rows = [
            OperatorRow(
                name,
                tally.num_children,
                tally.num_failed,
                tally.num_improved,
                tally.gain / tally.num_improved if tally.num_improved else None,
                tally.best_gain if tally.num_improved else None,
                tally.total_cost / tally.weight,
                self.odds(name),
            )
            for name, tally in self._tallies.items()
        ]
        return sorted(rows, key=lambda row: (-row.num_children, row.operator))

    def _count(self, each: Evaluated, values: tuple[float, ...] | None, parent: tuple[float, ...]) -> None:
        gains = () if values is None else self._gains_over(values, parent)
        credit = self._credit(gains)
        cost = self._relative_cost(each.outcome)
        time = self._all.time + 1
        _add(self._all, time, credit, cost, 1.0)
        for name, share in self._shares(each.individual):
            tally = self._tallies.setdefault(name, _Tally(time))
            _add(tally, time, credit, cost, share)
            _note(tally, gains, improved=credit > 0.0)
        if time % max(REFRESH, len(self._tallies) // 4) == 0:
            self._refresh(time)

    def _shares(self, individual: Individual) -> tuple[tuple[str, float], ...]:
        shares = families(individual.operator)
        if len(individual.parents) < 2:
            return shares
        mating = shares[0][0]
        self._mating.add(mating)
        return ((mating, 1.0),)

    def _gains_over(self, values: tuple[float, ...], parent: tuple[float, ...]) -> tuple[float, ...]:
        weighted = zip(self._objectives, values, parent, strict=True)
        return tuple(objective.weight * (mine - theirs) for objective, mine, theirs in weighted)

    def _credit(self, gains: tuple[float, ...]) -> float:
        ranks = [ranking.rank(gain) for ranking, gain in zip(self._gains, gains, strict=False)]
        if not any(gain > 0.0 for gain in gains):
            return 0.0
        return sum(rank for rank, gain in zip(ranks, gains, strict=True) if gain > 0.0) / len(gains)

    def _relative_cost(self, outcome: Outcome) -> float:
        """Relative to a running mean; what has no known cost, or was never trained, costs as much as any other."""
        cost = float(outcome.flops) * sum(outcome.epochs)
        if cost <= 0.0:
            return 1.0
        self._mean_cost += (1.0 - DECAY if self._mean_cost else 1.0) * (cost - self._mean_cost)
        return min(COST_BOUND, max(1.0 / COST_BOUND, cost / self._mean_cost))

    def _refresh(self, time: int) -> None:
        mean = self._all.credit / self._all.cost
        qualities = {name: _quality(tally, time, mean) for name, tally in self._tallies.items()}
        best = max((quality for name, quality in qualities.items() if name not in self._mating), default=0.0)
        if best > 0.0:
            self._odds = {name: _odds(quality, best) for name, quality in qualities.items()}
            self._unknown_odds = _odds(mean, best)


class _Ranking:
    """The last `WINDOW` gains, in order of size."""

    def __init__(self) -> None:
        self._sorted: list[float] = []
        self._recent: deque[float] = deque()

    def rank(self, gain: float) -> float:
        """Its place among the window and itself, the smallest first, as a share in (0, 1]; then it is part of it."""
        place = (bisect_left(self._sorted, gain) + 1) / (len(self._sorted) + 1)
        insort(self._sorted, gain)
        self._recent.append(gain)
        if len(self._recent) > WINDOW:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]
        return place


def _add(tally: _Tally, time: int, credit: float, cost: float, share: float) -> None:
    faded = DECAY ** (time - tally.time)
    tally.time = time
    tally.credit = faded * tally.credit + share * credit
    tally.cost = faded * tally.cost + share * cost
    tally.total_cost += share * cost
    tally.weight += share


def _note(tally: _Tally, gains: tuple[float, ...], *, improved: bool) -> None:
    tally.num_children += 1
    tally.num_failed += not gains
    if improved:
        tally.num_improved += 1
        tally.gain += gains[0]
        tally.best_gain = max(tally.best_gain, gains[0])


def _quality(tally: _Tally, time: int, mean: float) -> float:
    faded = DECAY ** (time - tally.time)
    return float((faded * tally.credit + PRIOR_CHILDREN * mean) / (faded * tally.cost + PRIOR_CHILDREN))


def _odds(quality: float, best: float) -> float:
    return float(min(1.0, max(LEAST_ODDS, (quality / best) ** SHARPNESS)))
