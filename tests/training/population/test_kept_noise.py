"""Noise kept from cohort to cohort: what is handed out is enough for who asks, and drawn as seldom as can be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.training.examples import Float32Array
from evo_nas.training.population.noise import Extents, KeptNoise

BYTES = 4


class Drawing:
    """Counts what it draws: [layers, units, 1], each number telling its place."""

    def __init__(self) -> None:
        self.drawn: list[Extents] = []

    def __call__(self, extents: Extents) -> Float32Array:
        self.drawn.append(extents)
        return np.arange(extents[0] * extents[1], dtype=np.float32).reshape(*extents, 1)


def test_fewer_layers_and_units_are_the_beginning_of_more() -> None:
    kept, draw = KeptNoise(1000), Drawing()
    widest = kept.get("a", (3, 16), draw)
    assert kept.get("a", (2, 16), draw) is widest
    assert kept.get("a", (3, 8), draw) is widest
    assert draw.drawn == [(3, 16)]


def test_what_is_drawn_anew_serves_those_before_as_well() -> None:
    kept, draw = KeptNoise(1000), Drawing()
    kept.get("a", (1, 16), draw)
    assert kept.get("a", (3, 8), draw).shape[:2] == (3, 16)
    kept.get("a", (1, 16), draw)
    assert draw.drawn == [(1, 16), (3, 16)]


def test_the_one_that_was_not_wanted_for_longest_is_forgotten() -> None:
    kept, draw = KeptNoise(2 * 8 * BYTES), Drawing()
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.get(key, (1, 8), draw)
    assert len(draw.drawn) == 4  # b again


def test_more_than_may_be_kept_is_handed_out_all_the_same() -> None:
    kept, draw = KeptNoise(8 * BYTES), Drawing()
    for _ in range(2):
        assert kept.get("a", (2, 8), draw).shape == (2, 8, 1)
    assert len(draw.drawn) == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.integers(1, 9)), max_size=20))
def test_nobody_gets_less_than_wanted(asked: list[tuple[str, int, int]]) -> None:
    kept = KeptNoise(40 * BYTES)
    for key, layers, units in asked:
        given_layers, given_units, _ = kept.get(key, (layers, units), Drawing()).shape
        assert given_layers >= layers
        assert given_units >= units
