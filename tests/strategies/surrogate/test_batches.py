"""Where batches begin: known answers, and law 3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.strategies.surrogate.batches import Batches


def starts(batches: Batches, count: int) -> list[int]:
    return [proposal for proposal in range(count) if batches.start(proposal) == proposal]


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        (Batches(12), [0, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 33, 37, 41, 46, 51, 57, 64, 72, 81, 91]),
        (Batches(3), [0, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 28, 31]),
        (Batches(1), list(range(12))),
        (Batches(4, constant=True), [0, 4, 8, 12, 16, 20]),
        (Batches(64, in_flight=8), [0, 2, 4, 6, 8]),
        (Batches(64, in_flight=3), [0, 1, 2, 3]),
    ],
)
def test_known_batches(batches: Batches, expected: list[int]) -> None:
    assert starts(batches, expected[-1] + 1) == expected


made = st.builds(
    Batches,
    st.integers(1, 200),
    constant=st.booleans(),
    in_flight=st.none() | st.integers(1, 64),
)


@given(made, st.integers(0, 2000))
def test_requirements_never_decrease_nor_look_ahead(batches: Batches, proposal: int) -> None:
    needed = batches.required_results(proposal)
    assert 0 <= needed <= batches.start(proposal) <= proposal
    assert needed <= batches.required_results(proposal + 1)


@given(made, st.integers(0, 2000))
def test_a_batch_is_asked_for_at_once(batches: Batches, proposal: int) -> None:
    start = batches.start(proposal)
    size = batches.size(start)
    assert start <= proposal < start + size
    assert batches.start(start + size) == start + size
    needed = {batches.required_results(number) for number in range(start, start + size)}
    assert len(needed) == 1


@given(st.integers(1, 200), st.booleans(), st.integers(0, 2000))
def test_a_batch_waits_for_all_before_it(largest: int, constant: bool, proposal: int) -> None:
    batches = Batches(largest, constant=constant)
    assert batches.required_results(proposal) == batches.start(proposal)


@given(st.integers(1, 200), st.integers(1, 64), st.booleans(), st.integers(0, 2000))
def test_no_more_are_open_than_may_be(largest: int, in_flight: int, constant: bool, proposal: int) -> None:
    """Law 3: and no batch waits for a result that it could do without."""
    batches = Batches(largest, constant=constant, in_flight=in_flight)
    start = batches.start(proposal)
    end = start + batches.size(start)
    num_open = end - batches.required_results(proposal)
    assert num_open == min(in_flight, end)


@given(st.integers(1, 200), st.none() | st.integers(1, 64), st.booleans(), st.integers(0, 5000))
def test_no_batch_is_larger_than_the_largest(largest: int, in_flight: int | None, constant: bool, number: int) -> None:
    batches = Batches(largest, constant=constant, in_flight=in_flight)
    assert 1 <= batches.size(batches.start(number)) <= largest


@given(made, st.lists(st.integers(0, 3000), max_size=20))
def test_what_was_asked_before_changes_no_answer(batches: Batches, questions: list[int]) -> None:
    answers = [batches.required_results(question) for question in questions]
    assert [batches.required_results(question) for question in questions] == answers
