"""What is kept of a winner's decisions when it is saved, and that it never costs the winner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.config import Task
from evo_nas.data import load_dataset
from evo_nas.insight import ARRAYS_FILE, INSIGHT_FILE, class_scores, read_insight, shrunk
from evo_nas.training import tasks, winner_insight
from evo_nas.training.shown_images import LONGEST_SIDE, sampled_places, surest_mistakes
from tests.training.training_cases import KERAS_SAVES, NUM_ROWS, ignore_news, payload_of

pytestmark = KERAS_SAVES


def kept(payload: dict[str, Any], folder: Path, best_epochs: tuple[int, ...] = (3,)) -> tuple[dict[str, Any], Any]:
    """What an export answers, and the insight that it keeps."""
    request = {**payload, "folder": str(folder), "best_epochs": list(best_epochs)}
    result = tasks.HANDLERS["export"](request, ignore_news)
    return result, read_insight(folder, result["model_sha256"])


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_the_matrix_is_that_of_the_test_score(task: Task, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(f"{task}_data")
    recipe = {"epochs": 20, "metrics": ["accuracy", "balanced_accuracy"]}
    result, insight = kept(payload_of(path, task, recipe), tmp_path)
    assert (insight.source, insight.classes) == ("test", load_dataset(path).classes)
    assert insight.confusion.sum() == insight.num_rows == 0.2 * NUM_ROWS
    assert np.trace(insight.confusion) / insight.num_rows == pytest.approx(result["test"]["accuracy"])
    recalls = [each.recall for each in class_scores(insight.confusion, insight.classes) if each.recall is not None]
    assert np.mean(recalls) == pytest.approx(result["test"]["balanced_accuracy"])
    assert not insight.troubles


def test_of_a_regression_truth_and_prediction_are_kept(regression_data: Path, tmp_path: Path) -> None:
    result, insight = kept(payload_of(regression_data, "regression", {"epochs": 20, "metrics": ["rmse"]}), tmp_path)
    assert insight.confusion.size == 0
    errors = insight.fit[:, 1] - insight.fit[:, 0]
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(result["test"]["rmse"])


def test_without_test_rows_it_is_made_from_those_that_were_held_out(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary")
    payload["split"]["test_fraction"] = 0.0
    _, insight = kept(payload, tmp_path)
    assert (insight.source, insight.num_rows) == ("validation", 0.25 * NUM_ROWS)


def test_rows_that_the_network_was_fitted_on_say_nothing(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary", {"validation": {"folds": 3}})
    payload["split"]["test_fraction"] = 0.0
    _, insight = kept(payload, tmp_path, (1, 1, 1))
    assert insight.confusion.size == 0
    assert insight.troubles == (winner_insight.NO_ROWS,)


def test_what_goes_wrong_is_a_sentence_and_the_winner_is_saved(
    binary_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*anything: object) -> None:
        raise ZeroDivisionError("nobody expects it")

    monkeypatch.setattr(winner_insight, "confusion_of", fail)
    result, insight = kept(payload_of(binary_data, "binary"), tmp_path)
    assert result["test"]
    assert insight.troubles == ("the winner's decisions could not be looked at: ZeroDivisionError: nobody expects it",)
    (tmp_path / INSIGHT_FILE).unlink()
    (tmp_path / ARRAYS_FILE).unlink()
    (tmp_path / ARRAYS_FILE).mkdir()  # nothing can be written over a folder
    result, insight = kept(payload_of(binary_data, "binary"), tmp_path)
    assert result["test"]
    assert insight is None


def test_a_network_may_have_more_outputs_than_classes() -> None:
    assert winner_insight._named_outputs(("cat", "dog"), 4) == ("cat", "dog", "output 2", "output 3")


def test_mistakes_are_the_wrong_ones_the_surest_first() -> None:
    truth, decided = np.array([0, 1, 1, 0, 2]), np.array([0, 0, 1, 1, 1])
    assert list(surest_mistakes(truth, decided, np.array([0.9, 0.6, 0.99, 0.8, 0.8]))) == [3, 4, 1]


def test_a_sample_is_the_same_for_every_network() -> None:
    places = sampled_places(1000, 16)
    assert list(places) == sorted(set(places))
    assert len(places) == 16
    assert list(sampled_places(1000, 16)) == list(places)
    assert list(sampled_places(3, 16)) == [0, 1, 2]


@pytest.mark.parametrize(("height", "width"), [(96, 40), (97, 97), (500, 300), (1000, 2), (97, 1)])
def test_large_images_are_averaged_in_squares(height: int, width: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    small = shrunk(images, LONGEST_SIDE)
    assert max(small.shape[1:3]) <= LONGEST_SIDE
    assert min(small.shape[1:3]) >= 1
    side = -(-max(height, width) // LONGEST_SIDE)
    first = images[:, :side, : min(side, width)].mean(axis=(1, 2))
    assert small[:, 0, 0] == pytest.approx(np.round(first), abs=0)
