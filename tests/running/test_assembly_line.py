"""`evo_nas.train` and `evo-nas train` with real training: by hand, in lists, by folds, and found again by the store."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import pytest

import evo_nas
from genomes import genome_of
from tests.command_line.commands import evo_nas as command

pytestmark = pytest.mark.usefixtures("prepared_tensorflow")

BY_HAND = {"Hidden layers": [8], "Activations": ["tanh"], "Optimization": "Adam", "Learning rate": 0.05}
NETWORKS = [BY_HAND, BY_HAND | {"Preprocessing": "Min-Max"}, BY_HAND | {"Hidden layers": [5, 5], "Activations": "relu"}]
RECIPE = {"epochs": 8, "metrics": ["roc_auc", "accuracy"]}

SETTINGS = """
[data]
name = "breast_cancer"
[space]
encoding = "mlp"
width = { low = 2, high = 3 }
[recipe]
epochs = 8
metrics = ["roc_auc", "accuracy"]
[search]
confirmation_replicates = 1
"""


def test_one_network_by_hand_then_more_into_the_same_table(tmp_path: Path) -> None:
    first = evo_nas.train(
        BY_HAND, "breast_cancer", recipe=RECIPE, run_dir=tmp_path / "run", store="none", workers=1, display=False
    )
    assert first.best.individual.genome == genome_of(BY_HAND)
    assert first.scores["test"]["roc_auc"] > 0.9
    result = evo_nas.train(NETWORKS, run_dir=tmp_path / "run", store="none", workers=1, display=False)
    table = result.ranking
    assert list(result.individuals["id"]) == [0, 1, 2]
    assert table["roc_auc"].is_monotonic_decreasing
    assert {"loss", "accuracy", "parameters", "seconds", "learning_rate", "layers"} <= set(table.columns)
    assert result.individuals["roc_auc"][0] == first.individuals["roc_auc"][0]
    assert list(pandas.read_csv(tmp_path / "run" / "individuals.csv")["num_layers"]) == [1, 1, 2]


@pytest.mark.slow
def test_a_later_run_finds_what_was_trained_by_hand(tmp_path: Path) -> None:
    store, folds = str(tmp_path / "store.db"), RECIPE | {"validation": {"folds": 3}}
    one = evo_nas.train(
        BY_HAND, "iris", recipe=folds | {"metrics": ["accuracy"]}, run_dir=tmp_path / "one", store=store
    )
    many = evo_nas.train(
        NETWORKS, "iris", recipe=folds | {"metrics": ["accuracy"]}, run_dir=tmp_path / "many", store=store
    )
    known, found = one.evaluated[0].outcome, many.evaluated[0].outcome
    assert len(known.epochs) == 3
    assert (known.metrics, known.seconds) == (found.metrics, found.seconds)
    assert pandas.read_csv(tmp_path / "many" / "generations.csv")["found"].sum() == 1


@pytest.mark.slow
def test_the_command_ranks_a_list_and_continues_it(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text(SETTINGS)
    (tmp_path / "networks.json").write_text(json.dumps(NETWORKS[:2]))
    (tmp_path / "more.json").write_text(json.dumps(NETWORKS[2]))
    asked = ["--run-dir", tmp_path / "run", "--store", "none", "--workers", "1"]
    said = command("train", tmp_path / "e.toml", tmp_path / "networks.json", *asked)
    assert said.exit_code == 0, said
    assert [line.split()[0] for line in said.output.splitlines()[:3]] == ["rank", "1", "2"]
    assert "test score" in said.output
    said = command("train", tmp_path / "e.toml", tmp_path / "more.json", *asked)
    assert said.exit_code == 0, said
    assert "8 tanh, adam 0.05, batch 32" in said.output
    assert "5-5 relu, adam 0.05, batch 32" in said.output
    winner = tmp_path / "run" / "winner" / "genome.json"
    again = command("train", tmp_path / "e.toml", winner, "--folds", "2", *asked[2:], "--run-dir", tmp_path / "folds")
    assert again.exit_code == 0, again
    assert len(evo_nas.load_run(tmp_path / "folds").evaluated[0].outcome.epochs) == 2
