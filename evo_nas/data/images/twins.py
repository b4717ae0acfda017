"""Test images that are also among those to learn from: a test score that counts them flatters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from evo_nas.data.dataset import ImageArray
from evo_nas.data.images.bad_images import BadImage, count, listed


def twins(pixels: ImageArray, num_test: int) -> list[tuple[int, int]]:
    """Pairs of rows with the same pixels: a test row, of which so many are at the end, and the first other row."""
    num_others = len(pixels) - num_test
    test_rows = {_digest(pixels, row): row for row in range(num_others, len(pixels))}
    found: dict[int, int] = {}
    for row in range(num_others if num_test else 0):
        twin = test_rows.get(_digest(pixels, row))
        if twin is not None:
            found.setdefault(twin, row)
    return sorted(found.items())


def twins_sentence(pairs: Sequence[tuple[int, int]], names: Sequence[str], *, where: str) -> str:
    """names: of all rows."""
    told = [BadImage(names[test], f"is also {names[other]}") for test, other in pairs]
    return (
        f"{where}: {count(len(pairs))} of the test rows can also be learnt from, so the test score will flatter: "
        f"{listed(told)}"
    )


def _digest(pixels: ImageArray, row: int) -> bytes:
    return hashlib.blake2b(pixels[row].tobytes(), digest_size=16).digest()
