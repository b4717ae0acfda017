"""How every image of a data set looks once it is read: its size, its colours, and how it was made to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from evo_nas.config.data import Colour, Fit, ImageSize
from evo_nas.data.dataset import ImageShape

LONGEST_GUESSED = 128
"""Pixels of the longer side, where no size is asked for: a convolution over larger images takes minutes an epoch."""


@dataclass(frozen=True, slots=True)
class Look:
    """height, width: in pixels. channels: 1 (grey) or 3 (red, green, blue). fit: see `ImageSettings`."""

    height: int
    width: int
    channels: int
    fit: Fit

    @property
    def shape(self) -> ImageShape:
        return self.height, self.width, self.channels


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says before it is decoded: its size as it is seen (after its camera's rotation)."""

    height: int
    width: int
    is_grey: bool


def settle_look(headers: Sequence[Header], size: ImageSize | None, colour: Colour, fit: Fit) -> Look:
    """The look of a data set whose settings leave the size or the colours open. headers: of one image or more.

    The size is the median of the heights and of the widths, made smaller together until neither is above 128: where
    all images are equal and small, their own. Grey where all images are.
    """
    height, width = size or guessed_size(headers)
    grey = colour == "grey" or (colour == "auto" and all(header.is_grey for header in headers))
    return Look(height, width, 1 if grey else 3, fit)


def guessed_size(headers: Sequence[Header]) -> ImageSize:
    """Height and width where none are asked for; see `settle_look`."""
    height = median_low(header.height for header in headers)
    width = median_low(header.width for header in headers)
    shrink = min(1.0, LONGEST_GUESSED / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))
