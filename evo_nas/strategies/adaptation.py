"""What a search learns about its operators and its genes, and how children are thinned by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, final

from evo_nas.individual import Evaluated, Objective
from evo_nas.strategies.failure_odds import FailureOdds
from evo_nas.strategies.operator_odds import OperatorOdds
from genomes import Encoding, Genome

T = TypeVar("T")

TRIES = 5
"""Candidates for one child at most; where none is kept, the likeliest of them is."""


@final
class Adaptation:
    """`OperatorOdds` and `FailureOdds` together: a candidate is kept with the product of both odds."""

    def __init__(self, encoding: Encoding, objectives: Sequence[Objective]) -> None:
        self.operators = OperatorOdds(objectives)
        self.failures = FailureOdds(encoding)

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """Take in outcomes in order of proposal."""
        self.operators.tell(evaluated)
        self.failures.tell(evaluated)

    def odds(self, genome: Genome, operators: Sequence[str] = ()) -> float:
        """In (0, 1]: of a genome that the operators just made; of a sample where there are none."""
        odds = self.failures.odds(genome)
        for operator in operators:
            odds *= self.operators.odds(operator)
        return odds


def thinned(draw: Callable[[], T], odds: Callable[[T], float], uniform: Callable[[], float]) -> T:
    """The first of `TRIES` candidates that is kept with its odds; the likeliest where none is.

    draw makes a candidate, odds says how likely it is kept, in (0, 1], and uniform draws from [0, 1); at odds of 1
    nothing is drawn, so that a search which has learnt nothing yet is the one that does not learn.
    """
    tried: list[tuple[float, T]] = []
    for _ in range(TRIES):
        candidate = draw()
        share = odds(candidate)
        if share >= 1.0 or uniform() < share:
            return candidate
        tried.append((share, candidate))
    return max(tried, key=lambda each: each[0])[1]
