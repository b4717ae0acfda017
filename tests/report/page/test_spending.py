from __future__ import annotations

import random
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from evo_nas.individual import Evaluated, TrainingKey
from evo_nas.report.page.columns import paid_seconds
from evo_nas.report.page.spending import expected_gain, outlook, where_time_went
from tests.history.made_up import made_run
from tests.report.page.records import SCORE, born, record_of, scored


def simulated(draw: object, num_more: int, standing: float) -> float:
    rng = np.random.default_rng(1)
    bests = [max(0.0, float(draw(rng, num_more).max()) - standing) for _ in range(2_000)]  # type: ignore[operator]
    return fmean(bests)


@pytest.mark.parametrize("num_more", [5, 100, 3_000])
def test_the_gain_of_exponential_scores_is_that_of_drawing_them(num_more: int) -> None:
    scores = np.random.default_rng(0).exponential(2.0, 20_000)
    for standing in (3.0, 12.0):
        expected = simulated(lambda rng, n: rng.exponential(2.0, n), num_more, standing)
        assert expected_gain(scores.tolist(), standing, num_more) == pytest.approx(expected, rel=0.2, abs=0.05)


@pytest.mark.parametrize("num_more", [20, 1_000])
def test_the_gain_of_scores_with_an_end_stays_below_it(num_more: int) -> None:
    scores = np.random.default_rng(0).uniform(0.0, 1.0, 5_000)
    expected = simulated(lambda rng, n: rng.uniform(0.0, 1.0, n), num_more, 0.9)
    assert expected_gain(scores.tolist(), 0.9, num_more) == pytest.approx(expected, abs=0.02)
    assert expected_gain(scores.tolist(), 2.0, 10**9) == 0.0


def test_equal_scores_promise_nothing() -> None:
    assert expected_gain([0.5] * 50, 0.5, 10**6) == 0.0
    assert expected_gain([0.1 * n for n in range(50)], 4.0, 0.0) == 0.0


def test_an_outlook_needs_scores_and_time() -> None:
    run = made_run(6, 20, seed=1)
    best = max((each for each in run if each.outcome.ok), key=lambda each: each.outcome.metrics["roc_auc"])
    assert outlook(record_of(run), best) is None
    assert outlook(record_of(run[:20], elapsed_seconds=60.0), best) is None
    told = outlook(record_of(run, elapsed_seconds=60.0), best)
    assert told is not None
    assert told["an_hour"] == 120 * 60
    assert 0.0 < told["gain"] <= 1.0 - best.outcome.metrics["roc_auc"] + 1e-3


def test_time_is_counted_once_and_by_what_became_of_it() -> None:
    first = scored(born(0, {"rate": 0.1, "kind": "a"}), 0.5, seconds=4.0)
    early = scored(born(1, {"rate": 0.2, "kind": "a"}), 0.6, seconds=2.0)
    early = Evaluated(early.individual, replace(early.outcome, epochs=(7,)))
    twin = scored(born(2, {"rate": 0.1, "kind": "a"}), 0.5, seconds=4.0)
    failed = scored(born(3, {"rate": 0.3, "kind": "a"}), None, seconds=1.0)
    stored = scored(born(4, {"rate": 0.4, "kind": "a"}), 0.4, seconds=9.0)
    found = frozenset({TrainingKey(stored.individual.fingerprint, 0)})
    record = record_of([first, early, twin, failed, stored], [SCORE], epochs=10, found=found)
    assert paid_seconds(record) == [4.0, 2.0, 0.0, 1.0, 0.0]
    told = where_time_went(record, first)
    assert told["kinds"] == [
        {"kind": "trained to the end", "individuals": 1, "seconds": 4},
        {"kind": "stopped early", "individuals": 1, "seconds": 2},
        {"kind": "failed", "individuals": 1, "seconds": 1},
        {"kind": "known already", "individuals": 2, "seconds": 0},
    ]
    assert told["training"] == 7


def test_random_scores_do_not_break_the_outlook() -> None:
    rng = random.Random(3)
    for scale in (1e-300, 1.0, 1e300):
        scores = [scale * rng.gauss(0.0, 1.0) for _ in range(40)]
        assert 0.0 <= expected_gain(scores, max(scores), 1e4) < float("inf")


def test_a_gain_that_drowns_in_the_scores_is_called_none() -> None:
    """The best is out of reach of its like, or has only just been found among them."""
    values = [0.5 + 0.01 * (number % 10) for number in range(60)]
    family = [scored(born(number, {"rate": number / 60, "kind": "a"}), value) for number, value in enumerate(values)]
    record = replace(record_of(family, [SCORE]), elapsed_seconds=60.0)
    reached, beyond = (scored(born(99, {"rate": 0.9, "kind": "b"}), value) for value in (0.55, 0.9))
    told = [outlook(record, best) for best in (reached, beyond)]
    assert [each["negligible"] for each in told if each] == [False, True]
