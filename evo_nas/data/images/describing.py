"""What a person is told of the images that a run learns from."""

from __future__ import annotations

import numpy as np

from evo_nas.data.dataset import Dataset
from evo_nas.data.images.bad_images import count, shown

MOST_CLASSES = 20
LOOKED_AT = 256
DARK = 64
"""Of 255. Images none of which has a brighter pixel were perhaps counted from 0 to something else."""


def describe_images(dataset: Dataset) -> str:
    """One sentence: how many images, how large, how many of each class, how many came as test images; and where
    all seem dark, that too.
    """
    size = " x ".join(map(str, dataset.input_shape))
    came = f", of which {dataset.num_test:,} came as test images" if dataset.num_test else ""
    return f"{dataset.name}: {count(dataset.num_rows)} of {size}{came}{_classes(dataset)}{_darkness(dataset)}"


def _classes(dataset: Dataset) -> str:
    if dataset.task == "regression":
        return ""
    numbers = np.bincount(dataset.target.astype(np.int64), minlength=len(dataset.classes))
    pairs = zip(dataset.classes[:MOST_CLASSES], numbers.tolist(), strict=False)
    more = len(dataset.classes) - MOST_CLASSES
    listed = ", ".join(f"{shown(name)} {number:,}" for name, number in pairs)
    return f"; {len(dataset.classes)} classes: {listed}" + (f" and {more} more" if more > 0 else "")


def _darkness(dataset: Dataset) -> str:
    brightest = int(dataset.pixels[:LOOKED_AT].max())
    if brightest > DARK:
        return ""
    return f"; the brightest pixel is {brightest} of 255: scale images to 255 that are only counted otherwise"
