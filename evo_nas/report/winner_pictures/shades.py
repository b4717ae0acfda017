"""What files and page share: which classes are shown, how dark a cell is, and attention laid over an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evo_nas.insight import WinnerInsight

GLOW = (255, 176, 0)
"""Where the network looked; seen on black and on white, and by the colour-blind."""
STRONGEST_GLOW = 0.75
"""Share of it at the place that was looked at most."""


def shown_classes(confusion: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Indices of the classes to show, ascending: all, or so many that are mistaken most, as truth or as decision."""
    if len(confusion) <= most:
        return np.arange(len(confusion))
    wrong = confusion.sum(axis=0) + confusion.sum(axis=1) - 2 * np.diag(confusion)
    return np.sort(np.argsort(-wrong, kind="stable")[:most])


def darkness(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each cell in [0, 1]: the root of its share of the class's rows, so that one in a hundred can be seen."""
    support = confusion.sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt(confusion / np.maximum(support, 1)))


def overlaid(image: NDArray[np.uint8], attention: NDArray[np.float16]) -> NDArray[np.uint8]:
    """A grey image [height, width, 3] that glows where the network looked."""
    height, width = image.shape[:2]
    share = STRONGEST_GLOW * spread_over(attention, height, width)[:, :, None]
    grey = image.astype(np.float64).mean(axis=2, keepdims=True)
    mixed = (1.0 - share) * grey + share * np.array(GLOW, dtype=np.float64)
    return np.asarray(np.round(mixed), dtype=np.uint8)


def spread_over(attention: NDArray[np.float16], height: int, width: int) -> NDArray[np.float64]:
    """A map [rows, columns] as float64 [height, width], linear between the centres of its places."""
    tall = _stretched(attention.astype(np.float64), height)
    return _stretched(tall.T, width).T


def three_channels(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """[height, width, 1 or 3] as [height, width, 3]."""
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def source_words(insight: WinnerInsight) -> str:
    """Such as "10,000 test rows"."""
    what = "images" if insight.shown else "rows"
    return f"{insight.num_rows:,} {insight.source} {what}"


def _stretched(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """[places, anything] -> [size, anything]."""
    centres = (np.arange(size) + 0.5) * len(values) / size - 0.5
    at = np.clip(centres, 0.0, len(values) - 1.0)
    below = np.minimum(at.astype(np.int64), max(len(values) - 2, 0))
    above = np.minimum(below + 1, len(values) - 1)
    share = (at - below)[:, None]
    return np.asarray((1.0 - share) * values[below] + share * values[above])
