"""What a person can get wrong in a list of networks: one sentence, exit code 2, and no half-made run folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import evo_nas as package
from tests.command_line.commands import Said, evo_nas

pytestmark = pytest.mark.bad_input

SETTINGS = '[data]\nname = "iris"\n[space]\nencoding = "mlp"\n[recipe]\nepochs = 1\n'
GOOD = {"Hidden layers": [3]}


def train(folder: Path, text: str) -> Said:
    (folder / "e.toml").write_text(SETTINGS)
    (folder / "networks.json").write_text(text)
    return evo_nas("train", folder / "e.toml", folder / "networks.json", "--run-dir", folder / "run", "--store", "none")


FAULTS = {
    "no JSON": ("[{", "networks.json: cannot be read as JSON"),
    "nothing in it": ("[]", "networks.json: expected at least one network, got an empty list"),
    "a number": ("3", "network 1: expected a dictionary"),
    "unknown key": (json.dumps([GOOD, {"Layers": [3]}]), "network 2: unknown key 'Layers'"),
    "unequal lists": (json.dumps([GOOD | {"Activations": ["relu"] * 2}]), "network 1: Activations: expected as many"),
    "unknown activation": (json.dumps(GOOD | {"Activations": "rellu"}), "Activations: .*did you mean 'relu'"),
    "no kind of penalty": (json.dumps(GOOD | {"Reg param": 1}), 'Reg param: is given without "Regularization"'),
    "other inputs": (json.dumps(GOOD | {"Input size": 91}), "Input size: 91 does not fit the data.* 4 inputs"),
    "NaN": ('{"Hidden layers": [3], "Learning rate": NaN}', "Learning rate: expected a number"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_bad_list_ends_in_a_sentence(tmp_path: Path, kind: str) -> None:
    text, pattern = FAULTS[kind]
    said = train(tmp_path, text)
    assert said.exit_code == 2, said
    assert said.errors.count("\n") == 1
    assert re.search(pattern, said.errors), said.errors
    assert not (tmp_path / "run").exists()


def test_a_missing_list_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS)
    said = evo_nas("train", tmp_path / "e.toml", tmp_path / "none.json")
    assert said.exit_code == 2
    assert "none.json: no such file; write a list such as" in said.errors


def test_too_many_folds_end_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS)
    (tmp_path / "networks.json").write_text(json.dumps(GOOD))
    said = evo_nas("train", tmp_path / "e.toml", tmp_path / "networks.json", "--folds", "3000")
    assert said.exit_code == 2
    assert said.errors == "evo-nas: [recipe] validation: folds: input should be less than or equal to 1000, got 3000\n"


def test_a_list_is_no_strategy_of_a_search(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS + '[search]\nstrategy = "listed"\n')
    said = evo_nas("run", tmp_path / "e.toml", "--run-dir", tmp_path / "run", "--store", "none")
    assert said.exit_code == 2
    assert "trains the networks that it is given, and there are none; `evo-nas train" in said.errors
    assert not (tmp_path / "run").exists()


BAD_CALLS = {
    "no data and no folder": ({}, "train: expected data to train on, or the run_dir alone"),
    "a recipe without data": ({"run_dir": "x", "recipe": {"epochs": 3}}, "train: expected data to train on"),
    "a folder without a run": ({"run_dir": "x"}, "no such run folder"),
    "an unknown key of the recipe": ({"data": "iris", "recipe": {"epoch": 3}}, "did you mean 'epochs'"),
    "no network at all": ({"data": "iris", "networks": None}, "train: network 1: expected a dictionary such as"),
    "no worker": ({"data": "iris", "workers": 0, "store": "none"}, "workers: expected at least 1, got 0"),
    "the class of a tracker": (
        {"data": "iris", "trackers": [package.Tracker], "store": "none"},
        "trackers: expected objects of a subclass of evo_nas.Tracker, got <class",
    ),
    "inputs that do not fit": (
        {"data": "iris", "networks": [GOOD | {"Input size": 5}]},
        "train: network 1: Input size",
    ),
}


@pytest.mark.parametrize("kind", BAD_CALLS)
def test_a_bad_call_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, pattern = BAD_CALLS[kind]
    with pytest.raises(package.UserError, match=pattern):
        package.train(**{"networks": GOOD, "display": False} | arguments)
    assert not list(tmp_path.iterdir())


def test_the_rows_of_an_experiment_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS)
    said = evo_nas("data-pictures", tmp_path / "e.toml", "-o", tmp_path / "data.svg", "--rows", "20")
    assert (said.exit_code, said.errors) == (0, "")
    assert said.output.endswith("data.svg written: 20 of 120 rows, 4 inputs\n")
    assert (tmp_path / "data.svg").read_text().startswith("<?xml")
    said = evo_nas("data-pictures", tmp_path / "e.toml", "-o", tmp_path / "data.gif")
    assert said.exit_code == 2
    assert "expected a picture that ends in .png or .svg" in said.errors
