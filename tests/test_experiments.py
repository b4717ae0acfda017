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


@pytest.mark.parametrize("name", ["quickstart", "credit_default", "california"])
def test_an_experiment_leaves_a_winner(tmp_path: Path, name: str) -> None:
    if name != "quickstart" and not DATA.is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    folder = tmp_path / "run"
    done = run(tmp_path, f"experiments.{name}", "--run-dir", str(folder), "--seed", "3", "--smoke")
    assert done.returncode == 0, done.stderr
    assert "test score" in done.stdout
    assert (folder / "winner" / "scores.json").is_file()


def test_the_comparison_with_scikit_learn_prints_its_bars(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip("needs the data sets of EVO_NAS_DATA")
    done = run(tmp_path, "experiments.against_sklearn", "california", "--splits", "0", "--smoke")
    assert "mean gain in test r2" in done.stdout, done.stderr
    assert done.returncode in (0, 1)


def test_the_overhead_of_the_engine_is_measured(tmp_path: Path) -> None:
    done = run(tmp_path, "experiments.engine_overhead", "--smoke")
    assert "microseconds an individual" in done.stdout, done.stderr


def test_help_answers(tmp_path: Path) -> None:
    assert "seconds of --help" in run(tmp_path, "experiments.help_speed").stdout
