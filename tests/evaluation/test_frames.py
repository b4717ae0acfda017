from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.evaluation.frames import LENGTH, MAX_FRAME_BYTES, FrameReader, GarbageError, pack

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
MESSAGES = st.lists(st.dictionaries(st.text(), PLAIN, max_size=3), max_size=5)


@given(MESSAGES, st.lists(st.integers(1, 20), min_size=1))
def test_messages_survive_however_a_pipe_cuts_them(messages: list[dict[str, Any]], cuts: list[int]) -> None:
    data = b"".join(pack(message) for message in messages)
    reader = FrameReader()
    read: list[dict[str, Any]] = []
    position = 0
    for cut in itertools.cycle(cuts):
        read += reader.feed(data[position : position + cut])
        position += cut
        if position >= len(data):
            break
    assert read == messages


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_raise_garbage(data: bytes) -> None:
    try:
        messages = FrameReader().feed(data)
    except GarbageError:
        return
    assert all(isinstance(message, dict) for message in messages)


@pytest.mark.parametrize("length", [MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_a_frame_too_long_is_refused_by_its_first_four_bytes(length: int) -> None:
    with pytest.raises(GarbageError, match="expected at most 67,108,864"):
        FrameReader().feed(LENGTH.pack(length))


@pytest.mark.parametrize("body", [b"NaN", b'{"a": Infinity}', b"[]", b"7", b"\xff\xfe", b"{", b"[" * 50_000])
def test_a_body_that_is_no_object_is_garbage(body: bytes) -> None:
    with pytest.raises(GarbageError, match="expected"):
        FrameReader().feed(LENGTH.pack(len(body)) + body)


def test_what_cannot_be_read_back_is_not_packed() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        pack({"loss": float("inf")})
    with pytest.raises(ValueError, match="surrogates not allowed"):
        pack({"text": "\udcff"})
    with pytest.raises(ValueError, match=r"may have 67,108,864 bytes, this one has 67,108,8\d\d"):
        pack({"text": "x" * MAX_FRAME_BYTES})
