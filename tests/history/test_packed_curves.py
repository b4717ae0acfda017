"""Curves in numbers and packed: both come back to the bit."""

from __future__ import annotations

import json
import math
import struct
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.curves import curves_from_json, curves_to_json, packed_curves

VALUES = st.lists(st.floats(), max_size=20)
CURVES = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=3)


def bits(value: float) -> bytes:
    return struct.pack("<d", value if math.isfinite(value) else math.nan)


@pytest.mark.parametrize("write", [curves_to_json, packed_curves])
@given(CURVES)
def test_what_was_written_comes_back(write, curves) -> None:
    back = curves_from_json(json.loads(json.dumps(write(curves), allow_nan=False)))
    assert [list(curve) for curve in back] == [list(curve) for curve in curves]
    for curve, wanted in zip(back, curves, strict=True):
        for name, values in curve.items():
            assert isinstance(values, tuple)
            assert [bits(value) for value in values] == [bits(value) for value in wanted[name]]


def test_packed_values_are_doubles_the_lowest_byte_first() -> None:
    ((_, text),) = packed_curves([{"loss": [1.5, -0.0]}])[0].items()
    assert b64decode(text) == struct.pack("<2d", 1.5, -0.0)


@pytest.mark.parametrize(
    "written", ["not base 64!", "AAA", b64encode(b"seven b").decode(), [1.0, "x"], [[1.0]], 3], ids=repr
)
def test_what_are_no_curves_is_refused(written) -> None:
    with pytest.raises((ValueError, TypeError)):
        curves_from_json([{"loss": written}])
