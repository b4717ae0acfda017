"""What is kept of a winner's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE, MISTAKES = "sample", "mistakes"
"""Groups of images: some at random; the most confident wrong ones, the surest first, or a regression's largest errors.
"""
GRAD_CAM, OCCLUSION = "Grad-CAM", "occlusion"
"""How attention was measured: see `training.attention`."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownImages:
    """Some images with what the network says of them; at least one.

    rows: their numbers in the data set, int64 [images]. truth, predicted: class indices, or numbers in the target's own
    units. probability: of the predicted class, in [0, 1]; NaN for a regression. images: uint8 [images, height, width,
    1 or 3], made smaller where they were large. attention: where the network looked for what it predicts, float16
    [images, rows, columns] over the whole image, the strongest place of each 1; [images, 0, 0] where it is not known.
    """

    rows: NDArray[np.int64]
    truth: NDArray[Any]
    predicted: NDArray[Any]
    probability: NDArray[np.float64]
    images: NDArray[np.uint8]
    attention: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_attention(self) -> bool:
        return self.attention.size > 0


@dataclass(frozen=True, slots=True, eq=False)
class WinnerInsight:
    """A saved network seen from outside.

    model_sha256: of the file that it tells of. source: the rows it was made from, "test" or "validation"; empty where
    there were none. confusion: int64 [classes, classes], see `confusion_of`; 0 x 0 for a regression, or where there are
    too many classes. fit: truth and prediction of some rows of a regression, float64 [rows, 2]. shown: `SAMPLE` and
    `MISTAKES`, where rows are images and there are such. method: `GRAD_CAM`, `OCCLUSION`, or empty where no attention
    is known. troubles: a sentence for what could not be made.
    """

    model_sha256: str
    task: str
    classes: tuple[str, ...]
    source: str = ""
    num_rows: int = 0
    confusion: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    fit: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    shown: Mapping[str, ShownImages] = field(default_factory=dict)
    method: str = ""
    troubles: tuple[str, ...] = ()

    @property
    def num_mistakes(self) -> int:
        """Of a classification."""
        return int(self.confusion.sum() - np.trace(self.confusion))

    def label(self, value: Any) -> str:
        """A truth or a prediction of the sample in words: the name of a class, or a number."""
        return f"{float(value):.4g}" if self.task == "regression" else self.classes[int(value)]
