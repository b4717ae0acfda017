"""After a search: the network on every row, and the winner trained further from its own weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.data import load_dataset
from evo_nas.errors import UserError
from evo_nas.training import tasks
from evo_nas.training.weights import read_weights
from evo_nas.training.winner import load_winner
from tests.training.training_cases import KERAS_SAVES, ignore_news, payload_of

pytestmark = KERAS_SAVES


def asked(kind: str, payload: dict[str, Any], folder: Path, **further: Any) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    return tasks.HANDLERS[kind]({**payload, "folder": str(folder), **further}, ignore_news)


def weights_in(folder: Path) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in read_weights(load_winner(folder).model).items()}


@pytest.mark.parametrize("trainer", ["plain", "population"])
def test_every_row_is_trained_on(binary_data: Path, tmp_path: Path, trainer: str) -> None:
    """So is what is kept back: the preprocessing is fitted on all of it, and the last epoch is the last one asked."""
    stopping = {"early_stopping": {"patience": 1, "threshold": 9.0}}
    payload = payload_of(binary_data, "binary", {"trainer": trainer, **stopping}, dropout=0.2)
    payload["split"]["confirmation_fraction"] = 0.2
    news: list[dict[str, Any]] = []
    (tmp_path / "refit").mkdir()
    result = tasks.HANDLERS["refit"]({**payload, "folder": str(tmp_path / "refit"), "epochs": 7}, news.append)
    dataset = load_dataset(binary_data)
    assert result["rows"] == dataset.num_rows
    assert load_winner(tmp_path / "refit").preprocessing.centers == pytest.approx(dataset.numeric.mean(axis=0))
    assert news[-1]["epoch"] == 7
    asked("export", {**payload, "weights": None}, tmp_path / "winner", best_epochs=[3])
    asked("refit", payload, tmp_path / "again", epochs=7)
    assert weights_in(tmp_path / "again") == weights_in(tmp_path / "refit") != weights_in(tmp_path / "winner")


@pytest.mark.parametrize("recipe", [{}, {"validation": {"folds": 3}}])
def test_further_training_begins_with_the_winner(binary_data: Path, tmp_path: Path, recipe: dict[str, Any]) -> None:
    """A step too small to be seen in 32 bits leaves the winner as it is."""
    payload = payload_of(binary_data, "binary", {"trainer": "population", "epochs": 6, **recipe})
    exported = asked("export", payload, tmp_path / "winner", best_epochs=[6])
    still = {**payload, "genome": payload_of(binary_data, "binary", optimizer="sgd", learning_rate=1e-12)["genome"]}
    further = {"winner": str(tmp_path / "winner"), "epochs": 2}
    result = asked("train_further", still, tmp_path / "still", **further)
    assert weights_in(tmp_path / "still") == weights_in(tmp_path / "winner")
    tested = {"before": exported["test"], "after": exported["test"], "interval": exported["test_interval"]}
    assert result["test"] == tested
    assert result["rows"] == 96 if recipe else 72
    assert bool(result["validation"]["before"]) is not bool(recipe)
    assert all(len(values) == 2 for values in result["curves"].values())


def test_further_training_learns_on(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary", {"epochs": 2})
    exported = asked("export", payload, tmp_path / "winner", best_epochs=[2])
    further = {"winner": str(tmp_path / "winner"), "epochs": 30}
    result = asked("train_further", payload, tmp_path / "further", **further)
    assert result["test"]["before"] == exported["test"]
    score = {"folder": str(tmp_path / "further"), "data": payload["data"], "split": payload["split"]}
    assert tasks.HANDLERS["score"](score, ignore_news)["test"] == result["test"]["after"]
    before, after = (result["validation"][name]["loss"] for name in ("before", "after"))
    assert after < before
    assert after == result["curves"]["validation_loss"][-1]
    assert np.all(np.diff(result["curves"]["train_loss"][:3]) < 0)


def test_a_winner_of_another_genome_is_not_trained_on(binary_data: Path, tmp_path: Path) -> None:
    asked("export", payload_of(binary_data, "binary"), tmp_path / "winner", best_epochs=[3])
    other = payload_of(binary_data, "binary", layers=3)
    with pytest.raises(UserError, match="this is the network of another genome than that of the run's best"):
        asked("train_further", other, tmp_path / "further", winner=str(tmp_path / "winner"), epochs=1)


@pytest.mark.parametrize("kind", ["refit", "train_further"])
def test_one_that_diverges_is_not_saved(regression_data: Path, tmp_path: Path, kind: str) -> None:
    payload = payload_of(regression_data, "regression", {"epochs": 1})
    asked("export", payload, tmp_path / "winner", best_epochs=[1])
    wild = {**payload, "genome": payload_of(regression_data, "regression", learning_rate=1e6)["genome"]}
    with pytest.raises(UserError, match="the network diverged when it was trained"):
        asked(kind, wild, tmp_path / "out", winner=str(tmp_path / "winner"), epochs=30)
    assert list((tmp_path / "out").iterdir()) == []
