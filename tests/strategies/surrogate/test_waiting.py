"""What a search believes of outcomes that it has not been told."""

from __future__ import annotations

import pytest

from evo_nas.individual import Evaluated, Individual
from evo_nas.outcome import Status, failure
from tests.strategies.searching import SCORE, make, outcome, score, search


def noisy(individual: Individual) -> tuple[float, ...]:
    return (score(individual)[0] + ((individual.id * 7919) % 13) / 4.0,)


@pytest.mark.parametrize("num_told", [0, 12, 36])
@pytest.mark.parametrize("num_back", [1, 2, 7, 11])
def test_it_is_what_it_would_believe_had_it_been_told(num_told: int, num_back: int) -> None:
    asking, telling = (make(strategy="surrogate", population=12, batch=12, seed=num_back) for _ in range(2))
    for strategy in (asking, telling):
        search(strategy, num_told, noisy)
    asked = asking.ask(12)
    assert telling.ask(12) == asked
    outcomes = [Evaluated(each, outcome(noisy(each), [SCORE])) for each in asked]
    if num_back > 2:
        outcomes[1] = Evaluated(asked[1], failure(Status.DIVERGED, "NaN"))
    before, found = asking.answer(), asking.answer(outcomes[:num_back])
    telling.tell(outcomes[:num_back])
    assert found == telling.answer()
    assert asking.answer() == before
    telling.tell(outcomes[num_back:])
    asking.tell(outcomes)
    assert asking.ask(12) == telling.ask(12)


def test_of_outcomes_with_gaps_the_best_by_far_is_believed() -> None:
    strategy = make(strategy="surrogate", population=12, batch=12)
    search(strategy, 24, noisy)
    asked = strategy.ask(12)
    back = [Evaluated(asked[n], outcome((noisy(asked[n])[0] + 50.0 * (n == 7),), [SCORE])) for n in (2, 7, 10)]
    assert strategy.answer(back) == asked[7]
