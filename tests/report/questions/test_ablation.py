"""What each change is worth: on planted truth, and on outcomes that are known."""

from __future__ import annotations

import pytest

from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.report.questions.ablation import Ablated, Plan, ablated, planned
from evo_nas.report.questions.taking_back import variants
from tests.report.questions.planted import SCORE, SPACE, PlantedRun

SEEDS = range(100, 105)


def plan_of(run: PlantedRun) -> Plan:
    winner = run.best()
    found = variants(run.individuals, winner.id, SPACE)
    names = {n: SPACE.fingerprint(each.genome) for n, each in enumerate(found) if each.genome is not None}
    return planned(winner, found, names, SEEDS)


def trained(run: PlantedRun, plan: Plan) -> list[Ablated]:
    """The noise of a seed is common to all networks in half of its variance, as that of a split of the rows is."""
    common = {seed: run.rng.gauss(0.0, run.noise) for seed in SEEDS}
    outcomes = {
        key: Outcome(Status.OK, {"score": run.value(plan.members[key.fingerprint].genome) + common[key.replicate]})
        for key in plan.keys
    }
    return ablated(plan, run.best(), outcomes, SCORE)


def test_the_change_that_gives_all_of_the_gain_is_named_first() -> None:
    first = [trained(run, plan_of(run))[0] for run in map(PlantedRun, range(20))]
    assert sum(each.variant.change.endswith("-> gold") for each in first) >= 19


def test_its_interval_holds_the_truth_and_those_of_the_others_hold_zero() -> None:
    inside, total = 0, 0
    for run in map(PlantedRun, range(20)):
        for each in trained(run, plan_of(run)):
            if each.interval is not None:
                truth = 1.0 if each.variant.change.endswith("-> gold") else 0.0
                inside += each.interval[0] <= truth <= each.interval[1]
                total += 1
    assert total > 60
    assert inside / total == pytest.approx(0.95, abs=0.05)


def test_a_network_is_trained_once_a_seed_however_many_changes_lead_to_it() -> None:
    plan = plan_of(PlantedRun(1))
    assert len(plan.keys) == len(set(plan.keys)) == len(SEEDS) * len(plan.members)
    assert plan.keys[: len(plan.members)] == [TrainingKey(name, 100) for name in plan.members]


def test_known_gains_failures_and_what_is_missing() -> None:
    run = PlantedRun(3)
    plan, winner = plan_of(run), run.best()
    first, second, *_ = [name for name in plan.fingerprints if name is not None]
    outcomes = {TrainingKey(winner.fingerprint, seed): Outcome(Status.OK, {"score": 1.0}) for seed in SEEDS}
    outcomes |= {
        TrainingKey(first, 100): Outcome(Status.OK, {"score": 0.75}),
        TrainingKey(first, 101): Outcome(Status.OK, {"score": 0.25}),
        TrainingKey(second, 100): failure(Status.DIVERGED, "the loss is NaN"),
    }
    found = {
        plan.fingerprints[plan.variants.index(each.variant)]: each for each in ablated(plan, winner, outcomes, SCORE)
    }
    assert (found[first].gain, found[first].error, found[first].pairs) == (0.5, 0.25, 2)
    assert (found[second].gain, found[second].why_not) == (
        None,
        "without it the training fails: diverged: the loss is NaN",
    )
    others = [each for name, each in found.items() if name not in (first, second, None)]
    assert {each.why_not for each in others} <= {"not trained yet"}


def test_an_individual_that_fails_itself_is_said_to() -> None:
    run = PlantedRun(3)
    plan, winner = plan_of(run), run.best()
    outcomes = {key: Outcome(Status.OK, {"score": 1.0}) for key in plan.keys}
    outcomes |= {TrainingKey(winner.fingerprint, seed): failure(Status.DIVERGED, "the loss is NaN") for seed in SEEDS}
    told = {each.why_not for each in ablated(plan, winner, outcomes, SCORE) if each.variant.genome is not None}
    assert told == {"the individual itself fails on these seeds: diverged: the loss is NaN"}


def test_those_without_a_number_stand_last() -> None:
    run = PlantedRun(5)
    plan = plan_of(run)
    gains = [each.gain for each in trained(run, plan)]
    known = [gain for gain in gains if gain is not None]
    assert gains == [*sorted(known, reverse=True), *[None] * (len(gains) - len(known))]
