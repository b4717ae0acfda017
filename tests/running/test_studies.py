"""A run folder as a study of Optuna's, from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("optuna")

from evo_nas.display import Silent
from evo_nas.foreign import read_trials
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from tests.command_line.commands import evo_nas
from tests.faults import killable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of evolution with rungs, by the fake trainer."""
    folder = tmp_path_factory.mktemp("studies") / "my run"
    settings = killable.settings({"generations": "3", "epochs": "4", "fidelity": "halving"})
    plan = make_plan(settings, base=folder.parent, dataset=killable.data())
    choices = Choices(workers=1, pictures=False, handlers="tests.faults.fake_training")
    launch.start(plan, folder, choices, Silent())
    return folder


def test_a_result_is_a_study(folder: Path) -> None:
    result = Result(folder)
    study = result.study()
    assert study.study_name == "my run"
    assert study.user_attrs["strategy"] == "evolution"
    assert [trial.user_attrs["individual"] for trial in study.trials] == sorted(result.by_id)
    for trial in study.trials:
        each = result.by_id[trial.user_attrs["individual"]]
        assert trial.user_attrs["fingerprint"] == each.individual.fingerprint
        done = "COMPLETE" if each.individual.epochs is None else "PRUNED"
        assert trial.state.name == (done if each.outcome.ok else "FAIL")
    whole = [each.outcome for each in result.evaluated if each.outcome.ok and each.individual.epochs is None]
    assert study.best_value == max(outcome.metrics["accuracy"] for outcome in whole)
    assert {trial.state.name for trial in study.trials} == {"COMPLETE", "PRUNED", "FAIL"}


@pytest.mark.parametrize("name", ["study.db", "study.log"])
def test_export_study_writes_a_file_that_holds_every_trial(folder: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    said = evo_nas("export-study", folder, file)
    assert said.exit_code == 0, said.errors
    url = file if name.endswith(".log") else f"sqlite:///{file}"
    trials = Result(folder).study().trials
    assert said.output == f"{len(trials)} trials written to {file}; look at them with: optuna-dashboard {url}\n"
    assert [dict(trial.values) for trial in read_trials("optuna", file)] == [trial.params for trial in trials]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.bad_input
def test_what_cannot_be_exported_gets_one_sentence(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("mine")
    for arguments, sentence in (
        ((folder, there), "exists already; give another file"),
        ((folder, tmp_path / "no" / "s.db"), "no such folder; make it first"),
        ((tmp_path, tmp_path / "s.db"), "is not a run folder"),
    ):
        said = evo_nas("export-study", *arguments)
        assert (said.exit_code, said.errors.count("\n")) == (2, 1)
        assert sentence in said.errors
    assert there.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["there.db"]
