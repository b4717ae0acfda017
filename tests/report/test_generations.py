from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

from evo_nas.individual import Evaluated, Objective, TrainingKey
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.generations import (
    Bests,
    GenerationSummary,
    Spread,
    append_generation,
    summarize,
)
from tests.history.made_up import LOSS, ROC_AUC, made_genome, made_individual, made_run
from tests.report.summaries import summarize_run

RNG = random.Random(0)
GENOMES = [made_genome(RNG) for _ in range(5)]


def scored(number: int, generation: int, genome: int, loss: float | None) -> Evaluated:
    outcome = (
        Outcome(Status.OK, {"loss": loss}, parameters=10, seconds=0.5)
        if loss is not None
        else failure(Status.DIVERGED, "NaN", seconds=0.25)
    )
    return Evaluated(made_individual(number, generation, GENOMES[genome]), outcome)


def test_a_generation_in_numbers() -> None:
    members = [scored(0, 0, 0, 4.0), scored(1, 0, 1, 1.0), scored(2, 0, 1, 1.0), scored(3, 0, 2, None)]
    bests = Bests(1, (0.5, 10.0))
    summary = summarize(members, [LOSS, Objective("parameters", False)], bests=bests, evaluations=3, found=1)
    assert summary == GenerationSummary(
        generation=0,
        evaluations=3,
        found=1,
        failed=1,
        spreads=(
            Spread(0.5, 1.0, 2.0, 2.0**0.5, 1.0, 4.0, 1.0, 2.5),
            Spread(10.0, 10.0, 10.0, 0.0, 10.0, 10.0, 10.0, 10.0),
        ),
        best_id=1,
        diversity=0.75,
        seconds=1.75,
    )


def test_the_best_is_that_of_the_run_and_the_first_who_reached_it() -> None:
    run = [
        scored(0, 0, 0, 2.0),
        scored(1, 1, 1, 3.0),
        scored(2, 2, 2, 2.0),
        scored(3, 3, 3, 1.0),
        scored(4, 4, 4, None),
    ]
    summaries = summarize_run(run, [LOSS])
    assert [summary.best_id for summary in summaries] == [0, 0, 0, 3, 3]
    assert [summary.spreads[0].best for summary in summaries] == [2.0, 2.0, 2.0, 1.0, 1.0]
    assert summaries[-1].spreads[0].median is None


def test_nobody_is_best_while_all_have_failed() -> None:
    (summary,) = summarize_run([scored(0, 0, 0, None)], [LOSS, ROC_AUC])
    assert (summary.best_id, summary.failed, summary.spreads) == (None, 1, (Spread(None), Spread(None)))


def test_a_network_is_counted_where_it_was_asked_for_first() -> None:
    run = [scored(0, 0, 0, 2.0), scored(1, 0, 0, 2.0), scored(2, 1, 0, 2.0), scored(3, 1, 1, 3.0)]
    found = {TrainingKey(run[n].individual.fingerprint, replicate) for n, replicate in ((0, 1), (3, 0), (3, 1))}
    summaries = summarize_run(run, [LOSS], replicates=2, found=found)
    assert [(summary.evaluations, summary.found) for summary in summaries] == [(2, 1), (2, 2)]
    assert [summary.diversity for summary in summaries] == [0.5, 1.0]


def test_a_lucky_measurement_is_taken_back_and_a_rung_counts_for_nothing() -> None:
    first, second, again, rung = (scored(n, n, g, loss) for n, (g, loss) in enumerate([(0, 2), (1, 1), (1, 5), (2, 0)]))
    again = replace(again, individual=replace(again.individual, replicate=1))
    rung = replace(rung, individual=replace(rung.individual, epochs=3))
    summaries = summarize_run([first, second, again, rung], [LOSS])
    assert [summary.best_id for summary in summaries] == [0, 1, 0, 0]
    assert [summary.spreads[0].best for summary in summaries] == [2.0, 1.0, 2.0, 2.0]
    assert [summary.spreads[0].median for summary in summaries] == [2.0, 1.0, 5.0, None]
    assert [summary.evaluations for summary in summaries] == [1, 1, 1, 1]


@pytest.mark.parametrize("objective", [ROC_AUC, LOSS])
def test_a_spread_is_what_numpy_says(objective: Objective) -> None:
    run = made_run(4, 25, seed=5)
    for summary in summarize_run(run, [objective]):
        values = [
            objective.value(each.outcome)
            for each in run
            if each.outcome.ok and each.individual.generation == summary.generation
        ]
        spread = summary.spreads[0]
        expected = [np.median(values), np.mean(values), np.std(values), min(values), max(values)]
        assert [spread.median, spread.mean, spread.std, spread.minimum, spread.maximum] == pytest.approx(expected)
        assert [spread.first_quartile, spread.third_quartile] == pytest.approx(np.quantile(values, [0.25, 0.75]))


def test_the_table(tmp_path: Path) -> None:
    objectives = [ROC_AUC, LOSS]
    summaries = summarize_run(made_run(3, 6, seed=1), objectives)
    for summary in summaries:
        append_generation(tmp_path / "a.csv", summary, objectives)
    frame = pandas.read_csv(tmp_path / "a.csv")
    assert list(frame.columns[:10]) == [
        "generation", "evaluations", "found", "failed",
        "best_roc_auc", "median_roc_auc", "mean_roc_auc", "std_roc_auc", "min_roc_auc", "max_roc_auc",
    ]  # fmt: skip
    assert list(frame.columns[-4:]) == ["hypervolume", "best_id", "diversity", "seconds"]
    assert frame["hypervolume"].tolist() == [summary.hypervolume for summary in summaries]
    assert frame["hypervolume"].is_monotonic_increasing
    assert frame["best_loss"].tolist() == [summary.spreads[1].best for summary in summaries]
    assert frame["best_id"].tolist() == [summary.best_id for summary in summaries]


def test_one_objective_has_no_column_for_a_hypervolume(tmp_path: Path) -> None:
    summaries = summarize_run(made_run(2, 6, seed=1), [LOSS])
    append_generation(tmp_path / "a.csv", summaries[0], [LOSS])
    assert "hypervolume" not in pandas.read_csv(tmp_path / "a.csv").columns
