"""What the loop hands out together, and that it decides the same whatever comes back when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from evo_nas.individual import Individual, TrainingKey
from evo_nas.outcome import Outcome
from evo_nas.running.loop import FINISHED, Budget, Generation, Hooks, Loop, Request
from evo_nas.strategies import Records
from evo_nas.strategies.ask_tell import AskTell
from tests.strategies.searching import SCORE, encoding, make, outcome, score


class Hands:
    """Trainings that come back a few at a time, in the order in which they were asked for."""

    def __init__(self, at_once: int) -> None:
        self.handed_out: list[int] = []
        self._at_once = at_once
        self._waiting: list[Request] = []

    def submit(self, requests: Sequence[Request]) -> None:
        self.handed_out.append(len(requests))
        self._waiting += requests

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        assert self._waiting, "the loop waits for what it has not handed out"
        ready, self._waiting = self._waiting[: self._at_once], self._waiting[self._at_once :]
        return {request.key: outcome(score(request.individual), [SCORE]) for request in ready}


class LateHands(Hands):
    """Nothing is better than anything else, until individual 121."""

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        ready, self._waiting = self._waiting, []
        return {request.key: outcome((float(request.individual.id >= 121),), [SCORE]) for request in ready}


def test_a_script_that_asks_and_tells_restarts_where_a_run_does() -> None:
    """What is decided at the end of a generation rests on no later value, though it may be handed on with some: here
    the first that is better comes just after a generation at whose end nothing new had come for long enough.
    """
    strategy = make(strategy="surrogate", population=20)
    budget = Budget(num_proposals=160, population=20, replicates=1)
    loop = Loop(strategy, Records([SCORE], hall_of_fame=3), budget, trainings=LateHands(0))
    loop.run()
    assert "restart" in {individual.operator for individual in loop.individuals}
    asking = AskTell(encoding(), "maximize score", population=20)
    while len(asking.history) < 160:
        for proposal in asking.ask():
            asking.tell(proposal, float(proposal.id >= 121))
    assert [each.individual for each in asking.history][:160] == loop.individuals


def run(strategy: str, at_once: int, **settings: object) -> tuple[list[int], list[Individual]]:
    hands = Hands(at_once)
    budget = Budget(num_proposals=60, population=12, replicates=1)
    generations: list[Generation] = []
    loop = Loop(
        make(strategy=strategy, population=12, **settings),
        Records([SCORE], hall_of_fame=3),
        budget,
        trainings=hands,
        hooks=Hooks(told=generations.append),
    )
    assert loop.run() == FINISHED
    loop.announce()
    assert [generation.number for generation in generations] == list(range(5))
    return hands.handed_out, loop.individuals


def test_a_generation_is_handed_out_together() -> None:
    handed_out, _ = run("random", 12)
    assert handed_out == [12] * 5
    handed_out, _ = run("evolution", 12)
    assert len(handed_out) == 5


def test_where_a_whole_cohort_comes_back_the_next_ones_are_handed_out_together() -> None:
    """But for the end of a generation, which is written about while the workers are busy."""
    handed_out, _ = run("aging", 6, in_flight=6)
    assert handed_out == [6] * 10
    handed_out, _ = run("aging", 8, in_flight=8)
    assert max(handed_out) == 8
    assert len(handed_out) <= 60 / 8 + 5 + 1


@pytest.mark.parametrize("strategy", ["aging", "evolution"])
def test_how_many_come_back_at_once_changes_nothing(strategy: str) -> None:
    _, individuals = run(strategy, 1, in_flight=8)
    for at_once in (3, 8, 100):
        assert run(strategy, at_once, in_flight=8)[1] == individuals


def test_what_was_told_in_a_generation_that_is_not_complete_is_not_forgotten() -> None:
    """A surrogate is told batch by batch; records are kept by generations."""
    records = Records([SCORE], hall_of_fame=3)
    loop = Loop(
        make(strategy="surrogate", population=32),
        records,
        Budget(num_proposals=96, population=32, replicates=1),
        trainings=Hands(1),
        hooks=Hooks(stop=lambda: "enough" if loop.num_told > 44 else None),
    )
    assert loop.run() == "enough"
    assert 44 < loop.num_told < 64
    assert [each.individual for each in loop.unrecorded()] == loop.individuals[32 : 32 + len(loop.unrecorded())]
    assert 32 + len(loop.unrecorded()) >= loop.num_told
    records.update(loop.unrecorded())
    assert len(records._measured) == len({individual.fingerprint for individual in loop.individuals[: loop.num_told]})


class OneOutstanding(Hands):
    """One at a time; individual 40 is better than everybody by far."""

    def collect(self, timeout_seconds: float) -> Mapping[TrainingKey, Outcome]:
        ready, self._waiting = self._waiting[:1], self._waiting[1:]
        return {r.key: outcome((score(r.individual)[0] + 100.0 * (r.individual.id == 40),), [SCORE]) for r in ready}


@pytest.mark.parametrize("batch", ["growing", 16])
def test_who_came_back_before_the_rest_of_the_batch_can_win(batch: object) -> None:
    records = Records([SCORE], hall_of_fame=3)
    loop = Loop(
        make(strategy="surrogate", population=32, batch=batch),
        records,
        Budget(num_proposals=96, population=32, replicates=1),
        trainings=OneOutstanding(1),
        hooks=Hooks(stop=lambda: "enough" if any(each.individual.id == 40 for each in loop.unrecorded()) else None),
    )
    loop.hooks = replace(loop.hooks, tick=lambda: looks.append(loop.strategy.believed(loop.waiting())))
    looks: list[str | None] = []
    assert loop.run() == "enough"
    wanted = loop.individuals[40].fingerprint
    assert looks[-1] == wanted
    believed = loop.strategy.believed(loop.waiting())
    ahead = records.best_with(loop.unrecorded(), believed=believed)
    records.update(loop.unrecorded())
    records.believe(believed)
    for best in (ahead, records.best):
        assert best is not None
        assert best.record is not None
        assert best.record.fingerprint == wanted


@pytest.mark.parametrize("settings", [{}, {"batch": 12}, {"steady_state": True, "in_flight": 5}])
def test_looking_at_what_is_believed_changes_no_proposal(settings: dict[str, object]) -> None:
    def looked(look: bool) -> list[Individual]:
        def tick() -> None:
            if look:
                loop.strategy.believed(loop.waiting())

        loop = Loop(
            make(strategy="surrogate", population=12, **settings),
            Records([SCORE], hall_of_fame=3),
            Budget(num_proposals=60, population=12, replicates=1),
            trainings=Hands(1),
            hooks=Hooks(tick=tick),
        )
        assert loop.run() == FINISHED
        return loop.individuals

    assert looked(look=True) == looked(look=False)
