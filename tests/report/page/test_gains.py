"""What the changes of the winner's line gained, on the page."""

from __future__ import annotations

from dataclasses import replace

from evo_nas.individual import Evaluated, TrainingKey
from evo_nas.outcome import Outcome, Status
from evo_nas.report.page import page
from evo_nas.report.page.gains import Gains, gains
from evo_nas.report.page.record import RunRecord
from evo_nas.report.questions.taking_back import variants
from tests.report.questions.planted import SCORE, SPACE, PlantedRun

RUN = PlantedRun(3)
WINNER = Evaluated(RUN.best(), Outcome(Status.OK, {"score": 1.0}))
RECORD = RunRecord(
    name="planted",
    settings={},
    objectives=(SCORE,),
    individuals=list(RUN.individuals.values()),
    outcomes={number: each.outcome for number, each in RUN.evaluated.items()},
    encoding=SPACE,
    believed=RUN.best().fingerprint,
    trainings={"search": RUN.trainings, "confirmation": {}, "ablation": {}},
)


def ablation() -> dict[TrainingKey, Outcome]:
    """The winner is worth 1 on three seeds, whoever lacks a change 0.5, and a little less on the last seed."""
    names = {
        SPACE.fingerprint(each.genome)
        for each in variants(RUN.individuals, WINNER.individual.id, SPACE)
        if each.genome is not None
    }
    outcomes = {
        TrainingKey(name, seed): Outcome(Status.OK, {"score": 0.5 - (seed == 9) / 8})
        for name in names
        for seed in (7, 8, 9)
    }
    return outcomes | {
        TrainingKey(WINNER.individual.fingerprint, seed): Outcome(Status.OK, {"score": 1.0}) for seed in (7, 8, 9)
    }


def test_the_change_that_paid_stands_first() -> None:
    found = gains(RECORD, WINNER)
    assert found.blamed[0].change.endswith("-> gold")
    assert found.blamed[0].certainty.startswith("± ")
    assert found.ablated == ()
    assert found.num_blamed >= len(found.blamed)


def test_an_ablation_that_the_ledger_holds_is_told() -> None:
    record = replace(RECORD, trainings={**RECORD.trainings, "ablation": ablation()})
    found = gains(record, WINNER)
    assert {(each.gain, each.together) for each in found.ablated} == {("+0.542", 3)}
    assert all(" to " in each.certainty for each in found.ablated)
    html = page(record)
    assert "What each change is worth" in html
    assert "Which changes of the line paid" in html


def test_what_is_not_known_is_left_out() -> None:
    assert gains(RECORD, None) == Gains()
    assert gains(replace(RECORD, encoding=None), WINNER) == Gains()
    assert gains(replace(RECORD, objectives=()), WINNER) == Gains()
    assert gains(replace(RECORD, trainings={}), WINNER) == Gains()
    (first, *_) = WINNER.individual.parents
    cut_short = [each for each in RECORD.individuals if each.id != first]
    assert gains(replace(RECORD, individuals=cut_short), WINNER) == Gains()
