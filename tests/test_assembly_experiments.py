"""The experiments about networks that a person wrote down run at a small scale, from their own commands."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest

import evo_nas
from experiments.assembly_materials import FULL
from experiments.width_returns import WIDTHS, networks
from genomes import genome_of
from tests.test_experiments import run


def test_the_dictionaries_of_the_line_are_networks_of_91_inputs_and_all_different() -> None:
    genomes = [genome_of(each, num_inputs=91) for each in (*FULL.dictionaries, *networks(WIDTHS))]
    assert len({str(genome.to_json()) for genome in genomes}) == len(genomes) == 34


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_assembly_line_ends_in_one_network_with_two_scores(tmp_path: Path) -> None:
    folder = tmp_path / "line"
    done = run(tmp_path, "experiments.assembly_line", "--run-dir", str(folder), "--smoke")
    assert done.returncode in (0, 1), done.stderr
    assert "search score: ROC AUC" in done.stdout
    assert "test score:   ROC AUC" in done.stdout
    assert "seconds: " in done.stdout
    table = pandas.read_csv(folder / "results.csv")
    assert set(table["station"]) == {"quick", "folds", "coarse_to_fine"}
    assert {"loss", "accuracy", "roc_auc", "learning_rate", "layers", "parameters"} <= set(table.columns)
    assert (folder / "data.png").read_bytes()[:4] == b"\x89PNG"
    folds = evo_nas.load_run(folder / "folds")
    assert folds.scores["individual"] == folds.ranking["id"][0]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_widths_are_tabled_and_drawn(tmp_path: Path) -> None:
    done = run(tmp_path, "experiments.width_returns", "--run-dir", str(tmp_path / "run"), "--smoke")
    assert "units from which on more bring nothing" in done.stdout, done.stderr
    assert (tmp_path / "run" / "curves" / "width_returns.svg").is_file()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_trained_by_hand_is_searched_on_and_trained_further(tmp_path: Path) -> None:
    done = run(tmp_path, "experiments.by_hand", "--run-dir", str(tmp_path / "run"), "--smoke")
    assert done.returncode in (0, 1), done.stderr
    assert "trained further: " in done.stdout
    generations = pandas.read_csv(tmp_path / "run" / "searched" / "generations.csv")
    assert generations["found"].sum() == 4
