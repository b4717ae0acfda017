"""Files of other tools, as they write them, and files that only look like it.

`files/` holds a project of KerasTuner 1.4.8 and a journal of Optuna 5.0, written by these, and a scan in Talos's form.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.foreign import read_trials

FILES = Path(__file__).with_name("files")


def test_a_project_of_kerastuner() -> None:
    trials = read_trials("kerastuner", FILES / "kerastuner")
    assert [(trial.name, trial.unfinished) for trial in trials] == [
        ("trial 0", ""),
        ("trial 1", ""),
        ("trial 2", "failed"),
        ("trial 3", "running"),
    ]
    assert trials[0].values["units_0"] == 512
    assert trials[0].values["optimizer"] == "sgd"


def test_what_a_hyperband_tuner_notes_for_itself_is_no_value(tmp_path: Path) -> None:
    (tmp_path / "trial_7").mkdir()
    values = {"units": 8, "tuner/epochs": 3, "tuner/bracket": 1}
    data = {"trial_id": "7", "hyperparameters": {"values": values}, "status": "COMPLETED"}
    (tmp_path / "trial_7" / "trial.json").write_text(json.dumps(data))
    (trial,) = read_trials("kerastuner", tmp_path)
    assert trial.values == {"units": 8}


def test_a_journal_of_optuna() -> None:
    trials = read_trials("optuna", FILES / "optuna_study.log")
    assert [trial.unfinished for trial in trials] == ["", "", "pruned", "failed", ""]
    assert trials[0].values == {
        "n_layers": 2,
        "n_units_l0": 46,
        "n_units_l1": 31,
        "lr": 0.0015119336467641006,
        "optimizer": "SGD",
    }


def test_a_journal_whose_last_line_is_torn(tmp_path: Path) -> None:
    text = (FILES / "optuna_study.log").read_text()
    torn = tmp_path / "torn.log"
    torn.write_text(text[:-30])
    assert [trial.unfinished for trial in read_trials("optuna", torn)][-1] == "running"
    torn.write_text(text.replace('"op_code":6', '"op_code":6,,', 1))
    with pytest.raises(UserError, match="line 8: is cut short or no JSON"):
        read_trials("optuna", torn)


@pytest.mark.parametrize("kind", ["database", "journal"])
def test_a_study_that_optuna_writes_now(tmp_path: Path, kind: str) -> None:
    optuna = pytest.importorskip("optuna")
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    file = tmp_path / "study"
    storage = f"sqlite:///{file}" if kind == "database" else JournalStorage(JournalFileBackend(str(file)))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    told = []
    for name in ("first", "second"):
        study = optuna.create_study(storage=storage, study_name=name, sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(3):
            trial = study.ask()
            trial.suggest_int("units", 4, 64, log=True)
            trial.suggest_float("lr", 1e-5, 1e-1, log=True)
            trial.suggest_categorical("optimizer", ["adam", None, 3, True])
            study.tell(trial, 0.5)
            told.append(trial.params)
    if kind == "database":
        study._storage.remove_session()
        study._storage._backend.engine.dispose()
    with pytest.raises(UserError, match="holds several studies, 'first', 'second'; choose one with --study"):
        read_trials("optuna", file)
    with pytest.raises(UserError, match="holds no study 'third'"):
        read_trials("optuna", file, study="third")
    assert [dict(trial.values) for trial in read_trials("optuna", file, study="second")] == told[3:]


@pytest.mark.slow
def test_a_project_that_kerastuner_writes_now(tmp_path: Path) -> None:
    """In a process of its own, since it imports TensorFlow as it likes."""
    pytest.importorskip("keras_tuner")
    import subprocess
    import sys

    script = f"""
import keras_tuner
hp = keras_tuner.HyperParameters()
hp.Int("units", 32, 64)
hp.Choice("activation", ["relu", "tanh"])
objective = keras_tuner.Objective("val_accuracy", "max")
oracle = keras_tuner.oracles.RandomSearchOracle(objective=objective, max_trials=2, hyperparameters=hp, seed=1)
oracle._set_project_dir({str(tmp_path)!r}, "project")
trial = oracle.create_trial("tuner0")
oracle.update_trial(trial.trial_id, {{"val_accuracy": 0.9}})
trial = oracle.get_trial(trial.trial_id)
trial.status = "COMPLETED"
oracle.end_trial(trial)
oracle.create_trial("tuner0")
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=200)
    done, open_trial = read_trials("kerastuner", tmp_path / "project")
    assert (done.unfinished, open_trial.unfinished) == ("", "running")
    assert 32 <= done.values["units"] <= 64
    assert done.values["activation"] in ("relu", "tanh")


def test_a_scan_of_talos() -> None:
    first, second, third = read_trials("talos", FILES / "talos.csv")
    assert first.values == {
        "activation": "relu",
        "batch_size": 32,
        "dropout": 0.05,
        "epochs": 10,
        "first_neuron": 16,
        "hidden_layers": 1,
        "losses": "binary_crossentropy",
        "lr": 0.01,
        "optimizer": "Nadam",
        "shapes": "brick",
    }
    assert second.values["hidden_layers"] == 3
    assert third.unfinished == ""


def database(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


TABLES = (
    "CREATE TABLE studies (study_id, study_name)",
    "CREATE TABLE trials (trial_id, number, study_id, state)",
    "CREATE TABLE trial_params (param_id, trial_id, param_name, param_value, distribution_json)",
)


ONE_TRIAL = (
    *TABLES,
    "INSERT INTO studies VALUES (1, 's')",
    "INSERT INTO trials VALUES (1, 0, 1, 'COMPLETE')",
)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE other (x)",),
        (*ONE_TRIAL, "INSERT INTO trial_params VALUES (1, 1, 'x', 'text', '{}')"),
        (*ONE_TRIAL, "INSERT INTO trial_params VALUES (1, 1, 'x', NULL, '{\"name\": \"FloatDistribution\"}')"),
        (*ONE_TRIAL, "INSERT INTO trial_params VALUES (1, 1, 'x', 7, '{\"name\": \"CategoricalDistribution\"}')"),
    ],
)
def test_a_database_that_is_no_study(tmp_path: Path, statements: tuple[str, ...]) -> None:
    file = database(tmp_path / "other.db", *statements)
    with pytest.raises(UserError, match="is no study of Optuna's, or a damaged one"):
        read_trials("optuna", file)


@pytest.mark.bad_input
def test_reading_a_database_never_writes_to_it(tmp_path: Path) -> None:
    file = database(tmp_path / "study.db", *TABLES, "INSERT INTO studies VALUES (1, 's')")
    before = file.read_bytes()
    assert read_trials("optuna", file) == []
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["study.db"]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("tool", "name", "content", "sentence"),
    [
        ("optuna", "x.log", b"", "it holds none"),
        ("optuna", "x.log", b"\x80\x04\x95pickle", "cannot be read as a text"),
        ("optuna", "x.log", b"[1]\n", "expected a JSON object"),
        (
            "optuna",
            "x.log",
            b'{"op_code": 4, "study_id": 0, "state": 77}\n',
            "is no study of Optuna's, or a damaged one",
        ),
        ("optuna", "x.db", b"SQLite format 3\x00" + b"rubbish" * 100, "is no study of Optuna's, or a damaged one"),
        ("talos", "x.csv", b"", "got no rows"),
        ("talos", "x.csv", b"a,b\n", "got no rows"),
        ("talos", "x.csv", b'a,b\n"1', "cannot be read as CSV"),
        ("talos", "x.csv", b"a\n" + b"x" * 200_000, "cannot be read as CSV"),
        ("kerastuner", "trial.json", b"{}", "expected a project folder of KerasTuner's"),
        ("keras", "x", b"", "expected one of kerastuner, talos, optuna"),
    ],
)
def test_hostile_files_get_one_sentence(tmp_path: Path, tool: str, name: str, content: bytes, sentence: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UserError, match=sentence) as caught:
        read_trials(tool, file)
    assert "\n" not in str(caught.value)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"hyperparameters": 3}', '{"hyperparameters": {"values": [1]}}', "[" * 100_000]
)
def test_a_trial_of_kerastuner_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "trial_0").mkdir()
    (tmp_path / "trial_0" / "trial.json").write_text(text)
    with pytest.raises(UserError, match=r"trial_0/trial.json: "):
        read_trials("kerastuner", tmp_path)


@pytest.mark.bad_input
def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder; give what talos wrote"):
        read_trials("talos", tmp_path / "missing.csv")
    with pytest.raises(UserError, match="--study: only a file of Optuna's"):
        read_trials("talos", FILES / "talos.csv", study="s")
