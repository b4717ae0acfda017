"""How a saved winner decides is told and drawn, to those who may see it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from evo_nas.display import Silent
from evo_nas.history import RunFolder
from evo_nas.insight import INSIGHT_FILE, save_insight
from evo_nas.reporting import write_report
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from evo_nas.running.scores import read_scores
from evo_nas.running.winner_decisions import decision_lines
from experiments.made_up_run import Size, make_run
from tests.command_line.commands import evo_nas as command
from tests.faults import killable
from tests.report.insights import of_classes

CLASSES = ("benign", "malignant")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run whose winner was looked at when it was saved."""
    folder = RunFolder(make_run(tmp_path_factory.mktemp("made") / "run", Size(20, 10)))
    model = hashlib.sha256(folder.model.read_bytes()).hexdigest()
    save_insight(of_classes(CLASSES, model=model), folder.winner)
    return folder.path


def told() -> str:
    confusion = of_classes(CLASSES).confusion
    (truth, predicted) = np.unravel_index((confusion - np.diag(np.diag(confusion))).argmax(), confusion.shape)
    return f"mistaken most: {CLASSES[truth]} taken for {CLASSES[predicted]} ("


def test_status_and_show_tell_which_classes_are_mistaken(made: Path) -> None:
    best = read_scores(RunFolder(made))
    assert best is not None
    for said in (command("status", made), command("show", made, "best")):
        assert told() in said.output
        assert "; in 2,000 test rows" in said.output
    others = {str(number) for number in range(20)} - {str(best["individual"])}
    other = next(name for name in sorted(others) if command("show", made, name).exit_code == 0)
    assert "mistaken most" not in command("show", made, other).output


def test_the_report_has_a_panel(made: Path) -> None:
    text = write_report(made, made.parent / "report.html").read_text(encoding="utf-8")
    assert "How the winner decides" in text
    assert "of 2,000 test rows right" in text


def test_what_test_rows_say_is_hidden_while_the_test_score_is(made: Path) -> None:
    folder = RunFolder(made)
    scores = read_scores(folder)
    assert scores is not None
    assert decision_lines(folder, scores)
    assert decision_lines(folder, {**scores, "test": {}}) == []
    assert decision_lines(folder, None) == []


def test_of_another_network_nothing_is_told(made: Path) -> None:
    folder = RunFolder(made)
    scores = read_scores(folder)
    assert scores is not None
    assert decision_lines(folder, {**scores, "files": {"model.keras": "0" * 64}}) == []


def test_a_damaged_file_is_a_sentence_and_the_report_is_written(tmp_path: Path) -> None:
    folder = RunFolder(make_run(tmp_path / "run", Size(10, 10)))
    (folder.winner / INSIGHT_FILE).write_text("{}")
    assert "not what a winner's export keeps, or damaged" in command("status", folder.path).output
    text = write_report(folder.path).read_text(encoding="utf-8")
    assert "How the winner decides cannot be shown" in text


def test_a_run_that_is_finished_draws_how_its_winner_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers' handlers write no insight; what they would have kept is put there when the scores are written."""
    from evo_nas.running import shipping

    write = shipping.write_scores

    def with_insight(folder: RunFolder, scores: dict[str, object]) -> None:
        model = hashlib.sha256(folder.model.read_bytes()).hexdigest()
        save_insight(of_classes(CLASSES, model=model), folder.winner)
        write(folder, scores)

    monkeypatch.setattr(shipping, "write_scores", with_insight)
    plan = make_plan(killable.settings({"generations": "1"}), base=Path.cwd(), dataset=killable.data())
    launch.start(plan, tmp_path / "run", Choices(workers=1, handlers="tests.faults.fake_training"), Silent())
    drawn = tmp_path / "run" / "winner" / "confusion.png"
    assert drawn.read_bytes()[:4] == b"\x89PNG"
    assert f"how it decides: confusion.png in {drawn.parent}" in command("status", tmp_path / "run").output
