"""`evo-nas compare` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line.commands import evo_nas

SETTINGS = """
[data]
name = "iris"
[space]
encoding = "mlp"
layers = { low = 1, high = 2 }
width = { low = 4, high = 16 }
batch_size = 32
[recipe]
epochs = 2
metrics = ["accuracy"]
[search]
population = 3
confirmation_replicates = 1
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text(SETTINGS)
    return path


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--strategies", "surrogat"), "did you mean 'surrogate'"),
        (("--strategies", "random,nsga2"), "nsga2: "),
        (("--strategies", "hyperband"), "has no rung"),
        (("--strategies", "surrogate:batch=none"), "batch"),
    ],
)
def test_what_cannot_be_run_gets_one_sentence_and_no_folder(
    experiment: Path, options: tuple[str, ...], text: str
) -> None:
    said = evo_nas("compare", experiment, *options, "--run-dir", experiment.parent / "run")
    assert said.exit_code == 2
    assert said.errors.startswith("evo-nas: ")
    assert said.errors.count("\n") == 1
    assert text in said.errors
    assert not (experiment.parent / "run").exists()


@pytest.mark.slow
def test_real_runs_make_a_table_and_a_picture(experiment: Path) -> None:
    folder = experiment.parent / "run"
    options = ("--strategies", "surrogate,random", "--seeds", "2", "--evaluations", "3", "--run-dir", folder)
    said = evo_nas("compare", experiment, *options, "--workers", "1")
    assert said.exit_code == 0, said.errors
    assert said.output.startswith("| strategy | search accuracy |")
    assert "[4/4] random, seed 1: search 0." in said.errors
    assert (folder / "comparison.svg").is_file()
    again = evo_nas("compare", experiment, *options)
    assert again.output == said.output
    assert again.errors.count("was finished before") == 4
