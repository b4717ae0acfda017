from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pandas
import pytest

from evo_nas.outcome import Status, failure
from evo_nas.report.tables import IndividualColumns, append_individuals, layers_text
from tests.history.made_up import TRAINING_GENES, made_run

COLUMNS = IndividualColumns(("loss", "roc_auc"), tuple(TRAINING_GENES))
RUN = made_run(3, 8, seed=2)


def test_a_spreadsheet_reads_every_number_back(tmp_path: Path) -> None:
    path = tmp_path / "individuals.csv"
    append_individuals(path, RUN, COLUMNS)
    frame = pandas.read_csv(path, keep_default_na=False, na_values={"loss": [""], "roc_auc": [""]})
    assert len(frame) == len(RUN)
    for row, each in zip(frame.to_dict("records"), RUN, strict=True):
        individual, outcome = each.individual, each.outcome
        assert (row["id"], row["generation"], row["operator"]) == (
            individual.id,
            individual.generation,
            individual.operator,
        )
        assert row["parents"] == " ".join(str(parent) for parent in individual.parents)
        assert (row["status"], row["parameters"], row["seconds"]) == (
            outcome.status,
            outcome.parameters,
            outcome.seconds,
        )
        assert row["loss"] == outcome.metrics["loss"] if outcome.ok else math.isnan(row["loss"])
        assert row["learning_rate"] == individual.genome.genes["learning_rate"]
        assert row["num_layers"] == len(individual.genome.layers)
        assert row["layers"] == layers_text(individual.genome.layers)


def test_the_columns_of_a_row() -> None:
    assert IndividualColumns(("loss",), ("optimizer", "status", "layers")).header() == (
        "id", "generation", "parents", "operator", "changes", "replicate", "rung", "status", "message", "loss",
        "parameters", "flops", "seconds", "epochs", "effective_epochs",
        "optimizer", "gene_status", "gene_layers", "num_layers", "layers",
    )  # fmt: skip


def test_layers_are_told_in_one_cell() -> None:
    layers = [{"width": 32, "activation": "relu", "dropout": 0.1}, {"width": 16, "activation": "tanh", "dropout": 0.0}]
    assert layers_text(layers) == "32 relu 0.1 | 16 tanh 0.0"
    assert layers_text([]) == ""


def test_appending_generations_gives_the_table_that_is_written_at_once(tmp_path: Path) -> None:
    for generation in range(3):
        append_individuals(tmp_path / "a.csv", RUN[8 * generation : 8 * generation + 8], COLUMNS)
    append_individuals(tmp_path / "b.csv", RUN, COLUMNS)
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


@pytest.mark.parametrize("message", ['said "no", twice', "two\nlines", "a;b,c", "naïve ✓", "half \udcff"])
def test_any_message_stays_in_its_cell(tmp_path: Path, message: str) -> None:
    failed = replace(RUN[0], outcome=failure(Status.CRASHED, message))
    append_individuals(tmp_path / "individuals.csv", [failed, RUN[1]], COLUMNS)
    with (tmp_path / "individuals.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert rows[0]["message"] == message.replace("\udcff", "\\udcff")
    assert rows[0]["loss"] == ""
    assert rows[1]["status"] == RUN[1].outcome.status
