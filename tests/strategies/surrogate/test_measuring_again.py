"""Which of the known networks are measured again, and how often in one batch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.config import SearchSettings
from evo_nas.strategies import make_strategy, make_toolbox
from evo_nas.strategies.surrogate.gaussian_process import GaussianProcess, Observations, Scales
from evo_nas.strategies.surrogate.judgement import chosen_again, known_better
from evo_nas.strategies.surrogate.one_objective import OneObjective
from genomes import Genome
from tests.strategies.searching import search
from tests.strategies.surrogate.driving import LOSS, bowl, flat, noisy, surrogate

NOISE = 0.3
variances = st.floats(1e-6, 1e3)


@given(variances, variances, st.integers(0, 20))
def test_variances_are_those_of_a_normal_mean(variance: float, noise: float, count: int) -> None:
    (found,) = known_better(np.array([variance]), noise, np.array([count]))
    assert found == pytest.approx(1.0 / (1.0 / variance + count / noise))


MANY = np.full(12, 100.0)


def judgement(means: list[float], counts: list[float]) -> OneObjective:
    """Of networks that have nothing to do with each other."""
    points = 10.0 * np.arange(len(means))[:, None]
    scales = Scales(np.log([0.05]), 0.0, -11.0, np.log(NOISE))
    process = GaussianProcess(Observations(points, np.array(means), np.array(counts)), np.zeros(1, np.intp), scales)
    return OneObjective(process, np.array(means))


def test_those_between_which_it_is_open_are_measured_several_times() -> None:
    """The two at the top, equally good and equally known, get equally much; who is far behind gets nothing."""
    rows = np.arange(4)
    chosen = Counter(chosen_again(judgement([0.0, 0.0, 9.0, 9.0], [2.0] * 4), rows, 8, MANY[:4]).tolist())
    assert chosen == {0: 4, 1: 4}


def test_nobody_comes_more_often_than_is_allowed() -> None:
    found = judgement([0.0, 0.0, 9.0], [2.0] * 3)
    assert chosen_again(found, np.arange(3), 3, np.array([1.0, 2.0, 1.0])).tolist() == [0, 1, 1]
    assert chosen_again(found, np.arange(3), 9, np.array([1.0, 2.0, 1.0])).tolist() == [0, 1, 1, 2]


def test_of_two_alike_the_one_that_is_less_known_is_measured_first() -> None:
    rows = np.arange(3)
    assert chosen_again(judgement([0.0, 0.0, 9.0], [8.0, 1.0, 1.0]), rows, 1, MANY[:3]).tolist() == [1]


@given(st.lists(st.floats(-3.0, 3.0), min_size=2, max_size=12), st.integers(0, 20))
def test_as_many_as_were_asked_for_are_chosen_in_order_of_their_rows(means: list[float], count: int) -> None:
    rows = np.arange(len(means))
    chosen = chosen_again(judgement(means, [1.0] * len(means)), rows, count, MANY[: len(means)])
    assert len(chosen) == count
    assert (np.diff(chosen) >= 0).all()
    assert set(chosen.tolist()) <= set(rows.tolist())


def test_in_a_large_batch_a_leader_is_measured_on_several_new_seeds() -> None:
    strategy = surrogate((LOSS,), flat(), population=32)
    done = [each.individual for each in search(strategy, 200, noisy(bowl, 0.3), (LOSS,))]
    again = [each for each in done if each.replicate]
    assert len({(each.fingerprint, each.replicate) for each in again}) == len(again)
    together = Counter((strategy.required_results(each.id), each.fingerprint) for each in again)
    assert max(together.values()) > 1


def test_a_network_of_the_users_own_is_measured_again_on_new_seeds() -> None:
    """Though it was not the search that proposed it: its first seed is known."""
    space, settings = flat(), SearchSettings(strategy="surrogate", population=8)
    best = Genome("flat", {"x0": 0.7, "x1": 0.7, "x2": 0.7, "x3": 0.7, "kind": "b"})
    toolbox = make_toolbox(space, settings, (LOSS,))
    strategy = make_strategy(space, toolbox, settings, (LOSS,), injected={10: best})
    done = [each.individual for each in search(strategy, 60, noisy(bowl, 0.05), (LOSS,))]
    replicates = [each.replicate for each in done if each.fingerprint == space.fingerprint(best)]
    assert len(replicates) > 2
    assert replicates == list(range(len(replicates)))
