"""Runs of a grid: how long they are, how they end, and that they are the same however they were cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest

import evo_nas
from evo_nas import UserError
from evo_nas.config import Settings, parse_record
from evo_nas.display import Silent
from evo_nas.history import Ledger
from evo_nas.running import launch
from evo_nas.running.choices import Choices, Ending
from evo_nas.running.loop import EVALUATIONS_SPENT, FINISHED, Generation
from evo_nas.running.observer import Progress
from evo_nas.running.preparation import make_plan, open_run
from evo_nas.running.verification import verify
from evo_nas.summary import ending_lines, run_digest, status_lines

SPACE = {
    "encoding": "mlp",
    "layers": [1, 2, 3],
    "width": [4, 8],
    "activation": ["relu", "tanh"],
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
}
NUM_POINTS = 3 * 2 * 2 * 3


def fitness(individual: Any) -> tuple[float]:
    return (float(individual.genes["learning_rate"]) * len(individual),)


class Listening(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.planned: list[tuple[int, int]] = []

    def generation_ended(self, generation: Generation, progress: Progress) -> None:
        self.planned.append((progress.num_told, progress.num_proposals))

    def message(self, text: str) -> None:
        self.heard.append(text)


def run(path: Path, observer: Silent | None = None, **search: Any) -> Ending:
    asked = {"strategy": "grid", "objectives": ["maximize score"], "population": 10, **search}
    settings = parse_record(Settings, {"space": SPACE, "search": asked}, where="test")
    return launch.start(make_plan(settings, base=path), path, choices(), observer or Silent())


def choices(**limits: Any) -> Choices:
    box = evo_nas.toolbox(SPACE)
    box.register("evaluate", fitness)
    return Choices(toolbox=box, pictures=False, **limits)


def test_it_trains_every_point_and_ends(tmp_path: Path) -> None:
    listening = Listening()
    ending = run(tmp_path / "run", listening)
    assert (ending.reason, ending.num_individuals, ending.num_planned) == (FINISHED, NUM_POINTS, NUM_POINTS)
    assert listening.heard[0].startswith(f"the grid has {NUM_POINTS} points (3 of layers, 2 of width, ")
    assert listening.heard[-1] == "every point of the grid has been trained"
    assert listening.planned[-1] == (NUM_POINTS, NUM_POINTS)
    table = pandas.read_csv(tmp_path / "run" / "individuals.csv")
    assert len(table) == len(table.drop_duplicates(["layers", "learning_rate"])) == NUM_POINTS
    assert open_run(tmp_path / "run", read_only=True).plan.settings.search.generations == 4
    assert [finding for finding in verify(tmp_path / "run", toolbox=choices().toolbox) if not finding.ok] == []


def test_what_is_said_of_it(tmp_path: Path) -> None:
    ending = run(tmp_path / "run")
    lines = ending_lines(ending, tmp_path / "run")
    assert lines[0].startswith("finished after ")
    assert not any("--generations" in line for line in lines)
    assert any(
        f"{NUM_POINTS} proposed, {NUM_POINTS} evaluated, 0 failed, {NUM_POINTS} planned" in line
        for line in status_lines(tmp_path / "run")
    )


def test_from_python_generations_need_not_be_given(tmp_path: Path) -> None:
    result = evo_nas.search(
        SPACE, objectives=["maximize score"], strategy="grid", evaluate=fitness, run_dir=tmp_path / "run", display=False
    )
    assert len(result.evaluated) == NUM_POINTS
    genome = result.best.individual.genome
    assert (genome.genes["learning_rate"], len(genome.layers)) == (0.1, 3)


def test_a_budget_below_it_is_said_first_and_can_be_raised(tmp_path: Path) -> None:
    listening, folder = Listening(), tmp_path / "run"
    ending = run(folder, listening, max_evaluations=11)
    assert ending.reason == EVALUATIONS_SPENT
    assert listening.heard[0].endswith("; the budget is for 11 of them, taken at random")
    ending = launch.resume(folder, choices(max_evaluations=1000), Silent())
    assert (ending.reason, ending.num_individuals) == (FINISHED, NUM_POINTS)
    run(tmp_path / "whole")
    assert run_digest(folder).hash == run_digest(tmp_path / "whole").hash


def test_generations_that_are_added_add_points_as_long_as_there_are_any(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run(folder, generations=2).num_individuals == 20
    for asked in (3, 9):
        ending = launch.resume(folder, choices(num_generations=asked), Silent())
        assert ending.num_individuals == min(10 * asked, NUM_POINTS)
    run(tmp_path / "whole")
    assert run_digest(folder).hash == run_digest(tmp_path / "whole").hash


def test_one_that_is_stopped_goes_on(tmp_path: Path) -> None:
    folder, whole = tmp_path / "run", tmp_path / "whole"
    run(whole)
    settings = open_run(whole, read_only=True).plan.settings.model_copy(update={"run": None})
    stopped = iter([False, True])
    launch.start(make_plan(settings, base=tmp_path), folder, choices(stop=lambda: next(stopped, True)), Silent())
    with Ledger.read_only(folder / "run.db") as ledger:
        assert len(ledger.trainings()) <= NUM_POINTS
    launch.resume(folder, choices(), Silent())
    assert run_digest(folder).hash == run_digest(whole).hash


def test_coarse_to_fine_extended_is_the_one_that_went_on(tmp_path: Path) -> None:
    listening = Listening()
    run(tmp_path / "run", listening, strategy="coarse_to_fine", generations=3)
    assert "round 2, after the best 4 of " in listening.heard[-1]
    launch.resume(tmp_path / "run", choices(num_generations=5), listening)
    assert "round 3, after the best 4 of " in listening.heard[-1]
    run(tmp_path / "whole", strategy="coarse_to_fine", generations=5)
    assert run_digest(tmp_path / "run").hash == run_digest(tmp_path / "whole").hash


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"where": "widht < 5"}, r"\[search\] grid: condition: 'widht' \(did you mean 'width'\?\)"),
        ({"where": "width < 1"}, r"\[search\] grid: where = 'width < 1' admits no point of the grid"),
    ],
)
def test_a_grid_that_cannot_be_leaves_no_folder(tmp_path: Path, grid: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        run(tmp_path / "run", grid=grid)
    assert not (tmp_path / "run").exists()
