"""What the rows of a test say about a score: known shares, simulated coverage, and too few rows."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evo_nas.config import Task
from evo_nas.randomness import array_stream
from evo_nas.training.bootstrap import NO_DIFFERENCE, ONE_CLASS, bootstrap_interval
from evo_nas.training.metrics import measure


def interval(names: tuple[str, ...], truth: Any, predictions: Any, task: Task, seed: int = 0) -> dict[str, Any]:
    told = bootstrap_interval(
        names, np.asarray(truth), np.asarray(predictions, dtype=np.float64), task, array_stream("test", seed)
    )
    return json.loads(json.dumps(told, allow_nan=False))


def noisy(num_rows: int, seed: int, separation: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = (np.arange(num_rows) % 3 == 0).astype(np.int64)
    return truth, 1.0 / (1.0 + np.exp(-(separation * truth + generator.normal(size=num_rows))))


def test_accuracy_has_the_bounds_of_two_binomial_distributions() -> None:
    """300 rows of each class, 240 and 180 of them right: the resampled hits are the sum of two binomial counts."""
    truth = np.repeat([0, 1], 300)
    right = np.concatenate([np.arange(300) < 240, np.arange(300) < 180])
    told = interval(("accuracy",), truth, np.where(right, truth, 1 - truth), "binary")
    deviation = math.sqrt(300 * 0.8 * 0.2 + 300 * 0.6 * 0.4) / 600
    assert told["of"]["accuracy"] == pytest.approx([0.7 - 1.96 * deviation, 0.7 + 1.96 * deviation], abs=0.004)
    assert told["level"] == 0.95
    assert told["how"] == "1,000 bootstrap resamples of 600 test rows, by class"


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("binary", ("roc_auc", "accuracy", "balanced_accuracy", "f1", "log_loss")),
        ("multiclass", ("accuracy", "roc_auc", "log_loss")),
        ("regression", ("r2", "rmse", "mae")),
    ],
)
def test_the_score_lies_within_and_more_rows_say_more(task: Task, names: tuple[str, ...]) -> None:
    widths = []
    for num_rows in (60, 2400):
        generator = np.random.default_rng(num_rows)
        if task == "regression":
            truth = generator.normal(size=num_rows)
            predictions = truth + 0.5 * generator.normal(size=num_rows)
        elif task == "binary":
            truth, predictions = noisy(num_rows, num_rows)
        else:
            truth = np.arange(num_rows) % 3
            logits = np.exp(np.eye(3)[truth] + generator.normal(size=(num_rows, 3)))
            predictions = logits / logits.sum(axis=1, keepdims=True)
        told, scores = interval(names, truth, predictions, task), measure(names, truth, predictions, task)
        assert all(low < scores[name] < high for name, (low, high) in told["of"].items())
        assert set(told["of"]) == set(names)
        widths.append([high - low for low, high in told["of"].values()])
    assert all(few > 3 * many for few, many in zip(*widths, strict=True))


@pytest.mark.parametrize("num_rows", [15, 60])
def test_it_covers_the_true_area_nearly_as_often_as_it_says(num_rows: int) -> None:
    """15 rows are 5 of the rarer class. Two normal distributions one apart: the area is Phi(1 / sqrt(2))."""
    area = stats.norm.cdf(1 / math.sqrt(2))
    told = [interval(("roc_auc",), *noisy(num_rows, seed), "binary", seed)["of"] for seed in range(200)]
    bounds = [each["roc_auc"] for each in told if each]  # rows that a lucky draw separates have none
    assert len(bounds) > 190
    assert 0.90 <= np.mean([low <= area <= high for low, high in bounds]) <= 0.995


def test_the_same_key_gives_the_same_bounds() -> None:
    truth, predictions = noisy(90, 0)
    first, again, other = (interval(("log_loss",), truth, predictions, "binary", seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_many_rows_are_drawn_in_pieces() -> None:
    truth, predictions = noisy(60_000, 0)
    told = interval(("accuracy",), truth, predictions, "binary")
    low, high = told["of"]["accuracy"]
    share = measure(("accuracy",), truth, predictions, "binary")["accuracy"]
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(share * (1 - share) / 60_000), rel=0.15)


@pytest.mark.parametrize(
    ("truth", "why"),
    [
        ([0, 0, 0, 1], "1 test rows of a class are too few, 5 are needed"),
        ([0, 0, 1, 1, 1, 1, 1, 1, 1, 1], "2 test rows of a class are too few, 5 are needed"),
        ([0, 0, 0], "3 test rows are too few, 5 are needed"),
    ],
)
def test_a_handful_of_rows_has_none_and_says_why(truth: list[int], why: str) -> None:
    told = interval(("accuracy", "roc_auc"), truth, np.linspace(0.2, 0.8, len(truth)), "binary")
    assert told["of"] == {}
    assert told["missing"] == {"accuracy": why, "roc_auc": why}


def test_one_class_has_no_area() -> None:
    told = interval(("roc_auc", "accuracy"), np.zeros(40, dtype=np.int64), np.linspace(0.1, 0.9, 40), "binary")
    assert told["missing"] == {"roc_auc": ONE_CLASS}
    assert list(told["of"]) == ["accuracy"]


def test_what_no_resample_can_change_has_none() -> None:
    """All rows right says that errors are rare, and not how rare: [1, 1] would be a lie."""
    truth = np.arange(30) % 2
    told = interval(("accuracy", "log_loss"), truth, np.where(truth, 0.9, np.linspace(0.1, 0.4, 30)), "binary")
    assert told["missing"] == {"accuracy": NO_DIFFERENCE}
    assert list(told["of"]) == ["log_loss"]
