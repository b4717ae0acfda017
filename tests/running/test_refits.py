"""What follows a run lies beside it, says what it is, and changes nothing of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import evo_nas
from evo_nas.errors import UserError
from evo_nas.history import RunFolder, hold
from evo_nas.running.refitting import refit, refit_scores
from evo_nas.running.scores import read_scores
from evo_nas.running.verification import verify
from evo_nas.summary import run_digest
from tests.command_line.commands import evo_nas as command
from tests.running.test_sittings import FAKE, start

SPACE = {"encoding": "mlp", "layers": 1, "width": {"low": 4, "high": 16}, "learning_rate": [0.03, 0.1]}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    start(tmp_path / "run")
    return tmp_path / "run"


def test_it_carries_the_scores_of_its_twin(run: Path) -> None:
    before = run_digest(run).hash
    folder = refit(run, handlers=FAKE)
    scores, winner = refit_scores(folder), read_scores(RunFolder(run))
    assert winner is not None
    assert folder == run / "refit"
    assert scores["twin"] == {
        name: winner[name] for name in ("fitted_on", "search", "confirmation", "test", "test_interval")
    }
    assert "no score of its own" in scores["note"]
    assert "test" not in scores
    assert (scores["individual"], scores["fingerprint"]) == (winner["individual"], winner["fingerprint"])
    assert json.loads((folder / "genome.json").read_text())["fingerprint"] == winner["fingerprint"]
    assert scores["fitted_on"].startswith("all 120 rows, ")
    assert run_digest(run).hash == before
    assert all(finding.ok for finding in verify(run, handlers=FAKE))
    assert refit(run, handlers=FAKE) == folder, "it may be done again"


def test_it_goes_where_it_is_told_and_nowhere_else(run: Path, tmp_path: Path) -> None:
    assert (refit(run, out=tmp_path / "new" / "folder", handlers=FAKE) / "model.keras").is_file()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.tex").write_text("x")
    with pytest.raises(UserError, match=r"taken holds something else \('thesis\.tex'\); give a new or an empty folder"):
        refit(run, out=tmp_path / "taken", handlers=FAKE)


def test_without_a_whole_winner_there_is_nothing_to_refit(run: Path) -> None:
    (run / "winner" / "model.keras").unlink()
    with pytest.raises(UserError, match=r"there is no winner, or a file of winner/ is damaged; `evo-nas resume"):
        refit(run, handlers=FAKE)


def test_a_run_that_goes_on_is_left_alone(run: Path) -> None:
    with hold(RunFolder(run)), pytest.raises(UserError, match="is in use by another process"):
        refit(run, handlers=FAKE)


def test_a_worker_that_fails_says_why(run: Path) -> None:
    with pytest.raises(UserError, match="KeyError"):
        refit(run, handlers="tests.faults.misbehaving")
    assert not (run / "refit" / "scores.json").exists()


def test_a_fitness_function_trains_nothing(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"population": 3, "generations": 1, "display": False, "run_dir": tmp_path / "run"}
    evo_nas.search(SPACE, evaluate=lambda one: (1.0,), objectives=["maximize score"], **arguments)
    with pytest.raises(UserError, match="a fitness function of its own has no network to train again"):
        refit(tmp_path / "run", handlers=FAKE)


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_tensorflow")
def test_from_python_and_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "run"
    result = evo_nas.search(
        SPACE,
        "iris",
        recipe={"epochs": 8},
        population=3,
        generations=1,
        run_dir=path,
        display=False,
        store="none",
        settings={"search": {"confirmation_replicates": 1}, "evaluation": {"workers": 1}},
    )
    before = run_digest(path).hash
    network = result.refit()
    best = sorted(result.best.outcome.best_epochs)
    assert refit_scores(path / "refit")["epochs"] == best[len(best) // 2]
    rows = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n5.1,3.5,1.4,0.2\n"
    (tmp_path / "rows.csv").write_text(rows)
    said = command("predict", path, tmp_path / "rows.csv", "--network", "refit")
    expected = network.predict_file(tmp_path / "rows.csv", ",")
    assert said.output == expected.to_csv(index=False)
    assert command("predict", path, tmp_path / "rows.csv", "--network", "loser").exit_code == 2
    said = command("train-further", path, "--epochs", "3")
    assert said.exit_code == 0, said.errors
    assert "3 epochs more on 90 rows, from the winner's weights; the optimizer began anew" in said.output
    assert refit_scores(path / "further")["test"]["before"] == result.scores["test"]
    with pytest.raises(UserError, match="epochs: expected 1 or more to train further, got 0"):
        result.train_further(0)
    assert run_digest(path).hash == before
