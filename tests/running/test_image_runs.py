"""Whole runs on images with real training: from folders of files, and from arrays in Python."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

import evo_nas
from evo_nas.errors import UserError
from tests.command_line.commands import evo_nas as command

pytestmark = [pytest.mark.usefixtures("prepared_tensorflow"), pytest.mark.slow, pytest.mark.timeout(600)]

SPACE = {"encoding": "cnn", "layers": 1, "filters": [2, 4], "head_width": 8, "batch_size": 16, "learning_rate": 0.03}
SETTINGS = """
[data]
images = "pictures"
test_fraction = 0.25
[space]
encoding = "cnn"
layers = 1
filters = [2, 4]
head_width = 8
batch_size = 16
learning_rate = 0.03
[recipe]
epochs = 12
metrics = ["accuracy"]
[search]
strategy = "evolution"
population = 2
generations = 1
confirmation_replicates = 0
"""


def picture(label: str, generator: np.random.Generator) -> np.ndarray:
    """6 x 6 grey pixels, bright on the left or on the right."""
    pixels = generator.integers(0, 100, (6, 6))
    pixels[:, :3] += 120 * (label == "left")
    pixels[:, 3:] += 120 * (label == "right")
    return pixels.astype(np.uint8)


def test_from_folders_of_files_to_predictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    for label in ("left", "right"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        for number in range(30):
            Image.fromarray(picture(label, generator)).save(tmp_path / "pictures" / label / f"{number}.png")
    (tmp_path / "sides.toml").write_text(SETTINGS)
    ran = command("run", "sides.toml", "--run-dir", "run", "--workers", "1", "--store", "none")
    assert ran.exit_code == 0, ran.output
    assert tomllib.loads((tmp_path / "run" / "config.toml").read_text())["run"]["input_shape"] == [6, 6, 1]
    scores = evo_nas.load_run("run").scores
    assert scores["test"]["accuracy"] == 1.0
    said = command("predict", "run", "pictures/left")
    table = pandas.read_csv(io.StringIO(said.output))
    assert list(table) == ["file", "prediction", "probability_left", "probability_right"]
    assert set(table["prediction"]) == {"left"}
    assert len(table) == 30
    assert command("predict", "run", "pictures/right/3.png").output.splitlines()[1].split(",")[1] == "right"
    assert command("verify", "run").exit_code == 0


def test_arrays_in_python(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    labels = np.array(["left", "right"] * 30)
    images = np.stack([picture(label, generator) for label in labels])
    result = evo_nas.search(
        SPACE,
        (images[..., None], labels),
        recipe={"epochs": 12, "validation": {"folds": 2}},
        settings={"data": {"test_fraction": 0.2}, "search": {"confirmation_replicates": 0}},
        strategy="evolution",
        population=2,
        generations=1,
        run_dir=tmp_path / "run",
        store="none",
        workers=1,
        display=False,
    )
    assert (result.predict(images)["prediction"] == labels).all()
    assert result.refit().predict(images[:1])["prediction"][0] == "left"
    with pytest.raises(UserError, match=r'"population" can train no network of this space: .*\'mlp\', got \'cnn\''):
        evo_nas.search(SPACE, (images[..., None], labels), recipe={"trainer": "population"}, display=False)
