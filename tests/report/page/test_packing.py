from __future__ import annotations

import base64
import json
import math
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.report.page.packing import deflated, pack, shortened

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
)


def unpacked(packed: dict[str, Any]) -> list[Any]:
    """As source/model.js does it."""
    if "numbers" in packed:
        return list(packed["numbers"])
    if "levels" in packed:
        return [None if place < 0 else packed["levels"][place] for place in packed["of"]]
    if "first" in packed:
        return list(range(packed["first"], packed["first"] + packed["length"]))
    return [packed["same"]] * packed["length"]


@given(st.lists(VALUES, max_size=40))
def test_a_column_comes_back_but_for_its_digits(values: list[Any]) -> None:
    found = unpacked(json.loads(json.dumps(pack(values), allow_nan=False)))
    assert len(found) == len(values)
    for before, after in zip(values, found, strict=True):
        if isinstance(before, float):
            assert after == pytest.approx(before, rel=1e-4)
        else:
            assert (type(after), after) == (type(before), before)


def test_numbers_that_json_does_not_know_are_null() -> None:
    assert unpacked(pack([math.nan, math.inf, 1.0, 10**400])) == [None, None, 1, None]


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([5, 5, 5], {"same": 5, "length": 3}),
        ([3, 4, 5, 6], {"first": 3, "length": 4}),
        ([True, 1], {"levels": [True, 1], "of": [0, 1]}),
        (["a", None, "a", "b"], {"levels": ["a", "b"], "of": [0, -1, 0, 1]}),
        ([0.123456789, 2.5], {"numbers": [0.12346, 2.5]}),
        ([], {"levels": [], "of": []}),
    ],
)
def test_the_forms_of_a_column(values: list[Any], form: dict[str, Any]) -> None:
    assert pack(values) == form


def test_shortened_keeps_whole_numbers_whole() -> None:
    assert [shortened(value) for value in (3.0, 0.1234567, 123456.7, math.nan, None)] == [
        3,
        0.12346,
        123460,
        None,
        None,
    ]


def test_deflated_is_what_a_browser_inflates() -> None:
    data = {"names": ["</script>", "ä\n\u202e", "x" * 1000]}
    text = deflated(data)
    assert json.loads(zlib.decompress(base64.b64decode(text))) == data
    assert "<" not in text
    assert len(text) < 200
