"""Comparisons that are interrupted, asked for again and extended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evo_nas.comparing.answers import is_first, steps_of
from evo_nas.comparing.conduct import MARK, comparison_of, write_comparison
from evo_nas.estimator import load_run
from evo_nas.history import Ledger
from evo_nas.summary import run_digest
from tests.comparing.comparing_cases import conducted, planned_runs
from tests.faults.runs import ROOT, num_trainings

STRATEGIES = "surrogate,evolution,random"


def digests(folder: Path) -> dict[str, str]:
    paths = [path.parent for path in sorted(folder.glob("*/*/run.db"))]
    return {str(path.relative_to(folder)): run_digest(path).hash for path in paths}


def test_every_run_has_the_whole_budget_and_its_three_scores(tmp_path: Path) -> None:
    finished = conducted(planned_runs(tmp_path, STRATEGIES, seeds=1))
    assert len(finished) == 3
    for each in finished:
        result = load_run(each.planned.folder.path)
        assert each.run.trainings == 8
        assert each.run.scores["search"] == result.best.outcome.metrics["accuracy"]
        assert each.run.scores["test"] == result.scores["test"]["accuracy"]
        assert each.run.scores["confirmation"] == result.scores["confirmation"]["mean"]["accuracy"]
        (first,) = (one for one in result.evaluated if one.individual == result.best.individual)
        assert is_first(first.individual)
        assert each.run.steps[-1].score == first.outcome.metrics["accuracy"]
        assert [step.trainings for step in each.run.steps] == sorted(step.trainings for step in each.run.steps)
        assert all(step.seconds is not None and step.seconds <= each.run.seconds for step in each.run.steps)


def test_without_a_belief_the_answer_is_the_best_search_score_so_far(tmp_path: Path) -> None:
    (each,) = conducted(planned_runs(tmp_path, "random", seeds=1))
    result = load_run(each.planned.folder.path)
    best, expected = None, []
    for one in result.evaluated:
        if one.outcome.ok:
            best = max(one.outcome.metrics["accuracy"], -1.0 if best is None else best)
        expected.append(best)
    assert [step.score for step in each.run.steps] == expected


def test_a_search_that_believes_answers_whom_it_believed_then(tmp_path: Path) -> None:
    """The answer after n trainings is that of a run that had n of them."""
    (whole,) = conducted(planned_runs(tmp_path / "whole", "surrogate", seeds=1, evaluations=20))
    (half,) = conducted(planned_runs(tmp_path / "half", "surrogate", seeds=1, evaluations=12))
    by_trainings = {step.trainings: step.score for step in whole.run.steps}
    assert half.run.steps[-1].score == by_trainings[12]


def test_asked_for_again_nothing_is_run_again(tmp_path: Path) -> None:
    first = conducted(planned_runs(tmp_path, "surrogate,random", seeds=1))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*/run.db")}
    again = conducted(planned_runs(tmp_path, "surrogate,random", seeds=1))
    assert [each.run for each in again] == [each.run for each in first]
    assert all(each.repeated for each in again)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_lost_mark_is_made_again_and_nothing_is_trained(tmp_path: Path) -> None:
    (first,) = conducted(planned_runs(tmp_path, "random", seeds=1))
    mark = first.planned.folder.path / MARK
    mark.write_text("{")
    (again,) = conducted(planned_runs(tmp_path, "random", seeds=1))
    assert again.run == first.run
    with Ledger.read_only(first.planned.folder.ledger) as ledger:
        assert len(ledger.trainings()) == 8


def test_stopped_in_the_middle_it_goes_on_to_the_same_runs(tmp_path: Path) -> None:
    conducted(planned_runs(tmp_path / "whole", "surrogate,random"))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 12

    stopped = conducted(planned_runs(tmp_path / "run", "surrogate,random"), stop)
    assert len(stopped) < 4
    finished = conducted(planned_runs(tmp_path / "run", "surrogate,random"), workers=2)
    assert len(finished) == 4
    assert digests(tmp_path / "run") == digests(tmp_path / "whole")


@pytest.mark.slow
def test_a_larger_budget_goes_on_where_the_smaller_one_ended(tmp_path: Path) -> None:
    conducted(planned_runs(tmp_path / "whole", STRATEGIES, seeds=1, evaluations=14))
    conducted(planned_runs(tmp_path / "run", STRATEGIES, seeds=1, evaluations=8))
    finished = conducted(planned_runs(tmp_path / "run", STRATEGIES, seeds=1, evaluations=14))
    assert [each.run.trainings for each in finished] == [14, 14, 14]
    assert digests(tmp_path / "run") == digests(tmp_path / "whole")


def test_more_strategies_and_seeds_join_what_is_there(tmp_path: Path) -> None:
    conducted(planned_runs(tmp_path, "random", seeds=1))
    finished = conducted(planned_runs(tmp_path, "aging,random", seeds=2))
    assert [each.repeated for each in finished] == [False, True, False, False]
    comparison = comparison_of(planned_runs(tmp_path, "aging,random", seeds=2), finished)
    paths = write_comparison(tmp_path, comparison)
    assert [path.name for path in paths] == ["strategies.csv", "runs.csv", "comparison.png", "comparison.svg"]
    assert len((tmp_path / "runs.csv").read_text().splitlines()) == 5
    assert comparison.strategies == ("aging", "random")


def test_epochs_on_rungs_are_counted_once(tmp_path: Path) -> None:
    """Of 9 epochs on a rung of 3 and then promoted: 9, not 12."""
    (each,) = conducted(planned_runs(tmp_path, "random:halving", seeds=1, evaluations=12))
    with Ledger.read_only(each.planned.folder.ledger) as ledger:
        longest: dict[tuple[str, int], int] = {}
        for key, outcome in ledger.trainings().items():
            longest[key[:2]] = max(longest.get(key[:2], 0), sum(outcome.epochs))
    assert each.run.epochs == sum(longest.values())
    assert each.run.trainings == 12 == len(longest)
    assert steps_of(each.planned.folder.path)[-1].epochs == each.run.epochs


@pytest.mark.slow
def test_equal_epochs_in_place_of_equal_trainings(tmp_path: Path) -> None:
    """A run goes beyond its budget by less than what is open at once, and one on rungs has more networks for it."""
    finished = conducted(planned_runs(tmp_path / "run", "random,random:halving", seeds=1, epochs=60))
    whole, halved = (each.run for each in finished)
    assert whole.reason == halved.reason == "epochs"
    assert all(60 <= run.epochs < 60 + 4 * 9 for run in (whole, halved))
    assert halved.trainings > whole.trainings
    conducted(planned_runs(tmp_path / "more", "random,random:halving", seeds=1, epochs=30))
    conducted(planned_runs(tmp_path / "more", "random,random:halving", seeds=1, epochs=60))
    assert digests(tmp_path / "more") == digests(tmp_path / "run")


COMPARE = """
import sys
from pathlib import Path
from tests.comparing.comparing_cases import conducted, planned_runs
planned = planned_runs(Path(sys.argv[1]), "random,aging", seeds=2)
print(len(conducted(planned)), "of", len(planned))
"""


@pytest.mark.kills
def test_ctrl_c_during_a_run_ends_the_comparison(tmp_path: Path) -> None:
    """One signal, wherever it falls: the comparison hears of it, not only the run that it came during."""
    environment = os.environ | {"FAKE_SECONDS": "0.1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMPARE, str(tmp_path / "run")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120.0
    while num_trainings(tmp_path / "run" / "random" / "0") < 1:
        assert process.poll() is None
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()
    assert out.decode().split() in (["0", "of", "4"], ["1", "of", "4"])
    assert not (tmp_path / "run" / "random" / "1").exists()
