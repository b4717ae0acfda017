"""Every experiment runs at a small scale, from its own command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EVO_NAS_DATA", ROOT.parent / "shared" / "data"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"EVO_NAS_STORE": "none", "EVO_NAS_DATA": str(DATA)}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["quickstart", "tips", "credit_default", "california"])
def test_an_experiment_leaves_a_winner(tmp_path: Path, name: str) -> None:
    if name not in ("quickstart", "tips") and not DATA.is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    folder = tmp_path / "run"
    done = run(tmp_path, f"experiments.{name}", "--run-dir", str(folder), "--seed", "3", "--smoke")
    assert done.returncode == 0, done.stderr
    assert "test score" in done.stdout
    assert (folder / "winner" / "scores.json").is_file()


def test_the_best_model_is_retrained_and_its_estimate_compared(tmp_path: Path) -> None:
    if not (DATA / "fashion_mnist").is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    folder = tmp_path / "run"
    done = run(tmp_path, "experiments.retrain", "--run-dir", str(folder), "--smoke")
    assert "distance of its estimate from its accuracy: " in done.stdout, done.stderr
    assert done.returncode in (0, 1)
    assert (folder / "refit" / "model.keras").is_file()


def test_the_comparison_with_scikit_learn_prints_its_bars(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    done = run(tmp_path, "experiments.against_sklearn", "california", "--splits", "0", "--smoke")
    assert "mean gain in test r2" in done.stdout, done.stderr
    assert done.returncode in (0, 1)


def test_the_strategies_are_compared(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    done = run(tmp_path, "experiments.compare_strategies", "--run-dir", str(tmp_path / "run"), "--smoke")
    assert done.returncode == 0, done.stderr
    assert "| surrogate | 0." in done.stdout
    assert "with 2 pairs no p can be below 0.5" in done.stdout
    assert (tmp_path / "run" / "comparison.png").is_file()


def test_the_overhead_of_the_engine_is_measured(tmp_path: Path) -> None:
    done = run(tmp_path, "experiments.engine_overhead", "--smoke")
    assert "microseconds an individual" in done.stdout, done.stderr


def test_help_answers(tmp_path: Path) -> None:
    assert "seconds of --help" in run(tmp_path, "experiments.help_speed").stdout


def test_bayesian_search_is_compared_and_prints_its_bars(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    folder = tmp_path / "runs"
    asked = ("--smoke", "--compare", "--sampler", "tpe", "--run-dir", str(folder))
    done = run(tmp_path, "experiments.bayesian", *asked)
    assert "minutes of 20 at a time" in done.stdout, done.stderr
    assert "minus that of one at a time" in done.stdout
    assert (folder / "curves" / "convergence.png").is_file()
    assert done.returncode in (0, 1)


def test_a_grid_ends_in_a_table_pictures_and_bars(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run(tmp_path, "experiments.grid_search", "--run-dir", str(folder), "--smoke")
    assert "the budget is for 6 of them, taken at random" in done.stderr, done.stderr
    assert "rank  id  status" in done.stdout, done.stderr
    assert "largest best rate to smallest" in done.stdout
    assert len((folder / "trials" / "trials.csv").read_text().splitlines()) == 1 + 6
    for picture in ("trials/scores.png", "trials/learning.svg", "importance/importance.csv"):
        assert (folder / picture).is_file()
    assert done.returncode in (0, 1)


def test_frozen_features_are_worth_their_cache(tmp_path: Path) -> None:
    if not (DATA / "pretrained").is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    done = run(tmp_path, "experiments.transfer", "--folder", str(tmp_path / "shoes"), "--smoke")
    assert "times as long without the cache: " in done.stdout, done.stderr
    assert done.returncode in (0, 1)
    assert (tmp_path / "shoes" / "search" / "winner" / "model.keras").is_file()
