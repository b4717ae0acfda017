"""A search on a pretrained backbone: its table is made once, and a run that was cut in two is as one in one piece."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evo_nas
from evo_nas.config import Recipe, parse_record, parse_settings
from evo_nas.errors import UserError
from evo_nas.running import completing
from evo_nas.running.completing import with_absolute_paths
from evo_nas.running.preparation import make_plan
from evo_nas.training.kept_examples import FOLDER_VARIABLE
from tests.training.training_cases import KERAS_SAVES
from tests.training.transfer_cases import coloured_images, tiny_backbone

FACTS = {
    "backbone_digest": "ab" * 16,
    "input_shape": [8, 8, 3],
    "blocks": [{"name": f"block_{n}", "shape": [4, 4, 4], "parameters": 9, "flops": 9, "values": 64} for n in range(5)],
}


def settings(**space: Any) -> Any:
    return parse_settings(
        {"data": {"name": "coloured"}, "space": {"encoding": "transfer", "backbone": "MobileNetV2", **space}},
        where="test",
    )


def test_a_plan_asks_for_the_table_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answered(task: Any, evaluation: Any, *, handlers: str) -> Any:
        asked.append(task.payload)
        return {"keys": FACTS}

    monkeypatch.setattr(completing, "result_of", answered)
    plan = make_plan(settings(), base=Path.cwd(), dataset=coloured_images())
    assert asked == [{"space": {"encoding": "transfer", "backbone": "MobileNetV2"}, "input_shape": [8, 8, 3]}]
    assert plan.settings.space["blocks"] == FACTS["blocks"]
    assert plan.encoding.describe()["frozen_until"]["values"] == ["block_1", "block_2", "block_3", "end"]
    again = make_plan(plan.settings, base=Path.cwd(), dataset=coloured_images())
    assert again.encoding.describe() == plan.encoding.describe()
    assert len(asked) == 1


def test_a_block_that_the_backbone_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "result_of", lambda *arguments, **further: {"keys": FACTS})
    with pytest.raises(
        UserError, match=r"'block_77'.* is no block of the backbone; its last ones are block_0, block_1"
    ):
        make_plan(settings(frozen_until="block_77"), base=Path.cwd(), dataset=coloured_images())


@pytest.mark.parametrize(("trainer", "found"), [("auto", "plain"), ("plain", "plain")])
def test_augmented_images_are_trained_on_by_networks_alone(
    monkeypatch: pytest.MonkeyPatch, trainer: str, found: str
) -> None:
    monkeypatch.setattr(completing, "result_of", lambda *arguments, **further: {"keys": FACTS})
    asked = settings(frozen_until="end", layers=1)
    recipe = parse_record(Recipe, {"trainer": trainer, "augmentation": {"flip": 0.5}}, where="test")
    plan = make_plan(asked.model_copy(update={"recipe": recipe}), base=Path.cwd(), dataset=coloured_images())
    assert plan.recipe.trainer == found


def test_augmentation_does_not_go_with_the_population_trainer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "result_of", lambda *arguments, **further: {"keys": FACTS})
    recipe = parse_record(Recipe, {"trainer": "population", "augmentation": {"flip": 0.5}}, where="test")
    asked = settings(frozen_until="end", layers=1).model_copy(update={"recipe": recipe})
    with pytest.raises(UserError, match='trainer = "population": networks are trained together on tables, or on kept'):
        make_plan(asked, base=Path.cwd(), dataset=coloured_images())


def test_paths_are_those_of_the_settings_folder(tmp_path: Path) -> None:
    (tmp_path / "dogs.keras").touch()
    space = {"encoding": "transfer", "backbone": "dogs.keras", "weights": "imagenet"}
    assert with_absolute_paths(space, tmp_path) == {**space, "backbone": str(tmp_path / "dogs.keras")}
    other = {"encoding": "flat", "backbone": "dogs.keras"}
    assert with_absolute_paths(other, tmp_path) == other


@pytest.mark.slow
@pytest.mark.timeout(900)
@KERAS_SAVES
def test_cut_in_two_it_is_the_run_in_one_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared_tensorflow: None
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    tiny_backbone().save(tmp_path / "tiny.keras")
    space = {"encoding": "transfer", "backbone": str(tmp_path / "tiny.keras"), "layers": [0, 1], "width": [4, 8]}
    space |= {"learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"}, "pooling": ["average", "max"]}
    dataset = coloured_images()
    images = dataset.pixels, np.array(dataset.classes)[dataset.target]
    common: dict[str, Any] = {"population": 2, "recipe": {"epochs": 2}, "seed": 0, "store": "none", "display": False}
    common["settings"] = {"search": {"confirmation_replicates": 0}}
    whole = evo_nas.search(space, images, generations=2, workers=2, run_dir=tmp_path / "whole", **common)
    evo_nas.search(space, images, generations=1, workers=1, run_dir=tmp_path / "cut", **common)
    (tmp_path / "tiny.keras").unlink()
    cut = evo_nas.resume(tmp_path / "cut", generations=2, workers=1, store="none", display=False)
    found = [[(each.individual.fingerprint, each.outcome.curves) for each in run.evaluated] for run in (cut, whole)]
    assert found[0] == found[1]
    assert (cut.scores or {})["test"] == (whole.scores or {})["test"]
    kept = tomllib.loads((tmp_path / "cut" / "config.toml").read_text())["space"]
    assert [block["name"] for block in kept["blocks"]] == ["block_0_drop", "block_1_add", "block_2_add"]
    told = whole.predict(dataset.pixels)
    assert whole.model().input_shape == (None, 8, 8, 3)
    assert set(told["prediction"]) <= set(dataset.classes)
