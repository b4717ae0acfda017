"""What can be measured of a network, and what it can be trained to make small."""

from __future__ import annotations

import math

METRICS: dict[str, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "roc_auc": True,
    "f1": True,
    "log_loss": False,
    "rmse": False,
    "mae": False,
    "r2": True,
}
"""Metrics of a recipe -> is larger better."""

METRIC_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("accuracy", "balanced_accuracy", "roc_auc", "f1"), (0.0, 1.0)),
    **dict.fromkeys(("log_loss", "rmse", "mae", "loss"), (0.0, math.inf)),
    "r2": (-math.inf, 1.0),
}
"""Between which numbers a metric lies; an interval that goes beyond them says too much."""

CLASSIFICATION_METRICS = ("accuracy", "balanced_accuracy", "roc_auc", "f1", "log_loss")
REGRESSION_METRICS = ("rmse", "mae", "r2")
DEFAULT_METRICS: dict[str, tuple[str, ...]] = {
    "binary": ("roc_auc", "accuracy"),
    "multiclass": ("accuracy", "log_loss"),
    "regression": ("r2", "rmse"),
}
LOSSES: dict[str, tuple[str, ...]] = {
    "binary": ("binary_crossentropy",),
    "multiclass": ("categorical_crossentropy",),
    "regression": ("mean_squared_error", "mean_absolute_error", "huber"),
}
"""Losses a task can be trained with; the first is what "auto" means."""
