"""Runs whose networks are judged on rungs first, with the fake trainer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import evo_nas
from evo_nas.display import Silent
from evo_nas.errors import UserError
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.preparation import make_plan
from evo_nas.running.verification import verify
from evo_nas.summary import ending_lines, run_digest, status_lines
from tests.faults import killable

FAKE = "tests.faults.fake_training"
RUNGS = {2, 3, 5, None}


def start(path: Path, choices: Choices | None = None, **options: object) -> Ending:
    given = {"strategy": "evolution", "epochs": 9, "eta": 2, "generations": 8, "fidelity": "halving"} | options
    settings = killable.settings({key: str(value) for key, value in given.items()})
    plan = make_plan(settings, base=Path.cwd(), dataset=killable.data())
    return launch.start(plan, path, quick(choices), Silent())


def resume(path: Path, choices: Choices | None = None) -> Ending:
    return launch.resume(path, quick(choices), Silent())


def quick(choices: Choices | None) -> Choices:
    return replace(choices or Choices(workers=2), handlers=FAKE, pictures=False)


def verify_all(path: Path) -> bool:
    return all(finding.ok for finding in verify(path, handlers=FAKE))


@pytest.mark.parametrize("strategy", ["surrogate", "evolution", "aging", "random"])
@pytest.mark.parametrize("fidelity", ["halving", "hyperband", "pasha"])
def test_a_winner_has_had_the_whole_recipe(tmp_path: Path, strategy: str, fidelity: str) -> None:
    ending = start(tmp_path / "run", strategy=strategy, fidelity=fidelity)
    assert ending.reason == "finished"
    result = evo_nas.load_run(tmp_path / "run")
    assert {each.individual.epochs for each in result.evaluated} <= RUNGS
    assert result.best.individual.epochs is None
    assert result.scores is not None
    assert result.scores["fingerprint"] == result.best.individual.fingerprint
    assert len(result.evaluated) == 48
    assert verify_all(tmp_path / "run")


def test_what_was_trained_is_said(tmp_path: Path) -> None:
    ending = start(tmp_path / "run")
    result = evo_nas.load_run(tmp_path / "run")
    networks: dict[str, int] = {}
    for each in result.evaluated:
        if each.outcome.epochs:
            name = each.individual.fingerprint
            networks[name] = max(networks.get(name, 0), *each.outcome.epochs)
    judged, whole = sum(networks.values()), 9 * len(networks)
    said = f"judged after {judged} epochs in all; the whole recipe for every network has {whole}"
    assert any(said in line for line in ending_lines(ending, tmp_path / "run"))
    assert any(said in line for line in status_lines(tmp_path / "run"))
    start(tmp_path / "full", fidelity="full")
    assert not any("judged after" in line for line in status_lines(tmp_path / "full"))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("trainer", ["auto", "plain"])
def test_workers_and_files_of_rungs_change_nothing(tmp_path: Path, workers: int, trainer: str) -> None:
    start(tmp_path / "one", Choices(workers=workers), trainer=trainer, fidelity="hyperband")
    start(tmp_path / "two", trainer=trainer, fidelity="hyperband")
    assert run_digest(tmp_path / "one") == run_digest(tmp_path / "two")


@pytest.mark.parametrize("stopped_after", [2, 4, 6])
def test_stopped_and_resumed_without_its_rungs_it_is_the_same_run(tmp_path: Path, stopped_after: int) -> None:
    whole = start(tmp_path / "whole", fidelity="pasha")
    questions = iter(range(stopped_after))
    ending = start(tmp_path / "run", Choices(stop=lambda: next(questions, None) is None), fidelity="pasha")
    assert ending.reason == "interrupted"
    for file in (tmp_path / "run" / "rungs").glob("*"):
        file.unlink()
    assert resume(tmp_path / "run").scores == whole.scores
    assert run_digest(tmp_path / "run") == run_digest(tmp_path / "whole")
    assert verify_all(tmp_path / "run")


def test_a_run_that_is_extended_in_the_middle_of_a_batch_equals_one_that_went_through(tmp_path: Path) -> None:
    start(tmp_path / "whole")
    start(tmp_path / "run", generations=3)
    resume(tmp_path / "run", Choices(num_generations=4))
    resume(tmp_path / "run", Choices(num_generations=8))
    assert run_digest(tmp_path / "run") == run_digest(tmp_path / "whole")


@pytest.mark.parametrize(
    ("objectives", "kept"), [("maximize accuracy", True), ("maximize accuracy,minimize seconds", False)]
)
def test_networks_by_themselves_go_on_unless_seconds_decide(tmp_path: Path, objectives: str, kept: bool) -> None:
    """They are then those of a whole training, and nobody goes on from a rung."""
    start(tmp_path / "run", trainer="plain", generations=2, objectives=objectives)
    assert any((tmp_path / "run" / "rungs").glob("*")) is kept


def test_a_budget_of_evaluations_counts_networks(tmp_path: Path) -> None:
    assert start(tmp_path / "run", max_evaluations=9).reason == "evaluations"
    individuals = [each.individual for each in evo_nas.load_run(tmp_path / "run").evaluated]
    assert len({(individual.fingerprint, individual.replicate) for individual in individuals}) == 9
    assert len(individuals) > 9


def test_settings_without_rungs_mean_what_they_meant(tmp_path: Path) -> None:
    start(tmp_path / "one", fidelity="full", eta=2)
    start(tmp_path / "two", fidelity="full", eta=3)
    assert run_digest(tmp_path / "one") == run_digest(tmp_path / "two")


def test_a_run_that_has_no_epochs_to_divide_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a recipe of 1 epochs has no rung"):
        start(tmp_path / "run", epochs=1)
    with pytest.raises(UserError, match='fidelity = "halving" judges networks after a part of their epochs'):
        evo_nas.search(
            killable.SPACE, evaluate=lambda individual: 1.0, objectives=["maximize score"], display=False,
            run_dir=tmp_path / "run", settings={"search": {"fidelity": "halving"}},
        )  # fmt: skip
    assert not (tmp_path / "run").exists()
