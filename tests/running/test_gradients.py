"""Gradients of a space's networks, from Python and from the command line, in a worker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evo_nas
from evo_nas.errors import UserError
from tests.command_line.commands import evo_nas as command

SETTINGS = """
[data]
name = "iris"
[space]
encoding = "mlp"
layers = 1
width = [4, 6]
activation = "tanh"
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.toml"
    path.write_text(SETTINGS)
    return path


def test_from_the_command_line(experiment: Path, tmp_path: Path) -> None:
    network = tmp_path / "network.json"
    network.write_text(json.dumps({"Hidden layers": [30, 7], "Activations": ["tanh", "relu"]}))
    said = command("check-gradients", experiment, "--genome", network, "--rows", "8")
    assert said.exit_code == 0, said.errors
    lines = said.output.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["hidden_1/kernel", "hidden_1/bias"]
    assert "40 of 210" in next(line for line in lines if line.startswith("hidden_2/kernel"))
    assert lines[-1] in ("gradients: right", "gradients: probably right")


def test_from_python_a_winner_is_as_good_as_a_dictionary(tmp_path: Path) -> None:
    space = {"encoding": "mlp", "layers": 1, "width": 4, "activation": "tanh"}
    report = evo_nas.check_gradients(space, "iris", recipe={"loss": "auto"})
    assert report.verdict == "right", report
    assert [tensor.num_entries for tensor in report.tensors] == [16, 4, 12, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"Hidden layers": [3]}, {"Hidden layers": [4]}]', "expected one network, got 2"),
        ("[3]", "network 1"),
        ("{", "cannot be read as JSON"),
    ],
)
def test_a_file_of_no_network(experiment: Path, tmp_path: Path, content: str, message: str) -> None:
    network = tmp_path / "network.json"
    network.write_text(content)
    said = command("check-gradients", experiment, "--genome", network)
    assert said.exit_code == 2
    assert message in said.errors


def test_one_row_has_no_statistics() -> None:
    with pytest.raises(
        UserError, match="num_rows: expected 2 or more, since a batch of one row has no statistics, got 1"
    ):
        evo_nas.check_gradients({"encoding": "mlp"}, "iris", num_rows=1)
