"""Figures from rows: geometric means, paired intervals, hit rates, and the bars that follow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from experiments.bars import Bar
from experiments.search.page import optimum_lines, ratio_lines, table_lines
from experiments.search.questions import OUR_ENGINES, question_named
from experiments.search.results import Row
from experiments.search.score import Contestant, Ratio, Scores, geometric_mean, paired_ratio
from experiments.search.trial import AnswerKind

FLOOR = 1e-5
OURS, TPE, RANDOM = Contestant("surrogate"), Contestant("TPE"), Contestant("random")


def row(
    engine: str, seed: int, share: float, *, table: str = "a", checkpoint: int = 50, answer: AnswerKind = "luckiest"
) -> Row:
    return Row(engine, 0, table, seed, checkpoint, answer, share, share, share == 0.0, 0, 1.5, "any 1.0")


def scores(rows: Sequence[Row], *tables: str) -> Scores:
    return Scores(rows, tables or ("a",), OUR_ENGINES, "share")


def test_tables_weigh_the_same_however_many_seeds_they_have() -> None:
    found = {("a", 0): 1e-2, ("a", 1): 1e-4, ("b", 0): 1e-1}
    assert geometric_mean(found, FLOOR) == pytest.approx(1e-2)


def test_a_share_below_the_floor_counts_as_the_floor() -> None:
    assert geometric_mean({("a", 0): 0.0, ("a", 1): 1e-3}, FLOOR) == pytest.approx(1e-4)
    with pytest.raises(ValueError, match="at least one score"):
        geometric_mean({}, FLOOR)


def test_a_constant_ratio_has_an_interval_of_no_width() -> None:
    theirs = {(table, seed): 0.01 * (seed + 1) for table in "ab" for seed in range(5)}
    ratio = paired_ratio({pair: 0.3 * share for pair, share in theirs.items()}, theirs, FLOOR)
    assert (ratio.figure, ratio.low, ratio.high) == pytest.approx((0.3, 0.3, 0.3))
    assert ratio.num_pairs == 10


def test_only_pairs_that_both_have_are_compared() -> None:
    ours = {("a", 0): 0.02, ("a", 1): 0.5}
    theirs = {("a", 0): 0.01, ("a", 2): 1e-4}
    assert paired_ratio(ours, theirs, FLOOR).figure == pytest.approx(2.0)
    with pytest.raises(ValueError, match="both engines"):
        paired_ratio(ours, {("a", 7): 0.1}, FLOOR)


def test_the_interval_is_that_of_the_normal_law_where_differences_are_normal() -> None:
    differences = np.random.Generator(np.random.Philox(key=5)).normal(-0.5, 1.0, 400)
    theirs = {("a", seed): 0.1 for seed in range(400)}
    ours = {("a", seed): 0.1 * math.exp(difference) for seed, difference in enumerate(differences)}
    ratio = paired_ratio(ours, theirs, FLOOR)
    error = differences.std() / 20
    assert math.log(ratio.low) == pytest.approx(differences.mean() - 1.96 * error, abs=0.1 * error)
    assert math.log(ratio.high) == pytest.approx(differences.mean() + 1.96 * error, abs=0.1 * error)


def test_seeds_are_drawn_again_within_their_table() -> None:
    """Two tables that differ much and seeds that do not: no interval at all, unless tables were drawn too."""
    ours = {(table, seed): share for table, share in (("a", 1e-4), ("b", 1e-1)) for seed in range(4)}
    theirs = dict.fromkeys(ours, 0.01)
    ratio = paired_ratio(ours, theirs, FLOOR)
    assert ratio.low == pytest.approx(ratio.high)


def test_a_peer_is_held_to_the_better_of_its_answers_and_ours_to_its_own() -> None:
    rows = [
        row("TPE", 0, 0.2),
        row("TPE", 0, 0.1, answer="repeats"),
        row("surrogate", 0, 0.01),
        row("surrogate", 0, 0.05, answer="own"),
    ]
    found = scores(rows)
    assert (found.kind(TPE, 50), found.mean(TPE, 50)) == ("repeats", pytest.approx(0.1))
    assert (found.kind(OURS, 50), found.mean(OURS, 50)) == ("own", pytest.approx(0.05))


def test_a_contestant_without_results_on_one_table_has_no_mean() -> None:
    found = scores([row("TPE", 0, 0.2), row("random", 0, 0.3), row("random", 0, 0.3, table="b")], "a", "b")
    assert math.isnan(found.mean(TPE, 50))
    assert found.best([TPE, RANDOM], 50) == RANDOM
    assert found.best([TPE], 50) is None
    assert found.num_seeds(RANDOM, 50) == 1


def test_hits_are_counted_table_by_table() -> None:
    rows = [row("TPE", 0, 0.0), row("TPE", 1, 0.1), row("TPE", 0, 0.0, table="b")]
    assert scores(rows, "a", "b").hit_rate(TPE, 50) == pytest.approx(0.75)


def compared(ours: Sequence[float], theirs: Sequence[float], checkpoint: int) -> list[Bar]:
    rows = [row("surrogate", seed, share, checkpoint=checkpoint, answer="own") for seed, share in enumerate(ours)]
    rows += [row("TPE", seed, share, checkpoint=checkpoint) for seed, share in enumerate(theirs)]
    question = question_named("table")
    return [bar for bar in question.bars(scores(rows), rows) if bar.name.startswith(f"{checkpoint} ")]


def test_at_100_half_of_the_best_peer_is_asked() -> None:
    met = compared([0.01, 0.02, 0.03], [0.04, 0.04, 0.09], 100)
    assert [bar.met for bar in met] == [True, True]
    assert [bar.met for bar in compared([0.03, 0.03], [0.04, 0.04], 100)] == [False, True]


def test_at_1000_the_interval_must_reach_1() -> None:
    assert [bar.met for bar in compared([0.1, 0.001], [0.01, 0.01], 1000)] == [True]
    assert [bar.met for bar in compared([0.1, 0.1], [0.01, 0.01], 1000)] == [False]


def test_at_the_floor_hits_are_compared() -> None:
    bars = compared([0.0, 0.1], [0.0, 0.0], 300)
    assert [(bar.figure, bar.bar, bar.met) for bar in bars] == [(0.5, 1.0, False)]


def test_what_was_not_measured_meets_no_bar() -> None:
    question = question_named("table")
    assert not any(bar.met for bar in question.bars(scores([]), []))
    assert not any(bar.met for name in ("optimum", "batches") for bar in question_named(name).bars(scores([]), []))


def test_evaluations_to_the_optimum_count_the_runs_that_never_found_it() -> None:
    table = "nasbench201_cifar100_exact"
    rows = [
        Row("surrogate", 0, table, seed, 1000, "own", 0.1, 0.1, False, after, 1.0, "")
        for seed, after in ((0, 40), (1, 0))
    ]
    (bar,) = question_named("optimum").bars(scores(rows, table), rows)
    assert bar.figure == 520.0


def test_the_page_says_how_soon_the_optimum_was_measured() -> None:
    table = "nasbench201_cifar100_exact"
    rows = [
        Row("local search", 0, table, seed, 1000, "luckiest", 0.0, 0.0, True, after, 1.0, "")
        for seed, after in enumerate((40, 50, 120))
    ]
    assert optimum_lines(scores(rows, table), rows)[-1].split() == ["local", "search", "3", "70.0", "50.0", "120"]


def test_the_page_shows_shares_in_percent_and_marks_the_best_peer() -> None:
    rows = [row("surrogate", 0, 0.001, answer="own"), row("TPE", 0, 0.01), row("random", 0, 0.02)]
    question = question_named("table")
    lines = table_lines(scores(rows), question)
    assert next(line for line in lines if line.startswith("surrogate")).split() == [
        *("surrogate", "own", "1", "0.1", "-", "-", "-", "1.50")
    ]
    marked = [line for line in ratio_lines(scores(rows), question) if "best peer" in line]
    assert marked == [f"50 evaluations, ours / TPE: {Ratio(0.1, 0.1, 0.1, 1)} (the best peer there)"]
