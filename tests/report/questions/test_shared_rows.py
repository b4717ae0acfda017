"""What trainings of one replicate have in common is told from what differs between networks."""

from __future__ import annotations

import numpy as np
import pytest

from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status
from evo_nas.report.questions.measurements import Measurements
from evo_nas.report.questions.shared_rows import SharedRows
from tests.report.questions.planted import SCORE

NOISE = 0.1


def search_like(seed: int, effect: float) -> tuple[dict[TrainingKey, Outcome], np.ndarray]:
    """60 networks on replicate 0, a third of them on the next as well, the leaders on more; and their true values."""
    rng = np.random.default_rng(seed)
    effects, truth = rng.normal(0.0, effect, 6), rng.normal(0.0, 1.0, 60)
    num_seeds = [6, *[4] * 4, *[2] * 15, *[1] * 40]
    return {
        TrainingKey(str(number), seed): Outcome(
            Status.OK, {"score": truth[number] + effects[seed] + rng.normal(0.0, NOISE)}
        )
        for number, count in enumerate(num_seeds)
        for seed in range(count)
    }, truth


@pytest.mark.parametrize("effect", [0.0, 0.1, 0.3, 3.0])
def test_the_noise_is_what_is_left_and_differences_are_as_sure_as_it_says(effect: float) -> None:
    spreads, errors, claimed = [], [], []
    for seed in range(40):
        trainings, truth = search_like(seed, effect)
        known = Measurements.of([trainings], SCORE)
        assert known.spread is not None
        spreads.append(known.spread)
        first, second = ("0", None), ("30", None)
        ours, theirs = known.mean(first), known.mean(second)
        assert ours is not None
        assert theirs is not None
        errors.append(ours - theirs - (truth[0] - truth[30]))
        claimed.append(known.variance(first) + known.variance(second))
    assert np.mean(spreads) == pytest.approx(NOISE, rel=0.1)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.sqrt(np.mean(claimed)), rel=0.3)


def test_networks_that_were_trained_once_say_nothing_of_noise() -> None:
    shared = SharedRows([1.0, 2.0, 3.0], ["a", "b", "c"], [0, 0, 1])
    assert (shared.noise, shared.degrees, shared.effects) == (None, 0, {})
    assert SharedRows([], [], []).noise is None


def test_trainings_that_never_differ_have_no_noise() -> None:
    shared = SharedRows([1.0, 1.0, 3.0, 3.0], ["a", "a", "b", "b"], [0, 1, 0, 1])
    assert shared.noise == pytest.approx(0.0, abs=1e-20)
    assert all(abs(effect) < 1e-10 for effect in shared.effects.values())


def test_a_shift_of_all_values_changes_nothing_else() -> None:
    trainings, _ = search_like(3, 0.3)
    known = Measurements.of([trainings], SCORE)
    moved = {key: Outcome(Status.OK, {"score": each.metrics["score"] + 1e3}) for key, each in trainings.items()}
    other = Measurements.of([moved], SCORE)
    assert other.spread == pytest.approx(known.spread, rel=1e-6)
