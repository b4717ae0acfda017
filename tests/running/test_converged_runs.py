"""A run whose search has converged ends, says why and what is left, and goes on when it is told to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas
import pytest

import evo_nas
from evo_nas.config import Settings, parse_record
from evo_nas.display import Silent
from evo_nas.history import Ledger
from evo_nas.individual import Evaluated
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.operators import operator_lines, write_failures, write_operators
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.loop import CONVERGED, FINISHED, Budget, Hooks, Loop
from evo_nas.running.preparation import make_plan
from evo_nas.running.verification import verify
from evo_nas.strategies import Adaptation, DeapIndividual, Records, Toolbox
from evo_nas.summary import ending_lines, run_digest, status_lines
from tests.running.test_loop import Hands
from tests.strategies.searching import SCORE, SPACE, encoding, make, score, search

GENERATIONS = 60


def constant(individual) -> tuple[float]:
    return (1.0,)


Evaluate = Callable[[DeapIndividual], tuple[float]]


def run(path: Path, strategy: str, evaluate: Evaluate = constant, **further: object) -> Ending:
    search = {"strategy": strategy, "objectives": ["maximize score"], "population": 12, "generations": GENERATIONS}
    settings = parse_record(Settings, {"space": SPACE, "search": {**search, "in_flight": 5, **further}}, where="test")
    choices = Choices(toolbox=toolbox(evaluate), pictures=False)
    return launch.start(make_plan(settings, base=path), path, choices, Silent())


def toolbox(evaluate: Evaluate = constant) -> Toolbox:
    box = evo_nas.toolbox(SPACE, objectives=["maximize score"])
    box.register("evaluate", evaluate)
    return box


def resume(path: Path, **choices: object) -> tuple[Ending, list[str]]:
    """The ending of one more sitting, and what its observer was told."""
    told: list[str] = []

    class Watching(Silent):
        def message(self, text: str) -> None:
            told.append(text)

    return launch.resume(path, Choices(toolbox=toolbox(), pictures=False, **choices), Watching()), told


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_converged_run_ends_says_why_and_stays_ended(tmp_path: Path, strategy: str) -> None:
    folder = tmp_path / "run"
    count = run(folder, strategy).num_individuals
    assert count < 12 * GENERATIONS
    assert any("have the same values" in line for line in status_lines(folder))
    assert any("restarts of a converged population" in line for line in status_lines(folder))
    assert [finding for finding in verify(folder) if not finding.ok] == []
    before = run_digest(folder).hash
    ending, _ = resume(folder)
    assert (ending.reason, ending.num_individuals) == (CONVERGED, count)
    left = f"{12 * GENERATIONS - count} planned individuals are left"
    for lines in (ending_lines(ending, folder), status_lines(folder)):
        assert any("more trainings are not worth it" in line and line.endswith(left) for line in lines)
    assert any("--generations" in line for line in ending_lines(ending, folder))
    assert run_digest(folder).hash == before
    with Ledger.read_only(folder / "run.db") as ledger:
        assert len(ledger.decisions("session:converged")) == 1


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_told_to_go_on_it_is_the_run_that_never_stopped(tmp_path: Path, strategy: str) -> None:
    run(tmp_path / "run", strategy)
    ending, told = resume(tmp_path / "run", num_generations=GENERATIONS)
    assert (ending.reason, ending.num_individuals) == (FINISHED, 12 * GENERATIONS)
    assert any(text.startswith("restarted after") for text in told)
    assert not any("more trainings are not worth it" in line for line in status_lines(tmp_path / "run"))
    run(tmp_path / "whole", strategy, stop_when_converged=False)
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def test_what_was_in_training_when_it_converged_may_be_better_and_the_run_can_still_be_told_to_go_on(
    tmp_path: Path,
) -> None:
    last = run(tmp_path / "first", "aging").num_individuals - 1

    def better_at_last(individual: DeapIndividual) -> tuple[float]:
        return (2.0,) if individual.record.id == last else (1.0,)

    ending = run(tmp_path / "run", "aging", better_at_last)
    assert (ending.reason, ending.num_individuals, ending.best.record.id) == (CONVERGED, last + 1, last)
    for lines in (ending_lines(ending, tmp_path / "run"), status_lines(tmp_path / "run")):
        assert any("more trainings are not worth it" in line for line in lines)
    assert resume(tmp_path / "run")[0].reason == CONVERGED
    assert resume(tmp_path / "run", num_generations=GENERATIONS)[0].reason == FINISHED


def test_small_budgets_are_spent_whatever_comes_of_them() -> None:
    loop = Loop(
        make(strategy="evolution", population=12),
        Records([SCORE], hall_of_fame=3),
        Budget(num_proposals=72, population=12, replicates=1),
        trainings=Hands(12),
        hooks=Hooks(),
    )
    assert loop.run() == FINISHED
    assert len(loop.individuals) == 72


def test_the_tables_say_what_operators_gained_and_which_values_fail(tmp_path: Path) -> None:
    def edge(individual):
        return None if float(individual.genome.genes["learning_rate"]) > 1e-2 else score(individual)

    learnt = Adaptation(encoding(), [SCORE])
    learnt.tell(search(make(strategy="evolution", population=12), 240, edge))
    write_operators(tmp_path / "operators.csv", learnt)
    write_failures(tmp_path / "failures.csv", learnt)
    operators = pandas.read_csv(tmp_path / "operators.csv")
    assert {"crossover", "insert_layer", "change_gene:learning_rate"} <= set(operators["operator"])
    assert operators["odds"].between(0.0, 1.0).all()
    assert (operators["improved"] <= operators["children"]).all()
    failures = pandas.read_csv(tmp_path / "failures.csv")
    assert "learning_rate" in set(failures["gene"])
    lines = operator_lines(learnt, SCORE)
    assert lines[0].startswith("operators")
    assert any("learning_rate" in line and " of " in line for line in lines)


def test_nothing_is_written_where_nothing_was_learnt(tmp_path: Path) -> None:
    learnt = Adaptation(encoding(), [SCORE])
    (individual,) = make(strategy="random", population=1).ask(1)
    learnt.tell(
        [Evaluated(individual, failure(Status.CRASHED, "")), Evaluated(individual, Outcome(Status.OK, {"score": 1.0}))]
    )
    write_operators(tmp_path / "operators.csv", learnt)
    write_failures(tmp_path / "failures.csv", learnt)
    assert not list(tmp_path.iterdir())
    assert operator_lines(learnt, SCORE) == []


def test_a_run_folder_holds_the_table_of_operators(tmp_path: Path) -> None:
    run(tmp_path / "run", "evolution")
    table = pandas.read_csv(tmp_path / "run" / "operators.csv")
    assert list(table.columns)[:2] == ["operator", "children"]
    text = (tmp_path / "run" / "operators.csv").read_bytes()
    (tmp_path / "run" / "operators.csv").unlink()
    resume(tmp_path / "run")
    assert (tmp_path / "run" / "operators.csv").read_bytes() == text


def test_a_run_of_a_version_that_neither_learnt_nor_began_anew_goes_on_as_it_was(tmp_path: Path) -> None:
    off = {"adapt": False, "restarts": 0, "stop_when_converged": False}
    run(tmp_path / "run", "evolution", **{**off, "generations": 12})
    digest = run_digest(tmp_path / "run").hash
    with closing(sqlite3.connect(tmp_path / "run" / "run.db")) as connection, connection:
        (text,) = connection.execute("SELECT value FROM meta WHERE key = 'settings'").fetchone()
        settings = json.loads(text)
        for name in off:
            del settings["search"][name]
        connection.execute("UPDATE meta SET value = ? WHERE key = 'settings'", (json.dumps(settings),))
    assert run_digest(tmp_path / "run").hash == digest
    ending, _ = resume(tmp_path / "run", num_generations=20)
    assert (ending.reason, ending.num_individuals) == (FINISHED, 240)
