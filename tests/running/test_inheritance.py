"""Children that begin with their parents' weights: what is refused, who wins, and what is told."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import evo_nas
from evo_nas.config import Settings
from evo_nas.errors import UserError
from evo_nas.history import Ledger, open_store
from evo_nas.individual import Evaluated, TrainingKey
from evo_nas.outcome import Outcome, Status
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.finals import finalists
from evo_nas.running.preparation import make_plan
from evo_nas.running.verification import verify
from evo_nas.strategies import Records
from evo_nas.summary import run_digest, status_lines
from tests.faults import killable
from tests.faults.runs import ROOT, num_trainings
from tests.history.made_up import made_run
from tests.running.test_sittings import resume, start

INHERITING = "tests.faults.inheriting"


def inheriting(path: Path, **choices: Any) -> Ending:
    return start(path, Choices(handlers=INHERITING, **choices), inherit="weights")


def planned(search: dict[str, Any], recipe: dict[str, Any] | None = None, space: dict[str, Any] | None = None) -> None:
    base = killable.settings({"inherit": "weights"}).model_dump(mode="json", exclude_none=True)
    base["search"] |= search
    base["recipe"] = {"epochs": 2, "metrics": ["accuracy"], **(recipe or {})}
    base["space"] = space or base["space"]
    make_plan(Settings.model_validate(base), base=ROOT, dataset=killable.data())


@pytest.mark.bad_input
def test_what_cannot_be_inherited_is_refused_before_anything_is_written() -> None:
    planned({})
    with pytest.raises(UserError, match=r'trainer = "population": .* begin from scratch'):
        planned({}, {"trainer": "population"})
    with pytest.raises(UserError, match=r"every fold would have weights of its own, .* 3 folds"):
        planned({}, {"validation": {"folds": 3}})
    for search in ({"strategy": "surrogate"}, {"strategy": "random"}):
        with pytest.raises(ValueError, match=r'strategy = "evolution" or "aging", got strategy = '):
            planned(search)
    with pytest.raises(ValueError, match=r'trains every child with the whole recipe, got fidelity = "halving"'):
        planned({"fidelity": "halving"}, {"epochs": 9})


@pytest.mark.bad_input
def test_a_fitness_function_has_no_weights_to_inherit() -> None:
    with pytest.raises(UserError, match=r"a fitness function trains no weights to inherit"):
        evo_nas.search(
            killable.SPACE,
            evaluate=lambda individual: (float(len(individual)),),
            objectives=["minimize layers"],
            strategy="evolution",
            settings={"search": {"inherit": "weights"}},
            display=False,
        )


def test_the_winner_is_the_best_of_all_that_were_trained_from_scratch(tmp_path: Path) -> None:
    ending, folder = inheriting(tmp_path / "run"), tmp_path / "run"
    result = evo_nas.load_run(folder)
    with Ledger.read_only(folder / "run.db") as ledger:
        finals = ledger.trainings("final")
        individuals, outcomes = ledger.individuals(), ledger.trainings()
    scratch = {i.fingerprint: outcomes[TrainingKey(i.fingerprint, 0)] for i in individuals if i.inherits is None}
    scratch |= {key.fingerprint: outcome for key, outcome in finals.items()}
    name, best = max(
        ((name, outcome) for name, outcome in scratch.items() if outcome.ok),
        key=lambda each: each[1].metrics["accuracy"],
    )
    assert 1 <= len(finals) <= 3
    assert result.best.individual.fingerprint == name
    assert ending.best is not None
    assert ending.best.record == result.best.individual
    assert result.scores["fingerprint"] == name
    assert result.scores["search"] == best.metrics == result.best.outcome.metrics
    place = [each.individual.inherits is not None for each in result._ranked if each.outcome.ok]
    assert result._ranked[0].individual == result.best.individual
    assert place == sorted(place)
    assert all(finding.ok for finding in verify(folder, handlers=INHERITING))
    assert any(f"{len(finals)} finalists were trained from scratch" in line for line in status_lines(folder))


def test_who_inherited_how_many_epochs_is_in_the_tables(tmp_path: Path) -> None:
    inheriting(tmp_path / "run")
    result = evo_nas.load_run(tmp_path / "run")
    with (tmp_path / "run" / "individuals.csv").open() as file:
        told = {int(row["id"]): int(row["effective_epochs"]) for row in csv.DictReader(file)}
    assert told == {each.individual.id: each.outcome.effective_epochs for each in result.evaluated}
    heirs = [each for each in result.evaluated if each.outcome.inherited_epochs]
    assert heirs
    for each in heirs:
        assert result.lineage.nodes[each.individual.id]["effective_epochs"] > 4
        assert "4 epochs and " in str(each.outcome)


def test_a_run_that_is_stopped_ships_nobody_who_inherited(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ending = inheriting(folder, stop=lambda: num_trainings(folder) >= 15)
    assert ending.reason == "interrupted"
    assert ending.best is not None
    assert ending.scores is not None
    assert ending.best.record is not None
    assert ending.best.record.inherits is None
    assert any(
        "none of these can be the best before it is trained from scratch" in line for line in status_lines(folder)
    )
    again = resume(folder, Choices(handlers=INHERITING))
    assert again.reason == "finished"
    assert again.scores is not None
    with Ledger.read_only(folder / "run.db") as ledger:
        assert ledger.trainings("final")


def test_a_warm_store_saves_trainings_and_changes_nothing(tmp_path: Path) -> None:
    """It keeps no weights: a child whose parent was found in it trains the parent again."""
    store = open_store(str(tmp_path / "outcomes.db"), warn=print)
    assert store is not None
    with closing(store):
        for name, generations in (("cold", 2), ("warm", 3)):
            start(
                tmp_path / name, Choices(handlers=INHERITING, store=store), inherit="weights", generations=generations
            )
    start(tmp_path / "none", Choices(handlers=INHERITING), inherit="weights", generations=3)
    assert run_digest(tmp_path / "warm").hash == run_digest(tmp_path / "none").hash
    with Ledger.read_only(tmp_path / "warm" / "run.db") as ledger:
        assert len(ledger.found()) == 2 * killable.POPULATION


def outcome(accuracy: float) -> Outcome:
    return Outcome(Status.OK, {"loss": 1 - accuracy, "accuracy": accuracy})


def test_finalists_are_the_best_heirs_and_of_a_front_some_from_end_to_end() -> None:
    run = [
        Evaluated(replace(each.individual, inherits="parent" if number % 2 else None), outcome(number / 100))
        for number, each in enumerate(made_run(4, 5))
    ]
    records = Records([evo_nas.individual.parse_objective("maximize accuracy")], hall_of_fame=10)
    records.update(run)
    assert [each.id for each in finalists(records, 3)] == [19, 17, 15]
    objectives = [evo_nas.individual.parse_objective(text) for text in ("maximize accuracy", "minimize parameters")]
    records = Records(objectives, hall_of_fame=10)
    records.update([replace(each, outcome=replace(each.outcome, parameters=each.individual.id)) for each in run])
    assert [each.id for each in finalists(records, 3)] in ([19, 9, 1], [1, 9, 19], [1, 11, 19], [19, 11, 1])
    assert records.from_scratch([]).best is not None


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("prepared_tensorflow")
def test_a_real_run_that_lost_its_weights_comes_to_the_same_end(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "recipe": {"epochs": 2},
        "strategy": "evolution",
        "population": 3,
        "settings": {"search": {"inherit": "weights", "finalists": 1, "confirmation_replicates": 0}},
        "store": "none",
        "display": False,
    }
    whole = evo_nas.search(killable.SPACE, "iris", generations=2, run_dir=tmp_path / "whole", workers=2, **given)
    evo_nas.search(killable.SPACE, "iris", generations=1, run_dir=tmp_path / "run", workers=1, **given)
    for file in (tmp_path / "run" / "weights").iterdir():
        file.unlink()
    resumed = evo_nas.resume(tmp_path / "run", generations=2, workers=1, store="none", display=False)
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash
    assert resumed.scores["search"] == whole.scores["search"]
    assert all(finding.ok for finding in verify(tmp_path / "run"))
