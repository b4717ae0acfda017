"""Images of a winner's test rows: what is kept of them is what the saved network says, and where it looked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.data import save_dataset
from evo_nas.insight import GRAD_CAM, MISTAKES, OCCLUSION, SAMPLE, WinnerInsight, read_insight
from evo_nas.report.winner_pictures import draw_winner
from evo_nas.training import tasks, winner_insight
from evo_nas.training.winner import load_winner
from tests.training.image_cases import image_payload, striped_images
from tests.training.training_cases import KERAS_SAVES, ignore_news
from tests.training.transfer_cases import coloured_images, tiny_backbone, transfer_payload, transfer_space

pytestmark = KERAS_SAVES


@pytest.fixture(scope="module")
def striped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "striped.npz"
    save_dataset(striped_images(), path)
    return path


def kept(payload: dict[str, Any], folder: Path) -> WinnerInsight:
    payload["split"]["test_fraction"] = 0.4
    request = {**payload, "weights": None, "folder": str(folder), "best_epochs": [3]}
    result = tasks.HANDLERS["export"](request, ignore_news)
    insight = read_insight(folder, result["model_sha256"])
    assert insight is not None
    return insight


def test_what_is_kept_is_what_the_saved_network_says(striped: Path, tmp_path: Path) -> None:
    insight = kept(image_payload(striped, {"epochs": 2, "metrics": ["accuracy"]}), tmp_path)
    assert (insight.method, insight.troubles, insight.num_rows) == (GRAD_CAM, (), 36)
    dataset, winner = striped_images(), load_winner(tmp_path)
    for name, group in insight.shown.items():
        assert (group.images == dataset.pixels[group.rows]).all()
        assert (group.truth == dataset.target[group.rows]).all()
        said = winner.predict(group.images)
        assert [dataset.classes[label] for label in group.predicted] == list(said["prediction"])
        probabilities = said.filter(like="probability_").to_numpy()
        assert group.probability == pytest.approx(probabilities.max(axis=1), rel=1e-5)
        assert group.attention.shape == (len(group), 6, 6), name
        assert group.attention.max() == 1.0
    mistakes = insight.shown[MISTAKES]
    assert (mistakes.truth != mistakes.predicted).all()
    assert len(mistakes) == min(16, insight.num_mistakes)
    assert (np.diff(mistakes.probability) <= 0).all()
    assert len(insight.shown[SAMPLE]) == 16
    assert len(draw_winner(tmp_path, insight)) == 5


def test_the_network_on_a_backbone_looks_at_the_backbones_last_maps(tmp_path: Path) -> None:
    tiny_backbone().save(tmp_path / "tiny.keras")
    save_dataset(coloured_images(), tmp_path / "coloured.npz")
    space = transfer_space(tmp_path / "tiny.keras")
    payload = transfer_payload(tmp_path / "coloured.npz", space, {"epochs": 1, "metrics": ["accuracy"]})
    insight = kept(payload, tmp_path)
    assert (insight.method, insight.troubles) == (GRAD_CAM, ())
    assert insight.shown[SAMPLE].attention.shape[1:] == (8, 8)


def test_where_attention_cannot_be_found_all_else_is_kept(
    striped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*anything: object) -> None:
        raise MemoryError("no room for maps")

    monkeypatch.setattr(winner_insight, "attention", fail)
    insight = kept(image_payload(striped, {"epochs": 1, "metrics": ["accuracy"]}), tmp_path)
    assert insight.troubles == ("where it looked could not be found: MemoryError: no room for maps",)
    assert insight.confusion.sum() == 36
    assert not insight.shown[SAMPLE].has_attention
    assert {path.stem for path in draw_winner(tmp_path, insight)} == {"confusion", "predictions", "mistakes"}


@pytest.mark.slow
def test_maps_that_are_too_small_are_replaced_by_covered_patches(striped: Path, tmp_path: Path) -> None:
    genes = {"kernel": 6, "padding": "valid", "reduction": "none"}
    insight = kept(image_payload(striped, {"epochs": 1, "metrics": ["accuracy"]}, **genes), tmp_path)
    assert (insight.method, insight.troubles) == (OCCLUSION, ())
    assert insight.shown[SAMPLE].attention.shape[1:] == (6, 6)
