"""Metrics: answers that a person can check, agreement with scikit-learn, and no warning where a class is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from evo_nas.config import CLASSIFICATION_METRICS, REGRESSION_METRICS
from evo_nas.training.metrics import measure

TRUTH = np.array([0, 0, 1, 1])
PREDICTED = np.array([0.1, 0.6, 0.4, 0.9])  # decided: 0, 1, 0, 1


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("accuracy", 0.5),
        ("balanced_accuracy", 0.5),
        ("roc_auc", 0.75),  # of four pairs, only (0.6, 0.4) is the wrong way round
        ("f1", 0.5),
        ("log_loss", -(math.log(0.9) + math.log(0.4) + math.log(0.4) + math.log(0.9)) / 4),
    ],
)
def test_binary_answers(metric: str, expected: float) -> None:
    assert measure([metric], TRUTH, PREDICTED, "binary") == {metric: pytest.approx(expected, rel=1e-12)}


@pytest.mark.parametrize(("metric", "expected"), [("rmse", math.sqrt(2.5)), ("mae", 1.5), ("r2", -1.0)])
def test_regression_answers(metric: str, expected: float) -> None:
    truth, predictions = np.array([0.0, 2.0, 1.0, 3.0]), np.array([2.0, 1.0, 3.0, 2.0])
    assert measure([metric], truth, predictions, "regression")[metric] == pytest.approx(expected)


def test_a_probability_of_one_half_is_the_first_class() -> None:
    assert measure(["accuracy"], np.array([0, 1]), np.array([0.5, 0.5]), "binary") == {"accuracy": 0.5}


def test_the_unbalanced_are_balanced() -> None:
    truth, predictions = np.array([0, 0, 0, 1]), np.array([0.0, 0.0, 0.0, 0.0])
    assert measure(["accuracy", "balanced_accuracy"], truth, predictions, "binary") == {
        "accuracy": 0.75,
        "balanced_accuracy": 0.5,
    }


def probabilities(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet([1.0, 1.0, 1.0], rows).astype(np.float32).astype(np.float64)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_multiclass_agrees_with_scikit_learn(more: list[int], seed: int) -> None:
    truth = np.array([0, 1, 2, *more])
    predicted = probabilities(len(truth), seed)
    exact = predicted / predicted.sum(axis=1, keepdims=True)
    decided = predicted.argmax(axis=1)
    assert measure(CLASSIFICATION_METRICS, truth, predicted, "multiclass") == pytest.approx(
        {
            "accuracy": sklearn_metrics.accuracy_score(truth, decided),
            "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(truth, decided),
            "roc_auc": sklearn_metrics.roc_auc_score(truth, exact, multi_class="ovr", average="macro"),
            "f1": sklearn_metrics.f1_score(truth, decided, average="macro"),
            "log_loss": sklearn_metrics.log_loss(truth, exact),
        },
        rel=1e-12,
    )


@given(st.lists(st.integers(0, 2), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_missing_classes_are_no_trouble(truth: list[int], seed: int) -> None:
    """Warnings are errors in these tests."""
    values = measure(CLASSIFICATION_METRICS, np.array(truth), probabilities(len(truth), seed), "multiclass")
    assert all(math.isfinite(value) for value in values.values())


@pytest.mark.parametrize("only", [0, 1])
def test_rows_of_a_single_class(only: int) -> None:
    values = measure(CLASSIFICATION_METRICS, np.full(3, only), np.array([0.2, 0.3, 0.9]), "binary")
    assert values["roc_auc"] == 0.5
    assert values["balanced_accuracy"] == pytest.approx(1 / 3 if only else 2 / 3)


def test_certainty_that_is_wrong_is_finite() -> None:
    assert 30 < measure(["log_loss"], np.array([0, 1]), np.array([1.0, 0.0]), "binary")["log_loss"] < 40


def test_a_single_row_of_a_regression() -> None:
    values = measure(REGRESSION_METRICS, np.array([3.0]), np.array([5.0]), "regression")
    assert values == {"rmse": 2.0, "mae": 2.0, "r2": 0.0}
