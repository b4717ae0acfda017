"""The table and the pictures of all that was tried."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from evo_nas.individual import Evaluated, Individual, Objective
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.ranking import ranked
from evo_nas.report.trial_pictures import Trial, draw_learning, draw_scores, spread_out, titled
from evo_nas.report.trial_table import mean_by_value, trial_header, trial_lines, trial_rows, varied_genes
from genomes import Genome, encoding_from

ENCODING = encoding_from(
    {
        "encoding": "mlp",
        "layers": [1, 2],
        "width": [8, 16],
        "optimizer": ["adam", "sgd"],
        "momentum": [0.0, 0.9],
        "learning_rate": 0.01,
    }
)
GENES = ("layers", "width", "optimizer", "momentum")
METRICS = ("accuracy", "loss")
CURVES = ({"validation_accuracy": [0.1, 0.5, 0.6], "validation_loss": [3.0, math.nan, 1.0]},) * 2


def tried(number: int, accuracy: float | None, *widths: int, **genes: Any) -> Evaluated:
    layers = tuple({"width": width} for width in widths)
    genome = ENCODING.repair(Genome("mlp", genes, layers))
    individual = Individual(number, 0, genome, ENCODING.fingerprint(genome))
    if accuracy is None:
        return Evaluated(individual, failure(Status.DIVERGED, "on purpose", seconds=0.5))
    metrics = {"accuracy": accuracy, "loss": 1.0 - accuracy}
    return Evaluated(individual, Outcome(Status.OK, metrics, parameters=99, epochs=(2, 3), seconds=0.25))


RANKING = ranked(
    [
        tried(0, 0.7, 8, optimizer="adam"),
        tried(1, None, 16, optimizer="sgd", momentum=0.9),
        tried(2, 0.9, 8, 16, optimizer="sgd"),
        tried(3, 0.8, 16, 16, optimizer="adam"),
    ],
    [Objective("accuracy", maximize=True)],
)
HEADER = trial_header(GENES, METRICS)
ROWS = trial_rows(RANKING, ENCODING, GENES, METRICS)


def test_a_row_for_each_network_and_a_column_for_each_gene_that_varied() -> None:
    assert varied_genes(ENCODING) == GENES
    assert list(HEADER) == ["rank", "id", "status", *METRICS, *GENES, "parameters", "epochs", "seconds"]
    expected = [
        (1, 2, "ok", 0.9, pytest.approx(0.1), 2, "8 16", "sgd", 0.0, 99, 5, 0.25),
        (2, 3, "ok", 0.8, pytest.approx(0.2), 2, 16, "adam", None, 99, 5, 0.25),
        (3, 0, "ok", 0.7, pytest.approx(0.3), 1, 8, "adam", None, 99, 5, 0.25),
        (4, 1, "diverged", None, None, 1, 16, "sgd", 0.9, 0, 0, 0.5),
    ]
    assert expected == ROWS


def test_lines_for_a_person() -> None:
    lines = trial_lines(HEADER, ROWS)
    assert " ".join(lines[1].split()) == "1 2 ok 0.9 0.1 2 8 16 sgd 0 99 5 0.25"
    assert " ".join(lines[4].split()) == "4 1 diverged - - 1 16 sgd 0.9 0 0 0.5"
    many = trial_lines(HEADER, ROWS * 10)
    assert len(many) == 1 + 15 + 1 + 3
    assert many[16] == "... 22 more ..."


def test_means_leave_out_what_is_not_there() -> None:
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    assert mean_by_value(rows, "optimizer", "accuracy") == {"sgd": 0.9, "adam": pytest.approx(0.75)}
    assert mean_by_value(rows, "momentum", "accuracy") == {0.0: 0.9}


def test_a_title_names_what_has_an_effect() -> None:
    rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    assert [titled(row, GENES) for row in rows] == ["2 8 16 sgd 0", "2 16 adam", "1 8 adam", "1 16 sgd 0.9"]


@pytest.mark.parametrize(
    ("count", "most", "places"),
    [(3, 24, [0, 1, 2]), (5, 3, [0, 2, 4]), (100, 4, [0, 33, 66, 99]), (0, 5, [])],
)
def test_places_from_the_best_to_the_worst(count: int, most: int, places: list[int]) -> None:
    successes = [tried(number, 0.5, 8) for number in range(count)]
    assert spread_out([*successes, tried(count, None, 8)], most) == places


def test_the_pictures_are_drawn(tmp_path: Path) -> None:
    draw_scores([tmp_path / "scores.png", tmp_path / "scores.svg"], RANKING, "accuracy")
    trials = [Trial(rank, each, "a & <b>", CURVES) for rank, each in enumerate(RANKING, start=1)] * 2
    draw_learning([tmp_path / "learning.png", tmp_path / "learning.svg"], trials, "accuracy")
    draw_learning([tmp_path / "one.svg"], [Trial(1, RANKING[-1])], "accuracy")
    draw_scores([tmp_path / "none.svg"], RANKING[-1:], "accuracy")
    for name in ("scores", "learning"):
        assert (tmp_path / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
        assert "<svg" in (tmp_path / f"{name}.svg").read_text()
    assert "validation accuracy" in (tmp_path / "scores.svg").read_text().replace("\n", " ")
