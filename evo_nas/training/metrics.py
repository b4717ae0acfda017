"""The metrics of a recipe from predictions, computed by scikit-learn: exact, never binned.

Where scikit-learn warns or refuses because rows of a class are missing, or because there is a single row, the value
is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sklearn_metrics

from evo_nas.config import Task

Truth = NDArray[Any]
Predictions = NDArray[np.float64]
Indices = NDArray[np.int64]


def measure(names: Sequence[str], truth: Truth, predictions: Predictions, task: Task) -> dict[str, float]:
    """Metric -> value, in the order of the names; every value finite if the predictions are.

    truth: class index, int64 [rows], or the regression target in its own units, float64 [rows].
    predictions: probability of class 1 [rows] (binary), of each class [rows, classes] (multiclass), or the target in
    its own units [rows]. At least one row.
    """
    if task == "regression":
        return {name: float(_REGRESSION[name](truth, predictions)) for name in names}
    probabilities = class_probabilities(predictions)
    decided = decide(probabilities)
    values = {name: _CLASSIFICATION[name](truth, probabilities, decided) for name in names}
    return {name: float(value) for name, value in values.items()}


def class_probabilities(predictions: Predictions) -> Predictions:
    """Float64 [rows, classes] whose rows sum to 1, from what a network of a classification says (see `measure`)."""
    if predictions.ndim == 1:
        return np.column_stack([1.0 - predictions, predictions])
    sums: Predictions = predictions.sum(axis=1, keepdims=True)
    return predictions / sums  # a softmax in 32 bits misses 1 by some 1e-7


def decide(probabilities: Predictions) -> Indices:
    """The most probable class of each row, int64 [rows]; the first of equals, so that binary needs more than 0.5."""
    decided: Indices = probabilities.argmax(axis=1)
    return decided


def _accuracy(truth: Truth, probabilities: Predictions, decided: Indices) -> Any:
    return sklearn_metrics.accuracy_score(truth, decided)


def _balanced_accuracy(truth: Truth, probabilities: Predictions, decided: Indices) -> Any:
    """Mean recall of the classes that have rows."""
    return sklearn_metrics.recall_score(truth, decided, labels=np.unique(truth), average="macro", zero_division=0)


def _roc_auc(truth: Truth, probabilities: Predictions, decided: Indices) -> Any:
    """Binary: of class 1. Multiclass: each class against the rest, the mean of those that have rows on both sides.

    0.5 where all rows are of one class.
    """
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    members = [(truth == index, probabilities[:, index]) for index in classes]
    areas = [sklearn_metrics.roc_auc_score(is_member, p) for is_member, p in members if 0 < is_member.sum() < len(p)]
    return sum(areas) / len(areas) if areas else 0.5


def _f1(truth: Truth, probabilities: Predictions, decided: Indices) -> Any:
    """Binary: of class 1. Multiclass: the mean over the classes that occur or were decided. 0 where undefined."""
    average = "binary" if probabilities.shape[1] == 2 else "macro"
    return sklearn_metrics.f1_score(truth, decided, average=average, zero_division=0)


def _log_loss(truth: Truth, probabilities: Predictions, decided: Indices) -> Any:
    return sklearn_metrics.log_loss(truth, probabilities, labels=np.arange(probabilities.shape[1]))


def _r2(truth: Truth, predictions: Predictions) -> Any:
    """0 for a single row, as for a constant prediction."""
    return sklearn_metrics.r2_score(truth, predictions) if len(truth) > 1 else 0.0


_CLASSIFICATION: Mapping[str, Callable[[Truth, Predictions, Indices], Any]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "roc_auc": _roc_auc,
    "f1": _f1,
    "log_loss": _log_loss,
}
_REGRESSION: Mapping[str, Callable[[Truth, Predictions], Any]] = {
    "rmse": sklearn_metrics.root_mean_squared_error,
    "mae": sklearn_metrics.mean_absolute_error,
    "r2": _r2,
}
