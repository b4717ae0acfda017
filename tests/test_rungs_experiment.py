"""What the experiment about rungs makes of its runs."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from experiments.rungs import Trace, _cost, _steps, generations_for, savings
from experiments.running import changed, settings_of
from tests.strategies.searching import encoding

ROOT = Path(__file__).parents[1]


def judged(name: str, *trained: int, score: float | None, rung: int | None = None, replicate: int = 0) -> Evaluated:
    individual = Individual(0, 0, encoding().default(), name, replicate=replicate, epochs=rung)
    if score is None:
        return Evaluated(individual, failure(Status.DIVERGED, "lost"))
    return Evaluated(individual, Outcome(Status.OK, {"loss": score}, epochs=trained))


def test_an_epoch_is_counted_once_and_rungs_are_no_score() -> None:
    evaluated = [
        judged("a", 2, 2, score=1.0, rung=2),
        judged("b", 2, 1, score=5.0, rung=2),
        judged("c", score=None, rung=2),
        judged("a", 9, 6, score=3.0),
        judged("a", 9, 9, score=0.0, replicate=1),
        judged("b", 9, 1, score=2.0),
    ]
    steps = _steps(evaluated, Objective("loss", maximize=False))
    assert steps == [(4, -math.inf), (7, -math.inf), (7, -math.inf), (18, -3.0), (36, -3.0), (43, -2.0)]


def test_scores_and_epochs_are_compared() -> None:
    full = Trace(((10, 1.0), (20, 3.0), (30, 3.0)), 0.0)
    early = Trace(((2, -math.inf), (5, 3.5), (40, 9.0)), 0.0)
    never = Trace(((50, 2.0),), 0.0)
    assert (early.best_after(full.epochs), never.best_after(full.epochs)) == (3.5, -math.inf)
    assert savings([early], [full]) == 4.0
    assert savings([never], [full]) == 0.0
    assert savings([early, early, never], [full] * 3) == 4.0


def test_what_a_bracket_costs() -> None:
    assert _cost(9, (3, 9, 27, 81), 3) == (9 + 3 + 1 + 1, 9 * 3 + 3 * 6 + 18 + 54)
    assert _cost(4, (81,), 3) == (4, 4 * 81)


def test_every_way_is_given_about_as_many_epochs() -> None:
    recipe = {"recipe": {"epochs": 81}, "search": {"population": 9, "generations": 10}}
    settings = changed(settings_of("quickstart"), recipe)
    assert generations_for(settings, "full") == 10
    assert generations_for(settings, "halving") == math.ceil(10 * 9 * 81 / 117 * 14 / 9)
    assert generations_for(settings, "pasha") == generations_for(settings, "halving")
    assert 10 < generations_for(settings, "hyperband") < generations_for(settings, "halving")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_experiment_prints_a_line_a_way() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "experiments.rungs", "--smoke"],
        cwd=ROOT, env=os.environ | {"EVO_NAS_STORE": "none"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for way in ("full", "halving", "hyperband", "pasha"):
        assert f"breast_cancer, {way}: search score" in done.stdout, done.stderr
    assert done.returncode in (0, 1)
