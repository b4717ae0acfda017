"""The numbers of a winner with their intervals: in its file, on the screen, and in folders that have none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import evo_nas
from evo_nas.history import RunFolder
from evo_nas.running.scores import interval_of, interval_over_trainings, metrics_text, read_scores, write_scores
from evo_nas.running.verification import verify
from evo_nas.summary import score_lines, status_lines

SPACE = {"encoding": "mlp", "layers": {"low": 1, "high": 2}, "width": {"low": 4, "high": 16}, "batch_size": 32}
INTERVAL = {
    "level": 0.95,
    "of": {"roc_auc": [0.7, 0.9]},
    "missing": {"accuracy": "3 test rows are too few, 5 are needed"},
    "how": "1,000 bootstrap resamples of 200 test rows, by class",
}
SCORES: dict[str, Any] = {
    "confirmation": {"on": "new seeds", "mean": {"roc_auc": 0.8}, "interval": {"of": {"roc_auc": [0.75, 0.85]}}},
    "test": {"loss": 0.3, "roc_auc": 0.81, "accuracy": 0.9},
    "test_interval": INTERVAL,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("intervals") / "run"
    evo_nas.search(
        SPACE, "breast_cancer", population=3, generations=1, run_dir=path, display=False, store="none", workers=1,
        recipe={"epochs": 4, "metrics": ["roc_auc", "accuracy", "log_loss"]},
    )  # fmt: skip
    return path


def test_a_winners_scores_have_intervals_around_them(run: Path) -> None:
    scores = evo_nas.load_run(run).scores
    bounds, values = scores["test_interval"]["of"], scores["test"]
    assert {**bounds, **scores["test_interval"]["missing"]}.keys() == values.keys()
    assert all(low < values[name] < high for name, (low, high) in bounds.items())
    assert scores["test_interval"]["how"] == "1,000 bootstrap resamples of 114 test rows, by class"
    confirmed = scores["confirmation"]
    assert all(low <= confirmed["mean"][name] <= high for name, (low, high) in confirmed["interval"]["of"].items())
    assert confirmed["interval"]["of"]["roc_auc"][1] <= 1.0
    assert confirmed["interval"]["how"] == "Student's t over 3 trainings"


def test_status_shows_them(run: Path) -> None:
    low, high = evo_nas.load_run(run).scores["test_interval"]["of"]["log_loss"]
    (line,) = (line for line in status_lines(run) if "test score" in line)
    assert f"[{low:.4f}, {high:.4f}]" in line


def test_a_folder_of_an_older_version_has_none_and_is_whole(run: Path) -> None:
    folder = RunFolder(run)
    scores = read_scores(folder)
    assert scores is not None
    older = {name: value for name, value in scores.items() if name not in ("test_interval", "sha256")}
    older["confirmation"] = {name: value for name, value in scores["confirmation"].items() if name != "interval"}
    write_scores(folder, older)
    assert all(finding.ok for finding in verify(run))
    shown = "\n".join(status_lines(run))
    assert "test score" in shown
    assert "[low, high]" not in shown
    write_scores(folder, scores)


def test_what_is_shown_of_them() -> None:
    lines = score_lines(SCORES, {"roc_auc": 0.85})
    assert lines == [
        "  search score (it steered): roc_auc 0.8500",
        "  confirmation score, new seeds: roc_auc 0.8000 [0.7500, 0.8500]",
        "  test score (rows that no choice saw): roc_auc 0.8100 [0.7000, 0.9000], accuracy 0.9000",
        "    [low, high]: a 95 % interval, 1,000 bootstrap resamples of 200 test rows, by class; "
        "no interval for accuracy: 3 test rows are too few, 5 are needed",
    ]


def test_while_a_run_goes_on_nobody_sees_where_its_test_score_lies() -> None:
    assert not any("0.7000" in line for line in score_lines({**SCORES, "test": {}}, {"roc_auc": 0.85}))


def test_one_training_has_no_spread_and_shares_stay_below_one() -> None:
    assert interval_over_trainings([{"accuracy": 0.9}])["missing"] == {"accuracy": "one training has no spread"}
    told = json.loads(
        json.dumps(interval_over_trainings([{"accuracy": 0.9, "r2": -3.0}, {"accuracy": 1.0, "r2": 0.9}]))
    )
    assert told["of"]["accuracy"] == [pytest.approx(0.95 - 12.7062 * 0.05, abs=1e-4), 1.0]
    assert told["of"]["r2"][1] == 1.0
    assert interval_of(told, "rmse") is None
    assert interval_of(None, "rmse") is None


def test_the_loss_is_shown_only_where_there_is_nothing_else() -> None:
    assert metrics_text({"loss": 0.25}) == "loss 0.2500"
