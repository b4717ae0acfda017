"""`evo-nas import`: from a file of another tool to a run that starts with its networks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evo_nas.errors import UserError
from evo_nas.history import read_checkpoint
from evo_nas.history.given_genomes import given_text
from genomes import MlpEncoding
from tests.command_line.commands import evo_nas

FILES = Path(__file__).with_name("files")
SETTINGS = """
[data]
name = "iris"
[space]
encoding = "mlp"
layers = { low = 1, high = 2 }
width = { low = 4, high = 64 }
optimizer = ["adam", "sgd"]
learning_rate = { low = 1e-3, high = 1e-1, scale = "log" }
"""


def test_import_says_what_it_took_and_the_file_starts_a_run(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS)
    file = tmp_path / "genomes.json"
    said = evo_nas("import", "kerastuner", FILES / "kerastuner", "--into", tmp_path / "e.toml", "-o", file)
    assert said.exit_code == 0, said.errors
    assert "4 trials read, 2 taken" in said.output
    assert "left out 1: not finished (failed)" in said.output
    assert "2 lay outside the space and were brought into it" in said.output
    assert "their scores are not taken over, each is trained here" in said.output
    checkpoint = read_checkpoint(file)
    assert [member.individual.genome.layers[0]["width"] for member in checkpoint.population] == [64, 64]
    assert not any(member.outcome.ok for member in checkpoint.population)
    assert checkpoint.run == "kerastuner kerastuner"


def test_a_run_begins_with_what_was_imported(tmp_path: Path) -> None:
    from evo_nas.display import Silent
    from evo_nas.result import Result
    from evo_nas.running import launch
    from evo_nas.running.choices import Choices
    from evo_nas.running.preparation import make_plan
    from tests.faults import killable

    file = tmp_path / "genomes.json"
    assert evo_nas("import", "optuna", FILES / "optuna_study.log", "-o", file).exit_code == 0
    settings = killable.settings({"generations": "1"})
    plan = make_plan(settings, base=tmp_path, dataset=killable.data())
    choices = Choices(workers=1, pictures=False, handlers="tests.faults.fake_training")
    launch.start(plan, tmp_path / "run", choices, Silent(), checkpoint=read_checkpoint(file))
    first = [each.individual for each in Result(tmp_path / "run").evaluated][:3]
    assert [individual.operator for individual in first] == ["checkpoint"] * 3
    assert [len(individual.genome.layers) for individual in first] == [2, 2, 2]
    assert [individual.genome.layers[0]["width"] for individual in first] == [16, 16, 6]


def test_names_are_mapped(tmp_path: Path) -> None:
    table = tmp_path / "scan.csv"
    table.write_text("breite,lr\n8,0.01\n16,0.02\n")
    plain = evo_nas("import", "talos", table, "-o", tmp_path / "plain.json")
    assert "names that mean no gene: breite; --map NAME=GENE" in plain.output
    said = evo_nas("import", "talos", table, "--map", "breite=width", "-o", tmp_path / "mapped.json")
    assert "mean no gene" not in said.output
    layers = [member["layers"] for member in json.loads((tmp_path / "mapped.json").read_text())["genomes"]]
    assert [layer[0]["width"] for layer in layers] == [8, 16]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("talos", "missing.csv"), "missing.csv: no such file or folder"),
        (("talos", FILES / "talos.csv", "--map", "units"), "--map: expected NAME=GENE, such as --map units=width"),
        (("talos", FILES / "talos.csv", "--map", "units=breadth"), "'breadth' is no gene; known genes: activation"),
        (("talos", FILES / "talos.csv", "--into", "missing.toml"), "missing.toml"),
        (("talos", FILES / "talos.csv", "-o", FILES / "talos.csv"), "talos.csv exists already"),
        (("weka", FILES / "talos.csv"), "expected one of kerastuner, talos, optuna, got 'weka'"),
    ],
)
def test_what_cannot_be_imported_gets_one_sentence(
    tmp_path: Path, arguments: tuple[str | Path, ...], sentence: str
) -> None:
    given = arguments if "-o" in arguments else (*arguments, "-o", tmp_path / "genomes.json")
    said = evo_nas("import", *given)
    assert said.exit_code == 2
    assert sentence in said.errors
    assert said.errors.count("\n") == 1
    assert not (tmp_path / "genomes.json").exists()


@pytest.mark.bad_input
def test_nothing_is_written_where_nothing_was_taken(tmp_path: Path) -> None:
    table = tmp_path / "scan.csv"
    table.write_text("fruit\napple\n")
    said = evo_nas("import", "talos", table, "-o", tmp_path / "genomes.json")
    assert said.exit_code == 2
    assert "none of its 1 trials became a genome, so nothing was written" in said.errors
    assert not (tmp_path / "genomes.json").exists()


def test_a_list_of_genomes_may_be_edited_by_hand(tmp_path: Path) -> None:
    genome = MlpEncoding.from_space(MlpEncoding.default_space()).default()
    file = tmp_path / "genomes.json"
    file.write_text(given_text([genome], source="somewhere").replace('"adam"', '"sgd"'))
    (member,) = read_checkpoint(file).population
    assert member.individual.genome.genes["optimizer"] == "sgd"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "genomes", ["[]", "{}", "3", "[3]", '[{"encoding": "mlp"}]', '[{"encoding": "mlp", "genes": [1], "layers": []}]']
)
def test_a_list_of_genomes_that_is_none(tmp_path: Path, genomes: str) -> None:
    file = tmp_path / "genomes.json"
    file.write_text(f'{{"format": 1, "evo_nas": "0.3.0", "source": "here", "genomes": {genomes}}}')
    with pytest.raises(UserError, match="is no list of genomes"):
        read_checkpoint(file)
