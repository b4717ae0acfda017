"""Metrics: answers that a person can check, agreement with scikit-learn, and no warning where a class is missing."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from evo_nas.config import CLASSIFICATION_METRICS, REGRESSION_METRICS, Task
from evo_nas.training.metrics import class_probabilities, measure, measure_many

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


NUM_CLASSES = 4
METRICS_OF: Mapping[Task, tuple[str, ...]] = {
    "binary": CLASSIFICATION_METRICS,
    "multiclass": CLASSIFICATION_METRICS,
    "regression": REGRESSION_METRICS,
}


@st.composite
def measured(draw: st.DrawFn, task: Task, max_members: int = 6) -> tuple[Any, Any]:
    """A truth, common to all or of each, and predictions with ties, constants, single rows and missing classes."""
    members, rows = draw(st.integers(1, max_members)), draw(st.integers(1, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([1, 2, 5, 10**6]))  # few levels make ties, one makes every prediction equal
    shape = (rows,) if draw(st.booleans()) else (members, rows)
    if task == "regression":
        spread = draw(st.sampled_from([0.0, 1.0, 1000.0]))
        truth = np.round(generator.normal(size=shape) * spread) + draw(st.sampled_from([0.0, 0.5, -20.0]))
        return truth, np.round(generator.normal(size=(members, rows)) * levels) / levels * 10
    num_classes = 2 if task == "binary" else NUM_CLASSES
    truth = generator.integers(0, draw(st.integers(1, num_classes)), shape)
    if task == "binary":
        return truth, generator.integers(0, levels + 1, (members, rows)) / levels
    shares = generator.integers(1, levels + 1, (members, rows, num_classes))
    return truth, (shares / shares.sum(axis=-1, keepdims=True)).astype(np.float32).astype(np.float64)


def of_scikit_learn(truth: Any, predictions: Any, task: Task) -> dict[str, float]:
    """What scikit-learn says of one member, with the answers of `measure` where it refuses."""
    if task == "regression":
        return {
            "rmse": sklearn_metrics.root_mean_squared_error(truth, predictions),
            "mae": sklearn_metrics.mean_absolute_error(truth, predictions),
            "r2": sklearn_metrics.r2_score(truth, predictions) if len(truth) > 1 else 0.0,
        }
    probabilities = class_probabilities(predictions)
    decided, labels = probabilities.argmax(axis=1), np.arange(probabilities.shape[1])
    classes = [1] if task == "binary" else labels
    areas = [
        sklearn_metrics.roc_auc_score(truth == label, probabilities[:, label])
        for label in classes
        if 0 < (truth == label).sum() < len(truth)
    ]
    return {
        "accuracy": sklearn_metrics.accuracy_score(truth, decided),
        "balanced_accuracy": sklearn_metrics.recall_score(
            truth, decided, labels=np.unique(truth), average="macro", zero_division=0
        ),
        "roc_auc": float(np.mean(areas)) if areas else 0.5,
        "f1": sklearn_metrics.f1_score(
            truth, decided, average="binary" if task == "binary" else "macro", zero_division=0
        ),
        "log_loss": sklearn_metrics.log_loss(truth, probabilities, labels=labels),
    }


@pytest.mark.parametrize("task", METRICS_OF)
@given(data=st.data())
def test_every_member_has_the_values_of_scikit_learn(task: Task, data: st.DataObject) -> None:
    truth, predictions = data.draw(measured(task))
    values = measure_many(METRICS_OF[task], truth, predictions, task)
    assert list(values) == list(METRICS_OF[task])
    for member, own_truth in enumerate(np.broadcast_to(truth, predictions.shape[:2])):
        expected = of_scikit_learn(own_truth, predictions[member], task)
        found = {name: value[member] for name, value in values.items()}
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def bits(values: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [float(number).hex() for number in value] for name, value in values.items()}


def alone(truth: Any, predictions: Any, task: Task) -> dict[str, list[str]]:
    """The bits of each member, measured by itself."""
    truths = np.broadcast_to(truth, predictions.shape[:2])
    each = [measure(METRICS_OF[task], t, p, task) for t, p in zip(truths, predictions, strict=True)]
    return {name: [values[name].hex() for values in each] for name in METRICS_OF[task]}


@pytest.mark.parametrize("task", METRICS_OF)
@given(data=st.data())
def test_a_member_has_the_same_bits_whoever_is_measured_with_it(task: Task, data: st.DataObject) -> None:
    truth, predictions = data.draw(measured(task, max_members=9))
    order = np.array(data.draw(st.permutations(range(len(predictions)))))
    expected = alone(truth, predictions, task)
    assert bits(measure_many(METRICS_OF[task], truth, predictions, task)) == expected
    own_truth = truth if truth.ndim == 1 else truth[order]
    turned = bits(measure_many(METRICS_OF[task], own_truth, predictions[order], task))
    assert turned == {name: [values[place] for place in order] for name, values in expected.items()}


@pytest.mark.parametrize("task", METRICS_OF)
@pytest.mark.parametrize("rows", [171, 8191, 8192, 20_001])
def test_bits_are_the_same_for_many_rows(task: Task, rows: int) -> None:
    """NumPy sums long rows in pieces; where it cuts must not depend on the members."""
    generator = np.random.default_rng(rows)
    truth = generator.normal(size=rows) if task == "regression" else generator.integers(0, 2, rows)
    shape = (5, rows, NUM_CLASSES) if task == "multiclass" else (5, rows)
    predictions = generator.random(shape)
    assert bits(measure_many(METRICS_OF[task], truth, predictions, task)) == alone(truth, predictions, task)


def test_classes_handed_over_in_another_memory_layout() -> None:
    generator = np.random.default_rng(0)
    truth, predictions = generator.integers(0, NUM_CLASSES, 50), generator.random((3, 50, NUM_CLASSES))
    turned = np.asfortranarray(predictions)
    assert bits(measure_many(CLASSIFICATION_METRICS, truth, turned, "multiclass")) == alone(
        truth, predictions, "multiclass"
    )


@pytest.mark.parametrize("task", METRICS_OF)
@pytest.mark.parametrize("lost", [math.nan, math.inf, -math.inf])
def test_a_member_that_is_not_finite_is_alone_with_it(task: Task, lost: float) -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 20)
    predictions = generator.random((3, 20, NUM_CLASSES) if task == "multiclass" else (3, 20))
    expected = alone(truth, predictions, task)
    predictions[1, 7] = lost
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = bits(measure_many(METRICS_OF[task], truth, predictions, task))
    for name, values in expected.items():
        assert found[name] == [values[0], "nan", values[2]]
