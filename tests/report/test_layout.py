from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from evo_nas.history.lineage import edges
from evo_nas.report.layout import Edge, ordered_rows, places
from tests.history.made_up import made_run


def count_crossings(rows: Sequence[Sequence[int]], links: Sequence[Edge]) -> int:
    """Pairs of edges between the same two rows that cross, by looking at every pair."""
    place = {node: (number, position) for number, row in enumerate(rows) for position, node in enumerate(row)}
    ends = [tuple(sorted((place[child], place[parent]))) for child, parent in links]
    return sum(
        (upper[1] - other_upper[1]) * (lower[1] - other_lower[1]) < 0
        for index, (upper, lower) in enumerate(ends)
        for other_upper, other_lower in ends[index + 1 :]
        if (upper[0], lower[0]) == (other_upper[0], other_lower[0])
    )


def test_two_crossed_pairs_are_untangled() -> None:
    links = [(3, 0), (2, 1)]
    assert count_crossings([[0, 1], [2, 3]], links) == 1
    rows = ordered_rows([[0, 1], [2, 3]], links)
    assert count_crossings(rows, links) == 0


def test_families_stand_together() -> None:
    """Four parents with three children each, born in turn: no edge need cross."""
    children = list(range(10, 22))
    links = [(child, child % 4) for child in children]
    rows = ordered_rows([[0, 1, 2, 3], children], links)
    assert count_crossings([[0, 1, 2, 3], children], links) > 0
    assert count_crossings(rows, links) == 0


def test_a_search_is_drawn_with_far_fewer_crossings() -> None:
    run = made_run(6, 12, seed=3)
    rows = [[each.individual.id for each in run[start : start + 12]] for start in range(0, 72, 12)]
    links = edges(run)
    assert count_crossings(ordered_rows(rows, links), links) < 0.7 * count_crossings(rows, links)


@given(st.integers(0, 1_000), st.integers(1, 5), st.integers(2, 10))
def test_nobody_is_lost_or_changes_row(seed: int, num_generations: int, population: int) -> None:
    run = made_run(num_generations, population, seed=seed)
    rows = [
        [each.individual.id for each in run if each.individual.generation == generation]
        for generation in range(num_generations)
    ]
    ordered = ordered_rows(rows, edges(run))
    assert [sorted(row) for row in ordered] == rows
    found = places(ordered)
    assert len(set(found.values())) == len(run)
    assert all(0.0 < x < 1.0 for x, _ in found.values())
    assert all(round(found[each.individual.id][1]) == each.individual.generation for each in run)


def test_a_long_row_is_staggered_and_stays_within_itself() -> None:
    found = places([list(range(200)), [200]])
    lines = {y for number, (_, y) in found.items() if number < 200}
    assert len(lines) == 4
    assert all(abs(y) < 0.5 for y in lines)
    assert found[200] == (0.5, 1.0)
