"""Which images of a winner's rows are kept to be looked at, and how small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Dataset
from evo_nas.insight import ShownImages, shrunk
from evo_nas.randomness import array_stream

NUM_SHOWN = 16
"""Images of a group."""
LONGEST_SIDE = 96
"""Pixels of a kept image, at most; larger ones are averaged in squares."""

Rows = NDArray[np.int64]


def sampled_places(num_rows: int, most: int) -> Rows:
    """Some of so many rows at random, ascending; the same for all networks that see these rows."""
    if num_rows <= most:
        return np.arange(num_rows)
    return np.sort(array_stream("rows shown of a winner", num_rows).choice(num_rows, most, replace=False))


def surest_mistakes(truth: Rows, decided: Rows, probability: NDArray[np.float64]) -> Rows:
    """Where the decision is wrong, the most probable first; at most `NUM_SHOWN`, of equals the first row."""
    wrong = np.flatnonzero(truth != decided)
    return wrong[np.argsort(-probability[wrong], kind="stable")][:NUM_SHOWN]


def largest_errors(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> Rows:
    """The same for a regression: where it is furthest off."""
    return np.argsort(-np.abs(predicted - truth), kind="stable")[:NUM_SHOWN]


def shown_images(
    dataset: Dataset,
    rows: Rows,
    truth: NDArray[np.generic],
    predicted: NDArray[np.generic],
    probability: NDArray[np.float64],
) -> ShownImages | None:
    """Images of some rows with what is said of them; None where there are none. Attention is not known yet."""
    if not len(rows):
        return None
    return ShownImages(
        rows=rows,
        truth=truth,
        predicted=predicted,
        probability=probability,
        images=shrunk(dataset.pixels[rows], LONGEST_SIDE),
        attention=np.zeros((len(rows), 0, 0), dtype=np.float16),
    )
