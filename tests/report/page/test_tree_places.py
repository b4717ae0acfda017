from __future__ import annotations

from itertools import pairwise

import pytest

from evo_nas.report.page.family import abreast, descent, tree
from evo_nas.report.page.static_picture import tree_picture
from tests.history.made_up import made_run
from tests.report.page.records import born, record_of

RUN = made_run(6, 40, seed=2)


def test_every_individual_has_a_place_of_its_own_in_the_band_of_its_generation() -> None:
    found = tree(record_of(RUN), 200)
    places = list(zip(found["x"], found["y"], strict=True))
    assert len(set(places)) == len(RUN)
    bands = {generation: (top, bottom) for generation, top, bottom in found["bands"]}
    for each, (_, y) in zip(RUN, places, strict=True):
        top, bottom = bands[each.individual.generation]
        assert top <= y <= bottom
    assert all(above[2] < below[1] for above, below in pairwise(found["bands"]))


@pytest.mark.parametrize("lengths", [[10] * 5, [1000] * 10, [200] * 50, [1], [12] * 500, [10_000]])
def test_the_tree_is_about_as_wide_as_its_panel(lengths: list[int]) -> None:
    width = abreast(lengths)
    height = sum(-(-length // width) + 1.6 for length in lengths)
    assert width <= max(lengths)
    assert width == max(lengths) or 0.8 < width / height < 3.5


def test_the_line_goes_along_first_parents_and_the_family_holds_all() -> None:
    members = {0: (), 1: (), 2: (0, 1), 3: (1,), 4: (2, 3), 5: (0,)}
    individuals = {n: born(n, {"rate": n / 10, "kind": "a"}, parents) for n, parents in members.items()}
    assert descent(individuals, 4) == ([0, 2, 4], [0, 1, 2, 3, 4])
    assert descent(individuals, None) == ([], [])
    del individuals[0]
    assert descent(individuals, 4) == ([2, 4], [1, 2, 3, 4])


def test_a_parent_that_is_its_own_child_ends_the_line() -> None:
    strange = {3: born(3, {"rate": 0.1, "kind": "a"}, (3,)), 4: born(4, {"rate": 0.1, "kind": "a"}, (3,))}
    assert descent(strange, 4) == ([3, 4], [3, 4])


def test_the_static_picture_holds_everybody_once() -> None:
    record = record_of(RUN)
    picture = tree_picture(record, tree(record, 200))
    assert picture is not None
    assert sum(dots.count("M") for dots in picture.dots) == len(RUN)
    failed = sum(not each.outcome.ok for each in RUN)
    assert picture.dots[-1].count("M") == failed
