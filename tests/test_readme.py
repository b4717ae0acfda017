"""The README is true: its example runs as it stands, and its files exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from evo_nas.config import parse_settings
from evo_nas.running.preparation import make_plan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(after: str, language: str) -> str:
    """The first code block in a language after a text."""
    found = re.search(rf"```{language}\n(.*?)```", README[README.index(after) :], re.DOTALL)
    assert found
    return found[1]


@pytest.mark.usefixtures("prepared_tensorflow")
def test_the_example_has_twelve_lines_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = block("<!-- example -->", "python")
    assert len(example.splitlines()) == 12
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVO_NAS_STORE", "none")
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert "roc_auc" in capsys.readouterr().out
    assert (tmp_path / "runs" / "example" / "winner" / "model.keras").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_tensorflow")
def test_the_example_with_images_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVO_NAS_STORE", "none")
    names: dict[str, object] = {}
    exec(compile(block("## Your own images", "python"), "README.md", "exec"), names)
    assert "accuracy" in capsys.readouterr().out
    assert (tmp_path / "runs" / "digits" / "winner" / "attention.png").is_file()


def test_the_example_with_a_fitness_of_ones_own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(
        compile(block("your own:", "python"), "README.md", "exec"),
        {"evo_nas": __import__("evo_nas"), "space": {"encoding": "mlp", "layers": {"low": 1, "high": 3}}},
        names,
    )
    assert names["result"].best.outcome.metrics["score"] == -1.0


def test_the_example_that_asks_and_tells_finds_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    exec(compile(block("<!-- ask and tell -->", "python"), "README.md", "exec"), names)
    assert names["search"].best.genome.genes["units"] == 64
    assert names["search"].best_value < 0.01
    assert "adam" in capsys.readouterr().out


def test_the_settings_file_is_one() -> None:
    make_plan(parse_settings(tomllib.loads(block("settings file says", "toml")), where="README.md"), base=ROOT)


def test_every_file_that_is_named_exists() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / name).exists(), name
