"""From pixels to what a network eats: each channel times a number, plus a number.

So it can be done to the batch at hand, on the device: the pixels of a data set stay what they are, a byte each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from evo_nas.data.columns import Float32Array, FloatArray, IndexArray
from evo_nas.data.dataset import Dataset, ImageArray
from evo_nas.data.preprocessing import restored_target, scaled_target, target_scale

IMAGE_KINDS = ("unit", "symmetric", "standard")
WHITE = 255
ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class ImagePreprocessing:
    """Everything that was fitted; `fit_image_preprocessing` makes one.

    kind: one of `IMAGE_KINDS`. scales, shifts: of each channel; a pixel p becomes p * scale + shift, in 32 bits.
    target_mean, target_deviation: of a regression target in the rows fitted on; 0 and 1 for classes.
    """

    kind: str
    scales: tuple[float, ...]
    shifts: tuple[float, ...]
    target_mean: float = 0.0
    target_deviation: float = 1.0

    @property
    def affine(self) -> Float32Array:
        """float32 [2, channels]: scales and shifts."""
        return np.array([self.scales, self.shifts], dtype=np.float32)

    def transform(self, images: ImageArray) -> Float32Array:
        """float32 [rows, height, width, channels] of uint8. Raises ValueError for another number of channels."""
        if images.shape[-1] != len(self.scales):
            raise ValueError(f"expected images of {len(self.scales)} channels, got {images.shape}")
        scales, shifts = self.affine
        inputs: Float32Array = images.astype(np.float32) * scales + shifts
        return inputs

    def transform_target(self, target: FloatArray | IndexArray) -> Float32Array | IndexArray:
        """Regression: in standard deviations from the training mean, float32 [rows]. Classes: as they are."""
        return scaled_target(target, self.target_mean, self.target_deviation)

    def restore_target(self, predictions: FloatArray | Float32Array) -> FloatArray:
        """Predictions of a regression in the target's own units, float64 [rows]: the inverse of `transform_target`."""
        return restored_target(predictions, self.target_mean, self.target_deviation)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; `from_json` is the inverse, to the bit."""
        return {
            "kind": self.kind,
            "scales": list(self.scales),
            "shifts": list(self.shifts),
            "target_mean": self.target_mean,
            "target_deviation": self.target_deviation,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImagePreprocessing:
        """Raises ValueError, KeyError or TypeError where the data is not a preprocessing of images."""
        scales, shifts = (tuple(map(float, data[name])) for name in ("scales", "shifts"))
        if len(scales) != len(shifts):
            raise ValueError(f"expected a scale and a shift for each channel, got {len(scales)} and {len(shifts)}")
        return cls(_known(data["kind"]), scales, shifts, float(data["target_mean"]), float(data["target_deviation"]))


def fit_image_preprocessing(dataset: Dataset, rows: IndexArray, kind: str) -> ImagePreprocessing:
    """Fit everything on these rows [rows] of a data set of images and on no other.

    unit: 0 to 1. symmetric: -1 to 1. standard: each channel with mean 0 and deviation 1 over all pixels of these rows,
    exact before it is rounded; one that is constant counts as zeros. Raises ValueError for an unknown kind.
    """
    num_channels = dataset.pixels.shape[-1]
    if _known(kind) == "standard":
        channels = [_standard(counts) for counts in _value_counts(dataset.pixels, rows)]
    else:
        channels = [(1 / WHITE, 0.0) if kind == "unit" else (2 / WHITE, -1.0)] * num_channels
    scales, shifts = zip(*channels, strict=True)
    return ImagePreprocessing(kind, scales, shifts, *target_scale(dataset, rows))


def _known(kind: str) -> str:
    if kind not in IMAGE_KINDS:
        raise ValueError(f"expected a preprocessing of images ({', '.join(IMAGE_KINDS)}), got {kind!r}")
    return kind


def _value_counts(pixels: ImageArray, rows: IndexArray) -> IndexArray:
    """How often each channel has each value, int64 [channels, 256]."""
    counts = np.zeros((pixels.shape[-1], WHITE + 1), dtype=np.int64)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = pixels[rows[start : start + ROWS_AT_ONCE]]
        for channel, counted in enumerate(counts):
            counted += np.bincount(block[..., channel].ravel(), minlength=WHITE + 1)
    return counts


def _standard(counts: IndexArray) -> tuple[float, float]:
    """Scale and shift of a channel."""
    total = int(counts.sum())
    first, second = (sum(int(count) * value**power for value, count in enumerate(counts)) for power in (1, 2))
    mean = Fraction(first, max(1, total))
    deviation = sqrt(Fraction(second, max(1, total)) - mean**2) or 1.0
    return 1.0 / deviation, -float(mean) / deviation
