"""A winner on images: saved with its preprocessing, it predicts from arrays, files and folders as it was scored."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evo_nas.errors import UserError
from evo_nas.gradient_report import GradientReport
from evo_nas.training import tasks
from evo_nas.training import winner as winner_module
from evo_nas.training.judging import judged
from evo_nas.training.winner import PREPROCESSING_FILE, Winner, load_winner
from tests.training.image_cases import image_payload, open_image_training, striped_images
from tests.training.test_refitting import asked, weights_in
from tests.training.training_cases import KERAS_SAVES, ignore_news

pytestmark = KERAS_SAVES

GENES = {"preprocessing": "standard", "batch_normalization": True}


@pytest.fixture(scope="module")
def exported(images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, dict[str, Any]]:
    """The request, the folder of its winner, and what the export answered."""
    folder = tmp_path_factory.mktemp("winner")
    payload = image_payload(images, {"metrics": ["accuracy"]}, **GENES)
    payload["split"]["test_fraction"] = 0.2
    return payload, folder, asked("export", {**payload, "weights": None}, folder, best_epochs=[3])


@pytest.fixture(scope="module")
def winner(exported: tuple[dict[str, Any], Path, dict[str, Any]]) -> Winner:
    return load_winner(exported[1])


def test_loaded_again_it_scores_the_same(exported: tuple[dict[str, Any], Path, dict[str, Any]]) -> None:
    payload, folder, result = exported
    request = {"folder": str(folder), "data": payload["data"], "split": payload["split"]}
    assert tasks.HANDLERS["score"](request, ignore_news) == {"test": result["test"]}
    assert list(result["test"]) == ["accuracy"]


def test_what_was_scored_is_what_is_predicted(
    exported: tuple[dict[str, Any], Path, dict[str, Any]], winner: Winner, images: Path
) -> None:
    """Validation rows, as the search scored them and as somebody predicts them from bytes."""
    training = open_image_training(images, {"metrics": ["accuracy"]}, **GENES)
    fit = training.fit(training.build(), training.folds[0], 0, ignore_news)
    dataset, rows = training.data.dataset, training.folds[0].validation
    said = judged(exported[1], dataset, rows, "validation")
    assert said is not None
    table = winner.predict(dataset.pixels[rows])
    assert list(table) == ["prediction", *(f"probability_{name}" for name in dataset.classes)]
    assert table.iloc[:, 1:].to_numpy() == pytest.approx(said.predictions, abs=1e-6)
    hits = table["prediction"].to_numpy() == np.array(dataset.classes)[dataset.target[rows]]
    assert said.scores()["accuracy"] == pytest.approx(hits.mean())
    assert fit.num_epochs == 3


@pytest.mark.parametrize("at_once", [2, 1024])
def test_files_and_folders(winner: Winner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(winner_module, "IMAGES_AT_ONCE", at_once)
    pixels = striped_images().pixels[:5]
    for number, image in enumerate(pixels):
        (tmp_path / "some").mkdir(exist_ok=True)
        Image.fromarray(image[:, :, 0]).save(tmp_path / "some" / f"{number}.png")
    expected = winner.predict(pixels)
    found = winner.predict(tmp_path / "some")
    assert list(found["file"]) == [str(tmp_path / "some" / f"{number}.png") for number in range(5)]
    pd.testing.assert_frame_equal(found.drop(columns="file"), expected)
    pd.testing.assert_frame_equal(winner.predict_file(tmp_path / "some", ","), found)
    one = winner.predict([tmp_path / "some" / "3.png"])
    assert one["prediction"].tolist() == [expected["prediction"][3]]


def test_what_cannot_be_predicted_is_named(winner: Winner, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(UserError, match=r"text\.png"):
        winner.predict(tmp_path)
    with pytest.raises(UserError, match="no such file or folder"):
        winner.predict(tmp_path / "missing")
    with pytest.raises(UserError, match="expected images"):
        winner.predict(np.zeros((3, 6), dtype=np.uint8))


def test_a_newer_file_is_refused_by_older_versions(
    exported: tuple[dict[str, Any], Path, dict[str, Any]], tmp_path: Path
) -> None:
    """They know tables alone. A file whose parts do not fit each other is damaged."""
    written = json.loads((exported[1] / PREPROCESSING_FILE).read_text())
    assert written["format"] == 2
    for file in exported[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    written["schema"]["image_shape"] = [6, 6, 3]
    (tmp_path / PREPROCESSING_FILE).write_text(json.dumps(written))
    with pytest.raises(UserError, match=re.escape("expected 3 channels as in the schema, got 1")):
        load_winner(tmp_path)


@pytest.mark.slow
def test_it_is_trained_on_every_row_and_further(
    exported: tuple[dict[str, Any], Path, dict[str, Any]], tmp_path: Path
) -> None:
    payload, folder, result = exported
    assert asked("refit", payload, tmp_path / "refit", epochs=1)["rows"] == striped_images().num_rows
    further = asked("train_further", payload, tmp_path / "further", winner=str(folder), epochs=1)
    assert further["test"]["before"] == result["test"]
    assert weights_in(tmp_path / "further") != weights_in(folder)


def test_its_gradients_are_right(images: Path) -> None:
    recipe = {"class_weights": "balanced"}
    smooth = {**GENES, "activation": "tanh", "head_activation": "tanh", "reduction": "average", "l2": 1e-3}
    payload = {**image_payload(images, recipe, **smooth), "num_rows": 8, "seed": 0}
    report = GradientReport.from_json(tasks.HANDLERS["check_gradients"](payload, ignore_news))
    assert report.verdict == "right", report
    kinked = {**image_payload(images, recipe, reduction="max"), "num_rows": 8, "seed": 0}
    report = GradientReport.from_json(tasks.HANDLERS["check_gradients"](kinked, ignore_news))
    assert report.verdict in ("right", "probably right"), report
    assert {"relu", "max pooling"} <= set(report.kinks)
