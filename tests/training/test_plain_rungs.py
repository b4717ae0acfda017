"""A network that trains by itself goes on from its rung to the bits of a training that was never handed back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.data import save_dataset
from evo_nas.outcome import Outcome
from evo_nas.training.weights import read_arrays, save_weights
from tests.training.image_cases import CHANGED, image_payload, striped_images
from tests.training.population.asking import timeless
from tests.training.training_cases import payload_of, trained

pytestmark = pytest.mark.law4

EPOCHS = 6
NOISY = {"dropout": 0.4, "input_dropout": 0.1, "batch_normalization": True}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "noise": ({}, {**NOISY, "optimizer": "adam", "decay": 0.5, "decay_steps": 3}),
    "a product beside the slots": ({}, {"optimizer": "nadam"}),
    "a loss scale": ({"precision": "mixed_float16"}, {"optimizer": "sgd", "momentum": 0.9}),
    "impatient folds": (
        {"early_stopping": {"patience": 1, "monitor": "accuracy"}, "validation": {"folds": 3}},
        {"learning_rate": 0.2, "dropout": 0.3},
    ),
    "lost on a fold": (
        {"validation": {"folds": 2}},
        {"learning_rate": 300.0, "optimizer": "sgd", "l2": 0.01, "activation": "tanh"},
    ),
}


def to_rung(payload: dict[str, Any], epochs: int, before: Path | None, after: Path | None) -> Outcome:
    paths = {"before": before and str(before), "after": after and str(after)}
    return trained({**payload, "rung": {"epochs": epochs, **paths}})


@pytest.mark.parametrize("case", CASES)
def test_rungs_change_nothing(binary_data: Path, tmp_path: Path, case: str) -> None:
    recipe, genes = CASES[case]
    compare_rungs(payload_of(binary_data, "binary", {"epochs": EPOCHS, **recipe}, **genes), tmp_path)


def test_rungs_of_networks_of_images_change_nothing(tmp_path: Path) -> None:
    """Whole channels dropped, batches normalised, images changed anew in every epoch."""
    save_dataset(striped_images(), tmp_path / "images.npz")
    genes = {"batch_normalization": True, "dropout": 0.3, "skip": True, "head_dropout": 0.2}
    compare_rungs(
        image_payload(tmp_path / "images.npz", {"epochs": EPOCHS, "augmentation": CHANGED}, **genes), tmp_path
    )


def compare_rungs(payload: dict[str, Any], tmp_path: Path) -> None:
    """Trained in one go and on three rungs: equal outcomes, and equal files with weights and curves."""
    whole = to_rung(payload, EPOCHS, None, tmp_path / "whole")
    assert timeless(whole) == timeless(trained(payload))
    first = to_rung(payload, 2, None, tmp_path / "two")
    assert set(first.epochs) == {2}, first.message
    to_rung(payload, 3, tmp_path / "two", tmp_path / "three")
    assert timeless(to_rung(payload, 99, tmp_path / "three", tmp_path / "six")) == timeless(whole)
    assert (tmp_path / "six").read_bytes() == (tmp_path / "whole").read_bytes()


@dataclass(frozen=True)
class Begun:
    """A training, its file after one epoch and after the first of another replicate, and what it comes to."""

    payload: dict[str, Any]
    file: Path
    foreign: Path
    whole: Outcome
    weights: bytes


@pytest.fixture(scope="module")
def begun(binary_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    payload, folder = payload_of(binary_data, "binary", {"epochs": 3}, dropout=0.4), tmp_path_factory.mktemp("begun")
    to_rung(payload, 1, None, folder / "file")
    to_rung({**payload, "replicate": 1}, 1, None, folder / "foreign")
    whole = trained({**payload, "weights": str(folder / "weights")})
    return Begun(payload, folder / "file", folder / "foreign", whole, (folder / "weights").read_bytes())


def test_what_is_handed_back_is_not_trained_again(begun: Begun, tmp_path: Path) -> None:
    """Nor are the weights that are shipped any others."""
    file, weights = tmp_path / "file", tmp_path / "weights"
    arrays = read_arrays(begun.file)
    save_weights({**arrays, "0 curves train_loss": arrays["0 curves train_loss"] + 0.5}, file)
    rung = {"epochs": 3, "before": str(file), "after": None}
    found = trained({**begun.payload, "rung": rung, "weights": str(weights)}).curves[0]["train_loss"]
    first, *others = begun.whole.curves[0]["train_loss"]
    assert list(found) == [first + 0.5, *others]
    assert weights.read_bytes() == begun.weights


@pytest.mark.parametrize("fault", ["missing", "cut", "another training", "no training", "a folder"])
def test_a_file_that_cannot_be_used_costs_time_alone(begun: Begun, tmp_path: Path, fault: str) -> None:
    file = tmp_path / "file"
    if fault == "cut":
        file.write_bytes(begun.file.read_bytes()[:-9])
    elif fault == "another training":
        file = begun.foreign
    elif fault == "no training":
        save_weights({"hidden_1/kernel": np.zeros((2, 2), dtype=np.float32)}, file)
    elif fault == "a folder":
        file.mkdir()
    assert timeless(to_rung(begun.payload, 3, file, None)) == timeless(begun.whole)
