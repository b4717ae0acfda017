"""Runs with constraints and several objectives, from the settings to the folder that they leave."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas
import pytest

import evo_nas
from evo_nas.display import Silent
from evo_nas.history.digest import settings_meaning
from evo_nas.individual import is_feasible
from evo_nas.outcome import Status
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.preparation import make_plan, open_run
from evo_nas.running.verification import verify
from evo_nas.summary import ending_lines, run_digest, status_lines
from tests.faults import killable
from tests.strategies.searching import SPACE

FAKE = "tests.faults.fake_training"
CHOICES = Choices(workers=2, handlers=FAKE, pictures=False)


def settings(**search: Any) -> Any:
    given = killable.settings({})
    return given.model_copy(update={"search": given.search.model_copy(update=search)})


def start(path: Path, **search: Any) -> Ending:
    plan = make_plan(settings(**search), base=Path.cwd(), dataset=killable.data())
    return launch.start(plan, path, CHOICES, Silent())


def test_nothing_beyond_a_size_is_trained(tmp_path: Path) -> None:
    bounds = ("parameters <= 150", "flops <= 300")
    ending = start(tmp_path / "run", constraints=bounds, generations=3)
    assert ending.best is not None
    encoding = open_run(tmp_path / "run", read_only=True).plan.encoding
    for each in evo_nas.load_run(tmp_path / "run").evaluated:
        size = encoding.size(each.individual.genome, (4,), 1)
        assert size.parameters <= 150
        assert size.flops <= 300
        assert each.outcome.status is not Status.INVALID
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))


def test_a_constrained_run_that_is_extended_equals_one_that_went_through(tmp_path: Path) -> None:
    start(tmp_path / "whole", constraints=("parameters <= 150", "accuracy <= 0.8"))
    start(tmp_path / "run", constraints=("parameters <= 150", "accuracy <= 0.8"), max_evaluations=13)
    launch.resume(tmp_path / "run", Choices(workers=1, handlers=FAKE, pictures=False, max_evaluations=1000), Silent())
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def test_where_all_is_too_large_nothing_is_trained_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "trained"))
    ending = start(tmp_path / "run", constraints=("parameters <= 5",), generations=2)
    assert ending.best is None
    assert not (tmp_path / "trained").exists()
    outcomes = [each.outcome for each in evo_nas.load_run(tmp_path / "run").evaluated]
    assert {outcome.status for outcome in outcomes} == {Status.INVALID}
    assert all(
        outcome.parameters > 5 and outcome.message.startswith("not trained: it would have ") for outcome in outcomes
    )
    lines = "\n".join(ending_lines(ending, tmp_path / "run"))
    assert "no training has succeeded; most often: invalid: not trained: it would have " in lines
    assert "parameters, and parameters <= 5 is asked for" in lines


def test_where_nobody_keeps_a_constraint_there_is_no_winner_and_it_is_said(tmp_path: Path) -> None:
    ending = start(tmp_path / "run", constraints=("accuracy >= 1.5",), generations=2)
    assert (ending.best, ending.scores) == (None, None)
    result = evo_nas.load_run(tmp_path / "run")
    nearest = max((e for e in result.evaluated if e.outcome.ok), key=lambda e: e.outcome.metrics["accuracy"])
    sentence = (
        f"nobody keeps the constraints (accuracy >= 1.5); nearest is individual {nearest.individual.id} with "
        f"accuracy {nearest.outcome.metrics['accuracy']:.6g}"
    )
    assert f"no winner: {sentence}" in ending_lines(ending, tmp_path / "run")
    assert f"no best so far: {sentence}" in status_lines(tmp_path / "run")
    with pytest.raises(evo_nas.UserError, match="nobody keeps the constraints"):
        _ = result.best
    assert not list((tmp_path / "run" / "winner").glob("*"))


def test_the_winner_is_the_best_of_those_that_keep_the_constraints(tmp_path: Path) -> None:
    ending = start(tmp_path / "run", constraints=("accuracy <= 0.5",))
    result = evo_nas.load_run(tmp_path / "run")
    known = [e.outcome.metrics["accuracy"] for e in result.evaluated if e.outcome.ok]
    assert max(known) > 0.5
    best = max(accuracy for accuracy in known if accuracy <= 0.5)
    assert result.best.outcome.metrics["accuracy"] == best
    assert ending.scores is not None
    table = pandas.read_csv(tmp_path / "run" / "generations.csv")
    assert table["best_accuracy"].iloc[-1] == best
    assert (table["max_accuracy"] > 0.5).any()
    assert all(is_feasible(member.outcome, result.constraints) for member in result.records.hall_of_fame)


def test_seconds_as_a_constraint_are_those_of_a_network_alone(tmp_path: Path) -> None:
    plan = make_plan(settings(constraints=("seconds <= 2",)), base=Path.cwd(), dataset=killable.data())
    assert plan.recipe.trainer == "plain"
    start(tmp_path / "run", constraints=("seconds <= 2",), generations=1)
    digest = run_digest(tmp_path / "run")
    assert 0 < digest.num_machine_dependent < digest.num_records


def three(individual: Any) -> tuple[float, ...]:
    """Score, number of layers, and units; a fourth that is only constrained: the largest width."""
    widths = [int(layer["width"]) for layer in individual]
    return -abs(float(individual.genes["learning_rate"]) - 1e-2), len(widths), sum(widths), max(widths)


THREE = ["maximize score", "minimize depth", "minimize units"]


def search(path: Path, **further: Any) -> evo_nas.Result:
    return evo_nas.search(
        SPACE, evaluate=three, objectives=THREE, population=10, run_dir=path, display=False,
        settings={"search": {"constraints": ["widest >= 16"], "stop_when_converged": False}}, **further,
    )  # fmt: skip


def test_three_objectives_and_a_number_that_is_only_constrained(tmp_path: Path) -> None:
    result = search(tmp_path / "run", generations=8)
    assert result.best.outcome.metrics["widest"] >= 16
    assert all(each.outcome.metrics["widest"] >= 16 for each in result.front)
    assert any(each.outcome.metrics["widest"] < 16 for each in result.evaluated)
    table = pandas.read_csv(tmp_path / "run" / "generations.csv")
    volumes = table["hypervolume"].tolist()
    assert volumes == sorted(volumes)
    assert volumes[-1] > volumes[0] >= 0.0
    assert result.records.hypervolume == volumes[-1]
    assert (tmp_path / "run" / "curves" / "hypervolume.svg").is_file()
    reference = "  its hypervolume is "
    assert any(line.startswith(reference) and "score -" in line for line in status_lines(tmp_path / "run"))


@pytest.mark.slow
def test_a_search_by_reference_points_that_is_extended_equals_one_that_went_through(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole", generations=7)
    search(tmp_path / "run", generations=4)
    extended = evo_nas.resume(tmp_path / "run", generations=7, evaluate=three, display=False)
    assert extended.best == whole.best
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash
    tables = [pandas.read_csv(tmp_path / name / "generations.csv")["hypervolume"] for name in ("run", "whole")]
    pandas.testing.assert_series_equal(*tables)
    assert all(finding.ok for finding in verify(tmp_path / "run"))


def test_a_run_of_before_keeps_its_survival_and_its_meaning(tmp_path: Path) -> None:
    """A version that knew neither constraints nor NSGA-III wrote neither key, and three objectives were NSGA-II's."""
    result = search(tmp_path / "run", generations=1)
    with_old_settings(tmp_path / "run")
    run = open_run(tmp_path / "run", read_only=True)
    run.ledger.close()
    assert run.plan.settings.search.survivors_by(3) == "nsga2"
    meaning = settings_meaning(run.plan.settings, space={}, data_fingerprint="")["search"]
    assert {"constraints", "survival"}.isdisjoint(meaning)
    assert len(result.evaluated) == 10


def with_old_settings(path: Path) -> None:
    with closing(sqlite3.connect(path / "run.db")) as connection, connection:
        ((text,),) = connection.execute("SELECT value FROM meta WHERE key = 'settings'").fetchall()
        recorded = json.loads(text)
        for name in ("constraints", "survival"):
            del recorded["search"][name]
        connection.execute("UPDATE meta SET value = ? WHERE key = 'settings'", (json.dumps(recorded),))


@pytest.mark.parametrize(
    ("search", "with_it"),
    [
        ({"constraints": ("flops <= 5",)}, {"constraints"}),
        ({"survival": "best"}, set()),
        ({"objectives": ("maximize accuracy", "minimize loss"), "survival": "nsga2"}, set()),
        ({"objectives": ("maximize accuracy", "minimize loss"), "survival": "best"}, {"survival"}),
        ({"objectives": ("maximize accuracy", "minimize loss", "minimize flops")}, {"survival"}),
    ],
)
def test_what_changes_a_search_changes_its_meaning(search: dict[str, Any], with_it: set[str]) -> None:
    meaning = settings_meaning(settings(**search), space={}, data_fingerprint="")["search"]
    assert {"constraints", "survival"} & meaning.keys() == with_it
