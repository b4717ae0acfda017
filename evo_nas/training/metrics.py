"""The metrics of a recipe from predictions, for many members at once: exact, never binned.

Definitions are those of scikit-learn. Where it warns or refuses because rows of a class are missing, or because there
is a single row, the value is said here. A member's values are the same bits whoever is measured with it (law 4): what
is summed is whole numbers, or one member's row of a contiguous array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.config import Task
from evo_nas.training.ranking import areas_under_curves

Truth = NDArray[Any]
Predictions = NDArray[np.float64]
Indices = NDArray[np.int64]
Values = NDArray[np.float64]
"""One for each member, float64 [members]."""


def measure(names: Sequence[str], truth: Truth, predictions: Predictions, task: Task) -> dict[str, float]:
    """Metric -> value, in the order of the names; every value finite if the predictions are, else NaN.

    truth: class index, int64 [rows], or the regression target in its own units, float64 [rows].
    predictions: probability of class 1 [rows] (binary), of each class [rows, classes] (multiclass), or the target in
    its own units [rows]. At least one row.
    """
    return {name: float(values[0]) for name, values in measure_many(names, truth, predictions[None], task).items()}


def measure_many(names: Sequence[str], truth: Truth, predictions: Predictions, task: Task) -> dict[str, Values]:
    """`measure` for each member: metric -> values [members].

    truth: as there, [rows] if all members predict the same rows, or [members, rows]. predictions: as there, with the
    members first. A member whose predictions are not all finite has NaN for every value; the others do not notice.
    """
    truth, predictions = np.ascontiguousarray(np.atleast_2d(truth)), np.ascontiguousarray(predictions, dtype=np.float64)
    lost = ~np.isfinite(predictions).all(axis=tuple(range(1, predictions.ndim)))
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if task == "regression":
            values = {name: _REGRESSION[name](truth, predictions) for name in names}
        else:
            decisions = _Decisions.of(truth, predictions)
            values = {name: _CLASSIFICATION[name](decisions) for name in names}
    return {name: np.where(lost, np.nan, value) for name, value in values.items()}


def class_probabilities(predictions: Predictions) -> Predictions:
    """Float64 [rows, classes] whose rows sum to 1, from what a network of a classification says (see `measure`)."""
    if predictions.ndim == 1:
        return np.column_stack([1.0 - predictions, predictions])
    return _normalised(predictions)


def decide(probabilities: Predictions) -> Indices:
    """The most probable class of each row, int64 [rows]; the first of equals, so that binary needs more than 0.5."""
    decided: Indices = probabilities.argmax(axis=-1)
    return decided


def _normalised(predictions: Predictions) -> Predictions:
    sums: Predictions = predictions.sum(axis=-1, keepdims=True)
    return predictions / sums  # a softmax in 32 bits misses 1 by some 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class _Decisions:
    """truth: [1 or members, rows]. probabilities: [members, rows] of class 1, or [members, rows, classes].

    decided: [members, rows]. hits: where that is the truth.
    """

    truth: Indices
    probabilities: Predictions
    decided: Indices
    hits: NDArray[np.bool_]

    @classmethod
    def of(cls, truth: Indices, predictions: Predictions) -> _Decisions:
        if predictions.ndim == 2:
            probabilities, decided = predictions, (predictions > 0.5).astype(np.int64)
        else:
            probabilities = _normalised(predictions)
            decided = decide(probabilities)
        return cls(truth, probabilities, decided, decided == truth)

    @property
    def binary(self) -> bool:
        return self.probabilities.ndim == 2

    def counts(self, classes: Indices, rows: NDArray[np.bool_] | None = None) -> Indices:
        """How often each class stands in [1 or members, rows], of some of the rows: int64 [1 or members, classes]."""
        num_classes = 2 if self.binary else self.probabilities.shape[2]
        places = classes + num_classes * np.arange(len(classes))[:, None]
        chosen = places.ravel() if rows is None else places[rows]
        return np.bincount(chosen, minlength=num_classes * len(classes)).reshape(-1, num_classes)


def _accuracy(decisions: _Decisions) -> Values:
    values: Values = np.count_nonzero(decisions.hits, axis=-1) / decisions.hits.shape[1]
    return values


def _balanced_accuracy(decisions: _Decisions) -> Values:
    """Mean recall of the classes that have rows."""
    hits, rows = decisions.counts(decisions.decided, decisions.hits), decisions.counts(decisions.truth)
    return _mean_over_classes(hits, rows)


def _roc_auc(decisions: _Decisions) -> Values:
    """Binary: of class 1. Multiclass: each class against the rest, the mean of those that have rows on both sides.

    0.5 where all rows are of one class.
    """
    if decisions.binary:
        areas = areas_under_curves(decisions.truth == 1, decisions.probabilities)[None]
    else:
        classes = range(decisions.probabilities.shape[2])
        each = (areas_under_curves(decisions.truth == k, decisions.probabilities[:, :, k]) for k in classes)
        areas = np.stack(list(each))
    known = ~np.isnan(areas)
    sums = np.ascontiguousarray(np.where(known, areas, 0.0).T).sum(axis=-1)
    return np.where(known.any(axis=0), sums / np.maximum(known.sum(axis=0), 1), 0.5)


def _f1(decisions: _Decisions) -> Values:
    """Binary: of class 1. Multiclass: the mean over the classes that occur or were decided. 0 where undefined."""
    twice_hits = 2 * decisions.counts(decisions.decided, decisions.hits)
    rows = decisions.counts(decisions.decided) + decisions.counts(decisions.truth)
    if decisions.binary:
        values: Values = twice_hits[:, 1] / np.maximum(rows[:, 1], 1)
        return values
    return _mean_over_classes(twice_hits, rows)


def _mean_over_classes(hits: Indices, rows: Indices) -> Values:
    """Mean of hits / rows over the classes that have rows; both [1 or members, classes]."""
    shares: Predictions = hits / np.maximum(rows, 1)
    values: Values = shares.sum(axis=-1) / np.count_nonzero(rows, axis=-1)
    return values


def _log_loss(decisions: _Decisions) -> Values:
    """Probabilities are clipped to [2^-52, 1 - 2^-52] first."""
    if decisions.binary:
        of_truth = np.where(decisions.truth == 1, decisions.probabilities, 1.0 - decisions.probabilities)
    else:
        places = np.broadcast_to(decisions.truth, decisions.decided.shape)[:, :, None]
        of_truth = np.ascontiguousarray(np.take_along_axis(decisions.probabilities, places, axis=2)[:, :, 0])
    smallest = np.finfo(np.float64).eps
    values: Values = -np.log(of_truth.clip(smallest, 1.0 - smallest)).mean(axis=-1)
    return values


def _rmse(truth: Truth, predictions: Predictions) -> Values:
    values: Values = np.sqrt(np.square(predictions - truth).mean(axis=-1))
    return values


def _mae(truth: Truth, predictions: Predictions) -> Values:
    values: Values = np.abs(predictions - truth).mean(axis=-1)
    return values


def _r2(truth: Truth, predictions: Predictions) -> Values:
    """0 for a single row, as for a constant prediction. Where the truth is constant, 1 for no error, and 0."""
    if truth.shape[1] == 1:
        return np.zeros(len(predictions))
    errors = np.square(predictions - truth).sum(axis=-1)
    spread = np.square(truth - truth.mean(axis=-1, keepdims=True)).sum(axis=-1)
    values: Values = np.where(spread > 0.0, 1.0 - errors / spread, errors == 0.0)
    return values


_CLASSIFICATION: Mapping[str, Callable[[_Decisions], Values]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "roc_auc": _roc_auc,
    "f1": _f1,
    "log_loss": _log_loss,
}
_REGRESSION: Mapping[str, Callable[[Truth, Predictions], Values]] = {"rmse": _rmse, "mae": _mae, "r2": _r2}
