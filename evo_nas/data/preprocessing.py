"""From numbers with gaps and codes to what a network eats: imputing, scaling, one-hot, all fitted on training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.data.columns import LARGEST_INPUT, CodeArray, Float32Array, FloatArray, IndexArray
from evo_nas.data.dataset import Dataset
from evo_nas.data.scaling import SCALES, quantile_references, safe_scale, uniform_ranks

KINDS = ("none", *SCALES, "quantile")

_UNIFORM_DEVIATION = 12**-0.5


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """Everything that was fitted, as arrays; `fit_preprocessing` makes one.

    kind: one of `KINDS`. medians, centers, widths: float64 [num_numeric]; a scaled value is (value - center) / width.
    quantiles: float64 [references, num_numeric], no references unless the kind is "quantile".
    seen: for each categorical column a tuple of bools, one a category: did it occur in the rows fitted on?
    target_mean, target_deviation: of the regression target in those rows; 0 and 1 for classes.
    """

    kind: str
    medians: FloatArray
    centers: FloatArray
    widths: FloatArray
    quantiles: FloatArray
    seen: tuple[tuple[bool, ...], ...]
    target_mean: float = 0.0
    target_deviation: float = 1.0

    @property
    def num_inputs(self) -> int:
        return len(self.medians) + sum(map(len, self.seen))

    def transform(self, numeric: FloatArray, categorical: CodeArray) -> Float32Array:
        """float32 [rows, num_inputs]: the scaled numeric columns, then one column for each category of the data set.

        A missing number becomes the median. A missing category, and one that was not seen, gives zeros. Values that
        do not fit into 32 bits become the largest that do. Raises ValueError for other numbers of columns.
        """
        if numeric.shape[1:] != self.medians.shape or categorical.shape[1:] != (len(self.seen),):
            raise ValueError(
                f"expected {len(self.medians)} numeric and {len(self.seen)} categorical columns, "
                f"got {numeric.shape[1:]} and {categorical.shape[1:]}"
            )
        inputs = np.zeros((len(numeric), self.num_inputs), dtype=np.float32)
        inputs[:, : len(self.medians)] = self._scaled(np.where(np.isnan(numeric), self.medians, numeric))
        first = len(self.medians)
        for codes, seen in zip(categorical.T, self.seen, strict=True):
            known = np.flatnonzero(np.append(seen, False)[codes])  # the last place is that of code -1
            inputs[known, first + codes[known]] = 1.0
            first += len(seen)
        return inputs

    def _scaled(self, values: FloatArray) -> FloatArray:
        if self.kind == "quantile":
            values = uniform_ranks(values, self.quantiles)
        with np.errstate(over="ignore"):
            scaled = (values - self.centers) / self.widths
        return np.clip(scaled, -LARGEST_INPUT, LARGEST_INPUT)

    def transform_target(self, target: FloatArray | IndexArray) -> Float32Array | IndexArray:
        """Regression: in standard deviations from the training mean, float32 [rows]. Classes: as they are."""
        return scaled_target(target, self.target_mean, self.target_deviation)

    def restore_target(self, predictions: NDArray[np.floating]) -> FloatArray:
        """Predictions of a regression in the target's own units, float64 [rows]: the inverse of `transform_target`."""
        return restored_target(predictions, self.target_mean, self.target_deviation)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; `from_json` is the inverse, to the bit."""
        return {
            "kind": self.kind,
            "medians": self.medians.tolist(),
            "centers": self.centers.tolist(),
            "widths": self.widths.tolist(),
            "quantiles": self.quantiles.tolist(),
            "seen": [list(column) for column in self.seen],
            "target_mean": self.target_mean,
            "target_deviation": self.target_deviation,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Preprocessing:
        """Raises ValueError, KeyError or TypeError where the data is not a preprocessing."""
        medians = np.array(data["medians"], dtype=np.float64)
        fitted = cls(
            kind=_known(data["kind"]),
            medians=medians,
            centers=np.array(data["centers"], dtype=np.float64),
            widths=np.array(data["widths"], dtype=np.float64),
            quantiles=np.array(data["quantiles"], dtype=np.float64).reshape(len(data["quantiles"]), len(medians)),
            seen=tuple(tuple(bool(value) for value in column) for column in data["seen"]),
            target_mean=float(data["target_mean"]),
            target_deviation=float(data["target_deviation"]),
        )
        if not fitted.medians.shape == fitted.centers.shape == fitted.widths.shape:
            raise ValueError("expected one median, center and width for each numeric column")
        return fitted


def fit_preprocessing(dataset: Dataset, rows: IndexArray, kind: str) -> Preprocessing:
    """Fit everything on these rows [rows] of a data set and on no other.

    standard, minmax and robust are scikit-learn's StandardScaler, MinMaxScaler and RobustScaler (but see
    `robust_scale`) behind a median imputer; none only imputes. quantile is QuantileTransformer (uniform, up to 1,000
    references, no subsampling) moved from [0, 1] to mean 0 and variance 1, which is what kernel initialisers suppose.
    A column without any value in these rows counts as zeros. Raises ValueError for an unknown kind.
    """
    known = dataset.numeric[rows]
    empty = np.isnan(known).all(axis=0)
    medians = np.nanmedian(np.where(empty, 0.0, known), axis=0)
    values = np.where(np.isnan(known), medians, known)
    centers, widths = _center_and_width(values, _known(kind))
    mean, deviation = target_scale(dataset, rows)
    codes = dataset.categorical[rows]
    return Preprocessing(
        kind=kind,
        medians=medians,
        centers=centers,
        widths=widths,
        quantiles=quantile_references(values) if kind == "quantile" else np.empty((0, values.shape[1])),
        seen=tuple(_occurring(codes[:, i], len(labels)) for i, labels in enumerate(dataset.categories)),
        target_mean=mean,
        target_deviation=deviation,
    )


def target_scale(dataset: Dataset, rows: IndexArray) -> tuple[float, float]:
    """Mean and deviation of the regression target in these rows [rows]; 0 and 1 for classes."""
    if dataset.task != "regression":
        return 0.0, 1.0
    center, width = safe_scale(dataset.target[rows].astype(np.float64)[:, None], "standard")
    return float(center[0]), float(width[0])


def scaled_target(target: FloatArray | IndexArray, mean: float, deviation: float) -> Float32Array | IndexArray:
    """Regression: in deviations from the mean, float32 [rows]. Classes: as they are, int64 [rows]."""
    if not np.issubdtype(target.dtype, np.floating):
        return target.astype(np.int64)
    return ((target - mean) / deviation).astype(np.float32)


def restored_target(predictions: NDArray[np.floating], mean: float, deviation: float) -> FloatArray:
    """The inverse of `scaled_target` for a regression, float64 [rows]."""
    return predictions.astype(np.float64) * deviation + mean


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"expected a preprocessing of {', '.join(KINDS)}, got {kind!r}")
    return kind


def _center_and_width(values: FloatArray, kind: str) -> tuple[FloatArray, FloatArray]:
    num_columns = values.shape[1]
    if kind == "none":
        return np.zeros(num_columns), np.ones(num_columns)
    if kind == "quantile":
        return np.full(num_columns, 0.5), np.full(num_columns, _UNIFORM_DEVIATION)
    return safe_scale(values, kind)


def _occurring(codes: CodeArray, num_categories: int) -> tuple[bool, ...]:
    counts = np.bincount(codes[codes >= 0], minlength=num_categories)
    return tuple(bool(count) for count in counts > 0)
