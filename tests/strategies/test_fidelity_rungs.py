"""After how many epochs networks are judged, how many go on, and whether two rungs rank them alike."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas import AskTell
from evo_nas.config import SearchSettings
from evo_nas.errors import UserError
from evo_nas.individual import Constraint, Individual
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.strategies import DeapIndividual, check_fidelity, evaluated_individual
from evo_nas.strategies.fidelity.deal import Deal
from evo_nas.strategies.fidelity.ranking import best_of, is_led, noise_of, ranks_alike
from evo_nas.strategies.fidelity.rungs import bracket_sizes, ladder, num_promoted
from tests.strategies.searching import COST, SCORE, encoding


def halving(**settings: object) -> SearchSettings:
    return SearchSettings(fidelity="halving", **settings)


@pytest.mark.parametrize(
    ("epochs", "settings", "rungs"),
    [
        (81, {}, (3, 9, 27)),
        (50, {}, (2, 6, 17)),
        (50, {"least_epochs": 1}, (2, 6, 17)),
        (100, {"least_epochs": 1}, (2, 4, 12, 34)),
        (50, {"least_epochs": 10}, (17,)),
        (50, {"eta": 2}, (7, 13, 25)),
        (50, {"eta": 10}, (5,)),
        (3, {}, (1,)),
        (2, {"eta": 2}, (1,)),
    ],
)
def test_rungs_are_the_recipe_divided_by_eta(epochs: int, settings: dict[str, int], rungs: tuple[int, ...]) -> None:
    assert ladder(halving(**settings), epochs) == (*rungs, None)
    assert ladder(SearchSettings(**settings), epochs) == (None,)


@given(st.integers(1, 5000), st.integers(2, 10), st.integers(1, 50))
def test_rungs_rise_and_never_reach_the_recipe(epochs: int, eta: int, least: int) -> None:
    try:
        *rungs, whole = ladder(halving(eta=eta, least_epochs=least), epochs)
    except UserError:
        assert epochs < eta * least
        return
    assert whole is None
    assert least <= rungs[0]
    assert all(lower < higher for lower, higher in zip(rungs, [*rungs[1:], epochs], strict=True))


@pytest.mark.parametrize(
    ("epochs", "settings", "message"),
    [
        (
            None,
            {},
            '[search] fidelity = "halving" judges networks after a part of their epochs, and a fitness function',
        ),
        (2, {}, "a recipe of 2 epochs has no rung at a part of them, 2/3 (eta = 3) being less than 1 (least_epochs)"),
        (
            50,
            {"least_epochs": 30},
            "50/3 (eta = 3) being less than 30 (least_epochs); lengthen [recipe] epochs, or use",
        ),
    ],
)
def test_a_recipe_without_room_for_a_rung_is_refused(
    epochs: int | None, settings: dict[str, int], message: str
) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        check_fidelity(halving(**settings), epochs)


def test_a_script_of_one_s_own_has_no_epochs() -> None:
    with pytest.raises(
        UserError, match=r'fidelity = "pasha" judges networks .* a script of your own has none; use "full"'
    ):
        AskTell({"x": [1, 2]}, "minimize loss", settings={"fidelity": "pasha"})


@pytest.mark.parametrize(("members", "promoted"), [(1, 1), (2, 1), (5, 1), (6, 2), (9, 3), (27, 9)])
def test_a_third_goes_on_and_always_one(members: int, promoted: int) -> None:
    assert num_promoted(members, 3) == promoted


def test_the_brackets_of_the_paper() -> None:
    """Table 1 of Hyperband: a maximum of 81, eta of 3."""
    assert bracket_sizes(5, 3) == (81, 34, 15, 8, 5)
    assert bracket_sizes(4, 3) == (27, 12, 6, 4)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(1, 300))
def test_children_are_dealt_in_proportion(sizes: list[int], count: int) -> None:
    deal = Deal(sizes)
    dealt = [deal.next() for _ in range(count)]
    for place, size in enumerate(sizes):
        assert abs(dealt.count(place) - count * size / sum(sizes)) < len(sizes)


def test_the_first_child_begins_on_the_lowest_rung() -> None:
    deal = Deal((27, 12, 6, 4))
    dealt = [deal.next() for _ in range(49)]
    assert dealt[:6] == [0, 1, 0, 2, 0, 1]
    assert [dealt.count(place) for place in range(4)] == [27, 12, 6, 4]


LOWER = (5.0, 4.0, 3.0, 2.0)


@pytest.mark.parametrize(
    ("upper", "tolerance", "alike"),
    [
        ((8.0, 7.0, 6.0, 5.0), 0.0, True),
        ((7.0, 8.0, 6.0, 5.0), 0.0, False),
        ((7.0, 8.0, 6.0, 5.0), 1.0, True),
        ((6.0, 8.0, 7.0, 5.0), 1.0, False),
        ((6.0, 8.0, 7.0, 5.0), 2.0, True),
    ],
)
def test_a_change_of_order_within_the_tolerance_is_none(
    upper: tuple[float, ...], tolerance: float, alike: bool
) -> None:
    assert ranks_alike(LOWER, upper, tolerance) is alike


@pytest.mark.parametrize(
    ("curves", "noise"),
    [
        ([[1.0, 2.0]], 0.0),
        ([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]], 0.0),  # never overtaken
        ([[1.0, 2.0, 3.0], [0.0, 2.5, 3.5]], 0.0),  # overtaken once
        ([[1.0, 2.0, 3.0], [0.0, 2.5, 2.9]], 0.1),  # and back again
        ([[1.0, 2.0, 2.2, 3.0], [0.0, 2.5, 2.1, 2.75]], 0.25),
        ([[1.0, 2.0, 3.0], [1.0, 2.5, 2.9]], 0.0),  # equal at first
        ([], 0.0),
    ],
)
def test_noise_is_what_overtakes_and_falls_back(curves: list[list[float]], noise: float) -> None:
    assert noise_of(curves) == pytest.approx(noise)


def test_noise_is_nearly_the_largest_of_many_distances() -> None:
    """Ten that overtake the first and fall back, by 1, 2, ... 10, and keep their order among each other."""
    curves = [[100.0, 0.0, 100.0]] + [[100.0 - n, 100.0 - n, 100.0 - n] for n in range(1, 11)]
    assert noise_of(curves) == pytest.approx(np.quantile(range(1, 11), 0.9))


def member(*values: float | None, number: int = 0, most: float | None = None) -> DeapIndividual:
    """None is a failure. most: a bound on the first value."""
    objectives = (SCORE, COST)[: len(values)]
    genome = encoding().default()
    outcome = failure(Status.DIVERGED, "lost")
    if values[0] is not None:
        outcome = Outcome(Status.OK, {o.name: v for o, v in zip(objectives, values, strict=True)})
    constraints = [Constraint("score", True, most)] if most is not None else []
    return evaluated_individual(Individual(number, 0, genome, str(number)), outcome, objectives, constraints)


def test_the_best_go_on_and_no_failure_is_among_them() -> None:
    members = [member(1.0), member(None), member(3.0), member(3.0), member(2.0)]
    assert best_of(members, 3) == [2, 3, 4]
    assert best_of(members, 9) == [2, 3, 4, 0]
    assert best_of([member(None)], 1) == []
    assert best_of([], 1) == []


def test_what_keeps_a_constraint_goes_on_first() -> None:
    assert best_of([member(value, most=2.0) for value in (1.0, 5.0, 3.0)], 3) == [0, 2, 1]


def test_with_several_objectives_the_first_front_goes_on() -> None:
    members = [member(1.0, 1.0), member(3.0, 3.0), member(2.0, 4.0), member(2.0, 2.0), member(None, None)]
    assert set(best_of(members, 3)) == {0, 1, 3}
    assert set(best_of(members, 2)) == {0, 1}  # the ends of the front
    assert set(best_of(members, 9)) == {0, 1, 2, 3}


def test_who_is_led() -> None:
    assert is_led(member(1.0), [member(None), member(2.0)])
    assert not is_led(member(2.0), [member(2.0), member(None), member(1.0)])
    assert not is_led(member(2.0, 2.0), [member(1.0, 1.0), member(3.0, 3.0)])
    assert is_led(member(2.0, 2.0), [member(2.0, 1.0)])
