"""Two fronts against each other, on values that can be checked by eye."""

from __future__ import annotations

import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.questions.fronts import front_rows, outcome_rows
from evo_nas.report.questions.pairs import Row
from evo_nas.report.questions.runs import Side
from genomes import Genome

SCORE, PARAMETERS = Objective("score", maximize=True), Objective("parameters", maximize=False)
BOTH = (SCORE, PARAMETERS)


def network(number: int, score: float, parameters: int) -> Evaluated:
    individual = Individual(number, 0, Genome("flat", {"n": number}), f"{number:032x}", (), "sample")
    return Evaluated(individual, Outcome(Status.OK, {"score": score}, parameters=parameters))


def side(*points: tuple[float, int]) -> Side:
    front = [network(number, *point) for number, point in enumerate(points)]
    failed = Evaluated(front[0].individual, failure(Status.DIVERGED, "NaN")) if front else None
    return Side("run", {}, BOTH, [*front, *([failed] if failed else [])], front[0] if front else None, front)


def test_two_fronts_are_measured_by_one_reference_point() -> None:
    # turned to be minimised: (-3, 30), (-1, 10) and (-2, 20), (-1, 20); the worst values and a tenth: (-0.8, 32)
    rows = front_rows(side((3.0, 30), (1.0, 10)), side((2.0, 20), (1.0, 20)), BOTH)
    volume = rows.pop(3)
    assert rows == [
        Row("networks on the front", 2, 2),
        Row("best score on it", 3.0, 2.0),
        Row("best parameters on it", 10.0, 20.0),
        Row("of it dominated by the other", 0, 1),
    ]
    assert volume.what == "hypervolume"
    assert (volume.first, volume.second) == pytest.approx((2.2 * 2 + 0.2 * 20, 1.2 * 12))


def test_equal_points_do_not_dominate_each_other_and_an_empty_front_has_no_volume() -> None:
    one = side((3.0, 30), (1.0, 10))
    assert front_rows(one, one, BOTH)[-1] == Row("of it dominated by the other", 0, 0)
    assert front_rows(one, side(), BOTH) == [
        Row("networks on the front", 2, 0),
        Row("best score on it", 3.0, None),
        Row("best parameters on it", 10.0, None),
        Row("of it dominated by the other", 0, 0),
    ]
    assert front_rows(one, one, [SCORE]) == []


def test_the_winner_is_told_in_every_objective() -> None:
    one = side((3.0, 30))
    assert outcome_rows(one, side(), BOTH) == [
        Row("individuals", 2, 0),
        Row("failed", 1, 0),
        Row("winner", 0, None),
        Row("its score", 3.0, None),
        Row("its parameters", 30.0, None),
    ]
    assert outcome_rows(one, one, [SCORE])[-1] == Row("its parameters", 30, 30)
