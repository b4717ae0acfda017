"""Tables and curves of comparisons whose numbers are known."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evo_nas.individual import Objective
from evo_nas.report.comparison import ComparedRun, Comparison, Step, score_at
from evo_nas.report.comparison_picture import draw_comparison, mean_curve
from evo_nas.report.comparison_table import run_rows, strategy_rows, table_lines, verdicts
from evo_nas.report.tables import csv_text

ACCURACY, LOSS = Objective("accuracy", True), Objective("loss", False)


def made_run(strategy: str, seed: int, score: float) -> ComparedRun:
    steps = (Step(1, 5, 1.0, None), Step(2, 10, 2.0, score - 0.1), Step(3, 15, 4.0, score))
    scores = {"search": score, "confirmation": score - 0.01, "test": score - 0.02}
    return ComparedRun(strategy, seed, "evaluations", 3, 15, 4.0, scores, steps)


def made_up(objective: Objective = ACCURACY, gains: tuple[float, ...] = (0.01, 0.02, 0.03, 0.04, 0.05)) -> Comparison:
    """b is worse than a by its gains, c is as good as a. A seed is worth a tenth."""
    runs = []
    for seed, gain in enumerate(gains):
        score = 0.5 + seed / 10
        lesser = score - objective.weight * gain
        runs += [made_run("a", seed, score), made_run("b", seed, lesser), made_run("c", seed, score)]
    return Comparison(("a", "b", "c"), objective, tuple(runs))


@pytest.mark.parametrize("objective", [ACCURACY, LOSS])
def test_the_first_strategys_gain_is_positive_where_it_is_better_in_either_direction(objective: Objective) -> None:
    judged = verdicts(made_up(objective), "test")
    assert judged["b"].gain.value == pytest.approx(0.03)
    assert judged["b"].gain.interval == pytest.approx(
        (0.03 - 2.776 * 0.005**0.5 / 10, 0.03 + 2.776 * 0.005**0.5 / 10), abs=1e-4
    )
    assert (judged["b"].p, judged["b"].corrected_p) == (1 / 16, 2 / 16)
    assert (judged["c"].p, judged["c"].gain.value) == (1.0, 0.0)


def test_only_seeds_that_both_have_are_pairs() -> None:
    whole = made_up()
    part = Comparison(
        whole.strategies, whole.objective, tuple(run for run in whole.runs if run.strategy != "b" or run.seed != 4)
    )
    assert verdicts(part, "test")["b"].gain.num_seeds == 4
    assert verdicts(part, "test")["b"].p == 1 / 8


def test_the_table_says_what_the_test_can_say() -> None:
    lines = table_lines(made_up())
    assert [line.count("|") for line in lines[:5]] == [11] * 5
    assert "with 5 pairs no p can be below 0.0625, nor a corrected one below 0.125" in lines[-1]
    assert "with 1 pair no p can be below 1, nor a corrected one below 1." in table_lines(made_up(gains=(0.01,)))[-1]
    assert lines[3].startswith("| b | 0.6700 [")
    assert "+0.0300 [" in lines[3]


def test_a_strategy_without_a_success_leaves_its_cells_empty() -> None:
    failed = ComparedRun("b", 0, "evaluations", 3, 0, 4.0)
    comparison = Comparison(("a", "b"), ACCURACY, (made_run("a", 0, 0.5), failed))
    assert "| b | - | - | - | 3 | 0 | 4 | - | - | - |" in table_lines(comparison)
    assert verdicts(comparison, "test") == {}
    assert strategy_rows(comparison)[2][2] is None


def test_the_tables_for_spreadsheets_hold_every_number() -> None:
    header, first, second, _ = csv.reader(io.StringIO(csv_text(strategy_rows(made_up()))))
    row = dict(zip(header, second, strict=True))
    assert float(row["test_gain"]) == pytest.approx(0.03)
    assert float(row["test_p_holm"]) == 0.125
    assert float(row["search"]) == pytest.approx(0.67)
    assert dict(zip(header, first, strict=True))["test_gain"] == ""
    assert len(run_rows(made_up())) == 16


def test_a_run_as_plain_data_and_back() -> None:
    run = made_run("a", 3, 0.7)
    assert ComparedRun.from_json(json.loads(json.dumps(run.to_json()))) == run


def test_what_a_run_would_have_answered() -> None:
    steps = made_run("a", 0, 0.7).steps
    assert [score_at(steps, "trainings", place) for place in (0.5, 1, 2, 2.5, 9)] == [
        None, None, pytest.approx(0.6), pytest.approx(0.6), 0.7,
    ]  # fmt: skip
    assert score_at(steps, "seconds", 3.9) == pytest.approx(0.6)


def test_what_a_seed_does_to_all_is_taken_out_of_the_curves() -> None:
    """The seeds differ by tenths, the curves' errors show only what differs between strategies."""
    comparison = made_up()
    curve = mean_curve(comparison, "a", "trainings")
    assert curve.places == [2.0, 3.0]
    assert curve.means[-1] == pytest.approx(0.7)
    assert max(curve.errors) < 0.005


def test_pictures_are_drawn_also_of_little(tmp_path: Path) -> None:
    few = Comparison(("a", "b"), ACCURACY, (ComparedRun("a", 0, "evaluations", 0, 0, 0.0),))
    for number, comparison in enumerate((made_up(), few)):
        draw_comparison([tmp_path / f"{number}.png", tmp_path / f"{number}.svg"], comparison)
        assert (tmp_path / f"{number}.png").read_bytes().startswith(b"\x89PNG")
        ElementTree.parse(tmp_path / f"{number}.svg")
