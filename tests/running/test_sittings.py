"""What happens between two sittings of a run, with the fake trainer in real child processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deap import tools

import evo_nas
from evo_nas.config import Settings
from evo_nas.display import Silent
from evo_nas.history import Ledger, RunFolder
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.chronicle import Chronicle
from evo_nas.running.preparation import make_plan
from evo_nas.running.scores import read_scores, saved_winner
from evo_nas.running.verification import verify
from evo_nas.running.workers import Workers
from evo_nas.strategies import DeapIndividual
from evo_nas.summary import run_digest, status_lines
from tests.faults import killable
from tests.strategies.searching import SPACE

FAKE = "tests.faults.fake_training"


def start(path: Path, choices: Choices | None = None, **options: object) -> Ending:
    settings = killable.settings({key: str(value) for key, value in options.items()})
    plan = make_plan(settings, base=Path.cwd(), dataset=killable.data())
    return launch.start(plan, path, quick(choices), Silent())


def resume(path: Path, choices: Choices | None = None) -> Ending:
    return launch.resume(path, quick(choices), Silent())


def quick(choices: Choices | None) -> Choices:
    given = choices or Choices()
    handlers = FAKE if given.handlers == Choices().handlers else given.handlers
    return replace(given, workers=2, handlers=handlers, pictures=False)


def test_a_stop_while_the_ledger_is_replayed_leaves_the_winner_in_its_place(tmp_path: Path) -> None:
    whole = start(tmp_path / "run")
    tables = (tmp_path / "run" / "individuals.csv").read_bytes()
    ending = resume(tmp_path / "run", Choices(stop=lambda: True))
    assert ending.best is not None
    assert whole.best is not None
    assert ending.best.record == whole.best.record
    assert read_scores(RunFolder(tmp_path / "run")) == whole.scores
    assert (tmp_path / "run" / "individuals.csv").read_bytes() == tables


def test_a_resume_without_time_keeps_all_that_was_found(tmp_path: Path) -> None:
    whole = start(tmp_path / "whole")
    start(tmp_path / "run", max_evaluations=14)
    ending = resume(tmp_path / "run", Choices(max_minutes=1e-6, max_evaluations=1000))
    assert ending.reason == "time"
    assert ending.best is not None
    assert len((tmp_path / "run" / "individuals.csv").read_text().splitlines()) > 12
    assert any("--max-minutes" in line for line in status_lines(tmp_path / "run"))
    again = resume(tmp_path / "run", Choices(max_minutes=60.0))
    assert again.reason == "finished"
    assert again.scores == whole.scores
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


@pytest.mark.parametrize(("minutes", "reason"), [(60.0, "finished"), (1e-6, "time")])
def test_workers_end_while_the_winner_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, reason: str
) -> None:
    start(tmp_path / "run", max_evaluations=14)
    happened: list[str] = []

    def noted(owner: type, name: str) -> None:
        whole = getattr(owner, name)

        def noting(*arguments: Any) -> Any:
            happened.append(name)
            return whole(*arguments)

        monkeypatch.setattr(owner, name, noting)

    for owner, name in ((Workers, "dismiss"), (Workers, "close"), (Chronicle, "winner")):
        noted(owner, name)
    assert resume(tmp_path / "run", Choices(max_minutes=minutes, max_evaluations=1000)).reason == reason
    assert [name for name in happened if name != "close"] == ["dismiss", "winner"]
    assert happened[-1] == "close"
    with Ledger.open(tmp_path / "run" / "run.db") as ledger:
        assert ledger.children() == []


@pytest.mark.parametrize("most", [1, 9, 13, 15, 29])
def test_a_run_of_any_number_of_evaluations_is_verified_and_goes_on(tmp_path: Path, most: int) -> None:
    ending = start(tmp_path / "run", max_evaluations=most)
    assert ending.reason == "evaluations"
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    assert resume(tmp_path / "run", Choices(max_evaluations=1000)).reason == "finished"
    start(tmp_path / "whole")
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


def asked_after(count: int) -> Callable[[], bool]:
    """Somebody who asks to stop at the n-th question."""
    questions = iter(range(count))
    return lambda: next(questions, None) is None


@pytest.mark.parametrize("strategy", ["evolution", "aging"])
def test_a_run_that_was_stopped_anywhere_is_sound(tmp_path: Path, strategy: str) -> None:
    ending = start(tmp_path / "run", Choices(stop=asked_after(3)), strategy=strategy)
    assert ending.reason == "interrupted"
    findings = verify(tmp_path / "run", handlers=FAKE)
    assert all(finding.ok or finding.mended for finding in findings), findings
    resume(tmp_path / "run")
    assert all(finding.ok for finding in verify(tmp_path / "run", handlers=FAKE))
    start(tmp_path / "whole", strategy=strategy)
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


@pytest.mark.parametrize("wanted", [0, 7])
def test_who_was_best_in_the_batches_before_wins_though_the_generation_is_not_complete(
    tmp_path: Path, wanted: int
) -> None:
    """A surrogate's generation has several batches; one stops after some of them, the best long told."""
    box = evo_nas.toolbox(SPACE)
    told: list[str] = []

    def evaluate(individual: DeapIndividual) -> tuple[float]:
        assert individual.record is not None
        told.append(individual.record.fingerprint)
        return (float(told[-1] == told[min(wanted, len(told) - 1)] and len(told) > wanted),)

    box.register("evaluate", evaluate)
    settings = {"strategy": "surrogate", "population": 64, "objectives": ["maximize score"], "seed": 3}
    plan = make_plan(Settings.model_validate({"space": SPACE, "search": settings}), base=Path.cwd())
    choices = Choices(stop=lambda: len(told) > 40, toolbox=box, pictures=False)
    ending = launch.start(plan, tmp_path / "run", choices, Silent())
    assert ending.reason == "interrupted"
    assert wanted < len(told) < 64
    assert ending.best is not None
    assert ending.best.record.fingerprint == told[wanted]


@pytest.mark.parametrize("stopped", [True, False])
def test_the_winner_is_safe_before_its_family_is_drawn(
    tmp_path: Path, stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has asked to stop may end it at once a moment later; and what draws may have faults of its own."""
    folder = RunFolder(tmp_path / "run")

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evo_nas.report.family_picture.draw_family_tree", break_off)
    plan = make_plan(killable.settings({}), base=Path.cwd(), dataset=killable.data())
    choices = Choices(stop=lambda: stopped and folder.generations.exists())
    with pytest.raises(KeyboardInterrupt):
        launch.start(plan, folder.path, replace(quick(choices), pictures=True), Silent())
    scores = read_scores(folder)
    assert saved_winner(folder) == scores["fingerprint"]
    assert scores["search"]["accuracy"] == evo_nas.load_run(folder.path).best.outcome.metrics["accuracy"]
    assert (scores["confirmation"] is None) is stopped


def test_an_outcome_without_its_metrics_is_a_crash_of_that_candidate(tmp_path: Path) -> None:
    start(tmp_path / "run", Choices(handlers="tests.running.forgetful"))
    table = evo_nas.load_run(tmp_path / "run").individuals
    crashed = table[table["status"] == "crashed"]
    assert 0 < len(crashed) < len(table)
    assert crashed["message"].str.contains("it lacks the metrics accuracy").all()
    with Ledger.read_only(tmp_path / "run" / "run.db") as ledger:
        assert set(ledger.deaths().values()) == {2}
    assert resume(tmp_path / "run").reason == "finished"


def test_confirmations_are_found_in_a_warm_store_too(tmp_path: Path) -> None:
    from evo_nas.history import open_store

    for name in ("cold", "warm"):
        store = open_store(str(tmp_path / "outcomes.db"), warn=pytest.fail)
        assert store is not None
        start(tmp_path / name, Choices(store=store))
        store.close()
    with Ledger.read_only(tmp_path / "warm" / "run.db") as ledger:
        assert len(ledger.trainings(purpose="confirmation")) == 1
        assert set(ledger.trainings()) == ledger.found()
        found = ledger._rows("SELECT sum(found), count(*) FROM training")
    assert found[0][0] == found[0][1]


def test_a_strategy_without_generations_starts_from_a_checkpoint_too(tmp_path: Path) -> None:
    from evo_nas.history import read_checkpoint

    start(tmp_path / "run")
    checkpoint = read_checkpoint(RunFolder(tmp_path / "run").checkpoint(4))
    settings = killable.settings({"strategy": "aging"})
    plan = make_plan(settings, base=Path.cwd(), dataset=killable.data())
    launch.start(plan, tmp_path / "next", quick(None), Silent(), checkpoint=checkpoint)
    founders = evo_nas.load_run(tmp_path / "next").evaluated[: len(checkpoint.population)]
    assert [e.individual.genome for e in founders] == [e.individual.genome for e in checkpoint.population]


def test_an_operator_with_other_arguments_is_another_operator(tmp_path: Path) -> None:
    def box(size: int) -> object:
        made = evo_nas.toolbox(SPACE)
        made.register("select", tools.selTournament, tournsize=size)
        made.register("evaluate", len)
        return made

    asked = {"objectives": ["maximize score"], "population": 6, "display": False, "run_dir": tmp_path / "run"}
    evo_nas.search(SPACE, strategy="evolution", toolbox=box(5), generations=2, **asked)
    for other in ({"evaluate": len}, {"toolbox": box(2)}):
        with pytest.raises(evo_nas.UserError, match=r"selTournament\(tournsize=5\)"):
            evo_nas.resume(tmp_path / "run", generations=4, display=False, **other)
    assert len(evo_nas.resume(tmp_path / "run", generations=4, toolbox=box(5), display=False).evaluated) == 24


def test_a_fitness_can_be_mapped_over_processes(tmp_path: Path) -> None:
    asked = {"objectives": ["maximize score"], "population": 6, "generations": 3, "display": False}
    alone = evo_nas.search(SPACE, evaluate=len, run_dir=tmp_path / "alone", **asked)
    box = evo_nas.toolbox(SPACE)
    box.register("evaluate", len)
    with ProcessPoolExecutor(2) as pool:
        box.register("map", pool.map)
        assert evo_nas.search(SPACE, toolbox=box, run_dir=tmp_path / "run", **asked).evaluated == alone.evaluated


def test_a_selector_that_gives_too_few_is_named(tmp_path: Path) -> None:
    box = evo_nas.toolbox(SPACE)
    box.register("select", lambda individuals, k: [])
    with pytest.raises(evo_nas.UserError, match="asked for 6 parents and gave 0"):
        evo_nas.search(
            SPACE, evaluate=len, toolbox=box, objectives=["maximize score"], population=6, display=False,
            strategy="evolution", run_dir=tmp_path / "run",
        )  # fmt: skip


def test_status_says_that_a_run_is_going_on(tmp_path: Path) -> None:
    seen: list[str] = []

    def stop() -> bool:
        seen.extend(status_lines(tmp_path / "run"))
        return len(seen) > 20

    start(tmp_path / "run", Choices(stop=stop))
    assert "it is running now" in seen
    assert not any("test score" in line for line in seen)
    assert "it is running now" not in status_lines(tmp_path / "run")


def test_a_reader_that_goes_away_does_not_end_the_run(tmp_path: Path) -> None:
    from tests.faults.runs import ROOT, finish

    read, write = os.pipe()
    os.close(read)
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "tests.running.shown", str(tmp_path / "run")], cwd=ROOT, stderr=write, check=False
    )
    os.close(write)
    assert done.returncode == 0
    assert run_digest(tmp_path / "run").hash == finish(tmp_path / "whole")


def test_an_operator_that_the_strategy_never_calls_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    box = evo_nas.toolbox(SPACE)
    box.register("select", tools.selRandom)
    box.register("evaluate", len)
    with pytest.raises(evo_nas.UserError, match=r'select = selRandom.*"surrogate" never calls.*"evolution" or "aging"'):
        evo_nas.search(SPACE, toolbox=box, objectives=["maximize score"], run_dir=tmp_path / "run", display=False)
    assert not (tmp_path / "run").exists()
