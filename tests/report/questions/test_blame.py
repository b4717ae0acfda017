"""Which changes paid: against a truth that is planted."""

from __future__ import annotations

import math
from statistics import fmean

import pytest

from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.questions.blame import blame
from evo_nas.report.questions.measurements import Measurements
from genomes import Genome, changes_between
from tests.report.questions.planted import SCORE, SPACE, PlantedRun


def blamed_first(seed: int) -> bool:
    run = PlantedRun(seed)
    measurements = Measurements.of([run.trainings], SCORE)
    first = blame(run.individuals, run.best().id, measurements, SPACE)[0]
    return first.change.startswith("key") and first.change.endswith("-> gold")


def test_the_change_that_gives_all_of_the_gain_is_named_first() -> None:
    assert sum(blamed_first(seed) for seed in range(20)) >= 19


def test_its_gain_lies_within_its_bars() -> None:
    inside = 0
    for seed in range(20):
        run = PlantedRun(seed)
        measurements = Measurements.of([run.trainings], SCORE)
        found = blame(run.individuals, run.best().id, measurements, SPACE)
        gold = next(each for each in found if each.change.endswith("-> gold"))
        assert gold.gain is not None
        assert gold.error is not None
        inside += abs(gold.gain - 1.0) < 2.0 * gold.error
    assert inside >= 18  # of 20; winners were chosen for their luck too


def genome(**genes: object) -> Genome:
    return Genome("flat", {"key": "a", "rate": 0.1, "width": 1, "kind": "one", "depth": 1, **genes})


def individual(number: int, point: Genome, parents: tuple[Individual, ...] = ()) -> Individual:
    changes = changes_between(parents[0].genome, point) if parents else ()
    return Individual(number, number, point, SPACE.fingerprint(point), tuple(p.id for p in parents), "mutate", changes)


A = individual(0, genome())
B = individual(1, genome(width=9), (A,))
C = individual(2, genome(width=9, depth=5), (B,))


def measurements_of(**values: list[float]) -> Measurements:
    known = {"a": A, "b": B, "c": C}
    trainings = {
        TrainingKey(known[name].fingerprint, replicate): Outcome(Status.OK, {"score": value})
        for name, found in values.items()
        for replicate, value in enumerate(found)
    }
    return Measurements.of([trainings], SCORE)


def test_a_line_of_single_changes_gains_what_was_measured_nearly() -> None:
    known = measurements_of(a=[0.0, 0.02] * 50, b=[0.5, 0.52] * 50, c=[0.6, 0.62] * 50)
    found = blame({0: A, 1: B, 2: C}, 2, known, SPACE)
    assert [(each.child, each.change) for each in found] == [(1, "width 1 -> 9"), (2, "depth 1 -> 5")]
    assert [each.gain for each in found] == pytest.approx([0.5, 0.1], rel=0.01)
    assert [each.error for each in found] == pytest.approx(
        [math.sqrt(2 * known.variance((A.fingerprint, None)))] * 2, rel=0.01
    )
    assert [each.step_gain for each in found] == pytest.approx([0.5, 0.1])


def test_without_a_second_training_nothing_is_known_of_the_noise() -> None:
    found = blame({0: A, 1: B, 2: C}, 2, measurements_of(a=[0.0], b=[0.5], c=[0.4]), SPACE)
    assert [each.error for each in found] == [None, None]
    assert [each.gain for each in found] == pytest.approx([0.5, -0.1], rel=1e-3)


def test_a_step_that_made_two_changes_shares_its_gain_by_what_they_did_elsewhere() -> None:
    both = individual(1, genome(width=9, depth=5), (A,))
    parents = [individual(10 + n, genome(rate=0.2 + n / 100)) for n in range(6)]
    children = [individual(20 + n, genome(width=9, rate=0.2 + n / 100), (parent,)) for n, parent in enumerate(parents)]
    worth = [(A, 0.0), (both, 1.0), *((each, 0.0) for each in parents), *((each, 1.0) for each in children)]
    trainings = {
        TrainingKey(each.fingerprint, n): Outcome(Status.OK, {"score": value + n / 100})
        for each, value in worth
        for n in range(3)
    }
    known = Measurements.of([trainings], SCORE)
    family = {each.id: each for each, _ in worth}
    width, depth = blame(family, 1, known, SPACE)
    assert (width.change, width.together) == ("width 1 -> 9", 2)
    assert width.gain is not None
    assert depth.gain is not None
    assert width.gain > 0.8
    assert abs(depth.gain) < 0.2
    assert width.step_gain == depth.step_gain == pytest.approx(1.0)
    assert width.gain + depth.gain == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_where_little_is_known_a_step_is_shared_alike_and_bars_have_its_unit(unit: float) -> None:
    both = individual(1, genome(width=9, depth=5), (A,))
    trainings = {
        TrainingKey(each.fingerprint, n): Outcome(Status.OK, {"score": (value + n / 100) * unit})
        for each, value in ((A, 0.0), (both, 1.0))
        for n in range(3)
    }
    found = blame({0: A, 1: both}, 1, Measurements.of([trainings], SCORE), SPACE)
    assert [each.gain for each in found] == pytest.approx([0.5 * unit] * 2, rel=0.01)
    assert [each.error for each in found] == pytest.approx([0.5 * unit] * 2, rel=0.01)


def test_a_step_of_two_changes_that_gained_nothing_at_all_is_nothing() -> None:
    both = individual(1, genome(width=9, depth=5), (A,))
    trainings = {
        TrainingKey(each.fingerprint, n): Outcome(Status.OK, {"score": 1.0}) for each in (A, both) for n in (0, 1)
    }
    found = blame({0: A, 1: both}, 1, Measurements.of([trainings], SCORE), SPACE)
    assert [each.gain for each in found] == [0.0, 0.0]
    assert [each.error for each in found] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_failures_and_rungs_have_no_number_and_stand_last() -> None:
    trainings = {
        TrainingKey(A.fingerprint, 0): failure(Status.DIVERGED, "NaN"),
        TrainingKey(B.fingerprint, 0): Outcome(Status.OK, {"score": 0.4}),
        TrainingKey(C.fingerprint, 0): Outcome(Status.OK, {"score": 0.3}),
    }
    found = blame({0: A, 1: B, 2: C}, 2, Measurements.of([trainings], SCORE), SPACE)
    assert [(each.child, each.gain is None) for each in found] == [(2, False), (1, True)]


def test_an_individual_without_parents_has_nothing_to_blame() -> None:
    assert blame({0: A}, 0, measurements_of(a=[1.0]), SPACE) == []


def test_the_spread_is_pooled_over_networks() -> None:
    known = measurements_of(a=[0.0, 2.0], b=[5.0, 5.0, 8.0], c=[9.0])
    assert known.degrees == 3
    assert known.spread == pytest.approx(
        math.sqrt((2.0 + 6.0) / 3), rel=0.02
    )  # what replicates share is next to nothing
    assert known.mean((B.fingerprint, None)) == pytest.approx(fmean([5.0, 5.0, 8.0]), rel=0.01)
    assert known.variance((C.fingerprint, None)) == pytest.approx(8.0 / 3, rel=0.04)
