"""Images of the winner's rows in the page: one strip that holds their pixels, and what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.insight import MISTAKES, SAMPLE, ShownImages, WinnerInsight, shrunk
from evo_nas.report.page.png import png_address
from evo_nas.report.winner_pictures.image_grids import caption, group_title
from evo_nas.report.winner_pictures.shades import GLOW, STRONGEST_GLOW, spread_over

MOST_SHOWN = {MISTAKES: 12, SAMPLE: 8}
"""Images of a group; the files in `winner/` show all."""
LARGEST_STRIP = 100_000
"""Characters of the strip's address."""
_SIDES = (48, 40, 32, 24, 16, 8)
_FINEST_GLOW = 14


@dataclass(frozen=True, slots=True)
class SeenImage:
    """left: where its pixels begin in the strip. said, truth: see `caption`. glow: address of an image to lay over it,
    empty where attention is not known.
    """

    left: int
    said: str
    truth: str
    glow: str


@dataclass(frozen=True, slots=True)
class SeenGroup:
    title: str
    images: tuple[SeenImage, ...]


@dataclass(frozen=True, slots=True)
class SeenImages:
    """strip: address of all images side by side, each `width` x `height` pixels; `length` of them together."""

    strip: str
    width: int
    height: int
    length: int
    groups: tuple[SeenGroup, ...]


def seen_images(insight: WinnerInsight) -> SeenImages | None:
    """None where rows are not images."""
    chosen = [(name, insight.shown[name], MOST_SHOWN[name]) for name in MOST_SHOWN if name in insight.shown]
    if not chosen:
        return None
    strip, pixels = _strip(np.concatenate([group.images[:most] for _, group, most in chosen]))
    _, height, width, _ = pixels.shape
    groups, number = [], 0
    for name, group, most in chosen:
        seen = _seen(insight, group, most, number, width)
        groups.append(SeenGroup(group_title(insight, name, len(seen)), seen))
        number += len(seen)
    return SeenImages(strip, width, height, width * number, tuple(groups))


def _seen(insight: WinnerInsight, group: ShownImages, most: int, before: int, width: int) -> tuple[SeenImage, ...]:
    return tuple(
        SeenImage((before + number) * width, *caption(insight, group, number), _glow(group, number))
        for number in range(min(most, len(group)))
    )


def _glow(group: ShownImages, number: int) -> str:
    if not group.has_attention:
        return ""
    attention = group.attention[number]
    rows, columns = (min(size, _FINEST_GLOW) for size in attention.shape)
    share = STRONGEST_GLOW * spread_over(attention, rows, columns)
    layers = [np.full((rows, columns), value) for value in GLOW]
    return png_address(np.stack([*layers, np.round(255 * share)], axis=2).astype(np.uint8))


def _strip(images: NDArray[np.uint8]) -> tuple[str, NDArray[np.uint8]]:
    """The address of a strip of bounded length, and the images as small as they are in it."""
    address, small = "", images
    for side in _sides(images.shape):
        small = shrunk(images, side)
        address = png_address(np.concatenate(list(small), axis=1))
        if len(address) <= LARGEST_STRIP:
            break
    return address, small


def _sides(shape: Sequence[int]) -> Sequence[int]:
    largest = max(shape[1:3])
    return [largest, *[side for side in _SIDES if side < largest]] if largest <= _SIDES[0] else _SIDES
