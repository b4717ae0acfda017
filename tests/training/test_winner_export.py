"""The network that is saved is the one that was scored, and what is loaded again scores the same to the bit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from evo_nas.config import DataSettings, Task
from evo_nas.data import load_dataset, split_rows
from evo_nas.errors import UserError
from evo_nas.training import tasks
from evo_nas.training.metrics import measure
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.request import TrainingRequest
from evo_nas.training.weights import load_weights, read_weights
from evo_nas.training.winner import FORMAT, MODEL_FILE, PREPROCESSING_FILE, load_winner
from tests.training.training_cases import KERAS_SAVES, NUM_INPUTS, ignore_news, payload_of, trained

pytestmark = KERAS_SAVES


def export(payload: dict[str, Any], folder: Path, best_epochs: tuple[int, ...] = (3,)) -> dict[str, Any]:
    request = {**payload, "folder": str(folder), "best_epochs": list(best_epochs)}
    return json.loads(json.dumps(tasks.HANDLERS["export"](request, ignore_news), allow_nan=False))


def rescore(payload: dict[str, Any], folder: Path) -> dict[str, Any]:
    request = {"folder": str(folder), "data": payload["data"], "split": payload["split"]}
    return tasks.HANDLERS["score"](request, ignore_news)


@pytest.fixture
def data(request: pytest.FixtureRequest) -> tuple[Path, Task]:
    task = request.param
    return request.getfixturevalue(f"{task}_data"), task


@pytest.mark.parametrize("data", ["binary", "multiclass", "regression"], indirect=True)
@pytest.mark.parametrize(("preprocessing", "trainer"), [("quantile", "plain"), ("none", "population")])
def test_loaded_again_it_scores_the_same(
    data: tuple[Path, Task], preprocessing: str, trainer: str, tmp_path: Path
) -> None:
    path, task = data
    genes = {"dropout": 0.2, "batch_normalization": True, "l2": 1e-4, "preprocessing": preprocessing}
    payload = payload_of(path, task, {"trainer": trainer}, **genes)
    result = export(payload, tmp_path)
    assert rescore(payload, tmp_path) == {"test": result["test"]}
    assert list(result["test"]) == payload["recipe"]["metrics"]
    assert result["fitted_on"] == "the weights that were scored"
    assert result["parameters"] == trained(payload).parameters
    assert result["model_sha256"] == hashlib.sha256((tmp_path / MODEL_FILE).read_bytes()).hexdigest()


def test_with_a_hold_out_the_scored_weights_are_saved(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary", {"epochs": 30, "early_stopping": {"patience": 2}}, learning_rate=0.2)
    payload["weights"] = str(tmp_path / "weights.safetensors")
    outcome = trained(payload)
    assert outcome.best_epochs < outcome.epochs
    export(payload, tmp_path)
    winner = load_winner(tmp_path)
    kept = load_weights(Path(payload["weights"]), {name: w.shape for name, w in read_weights(winner.model).items()})
    assert {name: w.tobytes() for name, w in read_weights(winner.model).items()} == {
        name: w.tobytes() for name, w in kept.items()
    }


@pytest.mark.parametrize("damage", ["missing", "cut", "none kept", "of another network"])
def test_lost_weights_are_trained_again_to_the_same_bits(binary_data: Path, tmp_path: Path, damage: str) -> None:
    weights = tmp_path / "weights.safetensors"
    payload = {**payload_of(binary_data, "binary", dropout=0.3), "weights": str(weights)}
    trained(payload)
    whole, again = tmp_path / "whole", tmp_path / "again"
    whole.mkdir()
    again.mkdir()
    result = export(payload, whole)
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:100])
    elif damage == "none kept":
        payload["weights"] = None
    else:
        trained({**payload_of(binary_data, "binary", width=9), "weights": str(weights)})
    assert export(payload, again)["test"] == result["test"]
    expected, found = (read_weights(load_winner(folder).model) for folder in (whole, again))
    assert {name: w.tobytes() for name, w in found.items()} == {name: w.tobytes() for name, w in expected.items()}


def test_what_a_cohort_scored_is_what_is_saved(binary_data: Path, tmp_path: Path) -> None:
    """Law 9: the outcome of the cohort, and the model that is trained again alone, on the same validation rows."""
    recipe = {"trainer": "population", "epochs": 9, "early_stopping": {"patience": 2}}
    payload = payload_of(binary_data, "binary", recipe, dropout=0.3)
    mates = [
        {"genome": payload["genome"], "fingerprint": name, "replicate": 0} for name in (payload["fingerprint"], "x")
    ]
    cohort = {**payload, "members": mates, "memory_mb": 64}
    outcome = tasks.HANDLERS["train_cohort"](cohort, ignore_news)["outcomes"][0]
    export(payload, tmp_path)
    training = OpenTraining.of(TrainingRequest.from_payload(payload))
    validation = training.examples(training.folds[0]).validation
    said = load_winner(tmp_path).predict_inputs(validation.inputs)
    metrics = payload["recipe"]["metrics"]
    found = measure(metrics, validation.truth, said, "binary")
    assert found == pytest.approx({name: outcome["metrics"][name] for name in metrics}, rel=1e-6)


def test_with_folds_it_is_fitted_on_all_search_rows(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary", {"epochs": 9, "validation": {"folds": 3}, "early_stopping": {}})
    news: list[dict[str, Any]] = []
    request = {**payload, "folder": str(tmp_path), "best_epochs": [2, 9, 4]}
    result = tasks.HANDLERS["export"](request, news.append)
    assert result["fitted_on"] == "all search rows, 4 epochs (median of the folds' best)"
    assert [item["epoch"] for item in news] == [1, 2, 3, 4]
    assert rescore(payload, tmp_path)["test"] == result["test"]
    dataset = load_dataset(binary_data)
    search = split_rows(dataset, DataSettings.model_validate(payload["split"])).search
    fitted = load_winner(tmp_path).preprocessing
    assert fitted.centers == pytest.approx(dataset.numeric[search].mean(axis=0))


def test_without_test_rows_there_is_no_test_score(binary_data: Path, tmp_path: Path) -> None:
    payload = payload_of(binary_data, "binary")
    payload["split"]["test_fraction"] = 0.0
    assert export(payload, tmp_path)["test"] == {}
    assert rescore(payload, tmp_path) == {"test": {}}


def test_a_network_that_diverges_is_not_saved(regression_data: Path, tmp_path: Path) -> None:
    payload = payload_of(regression_data, "regression", {"epochs": 30}, learning_rate=1e6)
    with pytest.raises(UserError, match="the network diverged when it was trained for the export: the train loss is"):
        export(payload, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(binary_data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: the winner cannot be written here"):
        export(payload_of(binary_data, "binary"), tmp_path / "nowhere")


@pytest.mark.parametrize("data", ["binary", "multiclass"], indirect=True)
def test_predictions_of_classes(data: tuple[Path, Task], tmp_path: Path) -> None:
    path, task = data
    payload = payload_of(path, task, {"epochs": 30, "metrics": ["accuracy"]})
    result = export(payload, tmp_path)
    dataset = load_dataset(path)
    test = split_rows(dataset, DataSettings.model_validate(payload["split"])).test
    frame = pd.DataFrame(dataset.numeric[test], columns=list(dataset.numeric_names), index=test)
    predictions = load_winner(tmp_path).predict(frame[frame.columns[::-1]])
    assert list(predictions.columns) == ["prediction", *(f"probability_{name}" for name in dataset.classes)]
    assert list(predictions.index) == list(test)
    probabilities = predictions.drop(columns="prediction").to_numpy()
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert [dataset.classes[i] for i in probabilities.argmax(axis=1)] == list(predictions["prediction"])
    truth = np.array(dataset.classes)[dataset.target[test]]
    assert (predictions["prediction"] == truth).mean() == pytest.approx(result["test"]["accuracy"])


def test_predictions_of_a_regression_are_in_its_own_units(regression_data: Path, tmp_path: Path) -> None:
    export(payload_of(regression_data, "regression", {"epochs": 60}), tmp_path)
    frame = pd.DataFrame(np.zeros((2, NUM_INPUTS)), columns=[f"x{i}" for i in range(NUM_INPUTS)])
    frame.loc[1, "x0"] = 1.0
    low, high = load_winner(tmp_path).predict(frame)["prediction"]
    assert low == pytest.approx(1000, abs=25)
    assert high == pytest.approx(1050, abs=25)


@pytest.fixture
def winner_folder(binary_data: Path, tmp_path: Path) -> Path:
    export(payload_of(binary_data, "binary", {"epochs": 1}), tmp_path)
    return tmp_path


def test_a_missing_column(winner_folder: Path) -> None:
    with pytest.raises(UserError, match="the column 'x3' is missing"):
        load_winner(winner_folder).predict(pd.DataFrame({"x0": [1.0], "x1": [1.0], "x2": [1.0]}))


@pytest.mark.parametrize("name", [MODEL_FILE, PREPROCESSING_FILE])
def test_a_missing_file(winner_folder: Path, name: str) -> None:
    (winner_folder / name).unlink()
    with pytest.raises(UserError, match=rf"{name}: no winner can be read here .*`evo-nas resume`"):
        load_winner(winner_folder)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', "\x00", '{"format": "one"}'])
def test_a_foreign_description(winner_folder: Path, content: str) -> None:
    (winner_folder / PREPROCESSING_FILE).write_text(content)
    with pytest.raises(UserError, match=r"preprocessing\.json: not a winner's preprocessing, or a damaged one"):
        load_winner(winner_folder)


def test_a_newer_version(winner_folder: Path) -> None:
    description = json.loads((winner_folder / PREPROCESSING_FILE).read_text())
    (winner_folder / PREPROCESSING_FILE).write_text(json.dumps({**description, "format": FORMAT + 1}))
    with pytest.raises(UserError, match="written by a newer version of evo-nas"):
        load_winner(winner_folder)


def test_files_of_two_networks(winner_folder: Path, binary_data: Path) -> None:
    description = (winner_folder / PREPROCESSING_FILE).read_bytes()
    export(payload_of(binary_data, "binary", width=9), winner_folder)
    (winner_folder / PREPROCESSING_FILE).write_bytes(description)
    with pytest.raises(UserError, match=r"model\.keras is damaged, or not the network of preprocessing\.json"):
        load_winner(winner_folder)


def test_a_network_that_keras_cannot_read(winner_folder: Path) -> None:
    """Its hash is right, so that Keras is asked."""
    description = json.loads((winner_folder / PREPROCESSING_FILE).read_text())
    (winner_folder / MODEL_FILE).write_bytes(b"no archive")
    description["model_sha256"] = hashlib.sha256(b"no archive").hexdigest()
    (winner_folder / PREPROCESSING_FILE).write_text(json.dumps(description))
    with pytest.raises(UserError, match=r"model\.keras: Keras cannot read this network"):
        load_winner(winner_folder)


def test_a_network_with_code_in_it_is_refused(winner_folder: Path, tmp_path: Path) -> None:
    inputs = keras.Input((NUM_INPUTS,))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x)(inputs)).save(winner_folder / MODEL_FILE)
    description = json.loads((winner_folder / PREPROCESSING_FILE).read_text())
    description["model_sha256"] = hashlib.sha256((winner_folder / MODEL_FILE).read_bytes()).hexdigest()
    (winner_folder / PREPROCESSING_FILE).write_text(json.dumps(description))
    with pytest.raises(UserError, match="Keras cannot read this network"):
        load_winner(winner_folder)


def test_a_winner_of_other_data(winner_folder: Path, multiclass_data: Path) -> None:
    payload = payload_of(multiclass_data, "multiclass")
    with pytest.raises(UserError, match="this winner was trained on other columns or classes"):
        rescore(payload, winner_folder)
