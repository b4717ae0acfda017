"""A cohort whose child dies, hangs or answers garbage is tried again in halves: only the guilty are harmed (law 11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import pytest

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation import Device, Event, Job, Slot, Task, TaskDied, TaskFinished, TrainingContext, WorkerPool
from evo_nas.evaluation.evaluator import check_result, cohort_task
from evo_nas.history import Ledger
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.running.halving import Finished, Halving
from evo_nas.running.workers import Workers
from evo_nas.training.fusing import POPULATION
from genomes import Genome
from tests.faults.witness import becomes_true

pytestmark = pytest.mark.faults

CONTEXT = TrainingContext({}, {"metrics": ["accuracy"]}, "data.npz", {})
INNOCENT, GUILTY = "a{:03x}", "f{:03x}"


def jobs_of(count: int, guilty: Sequence[int] = (), tries: int = 2) -> list[Job]:
    names = [(GUILTY if number in guilty else INNOCENT).format(number) for number in range(count)]
    return [Job(Genome("mlp", {}), name, 0, tries=tries, program=POPULATION) for name in names]


@dataclass
class Desk:
    """Whoever asked for the trainings: what came back in one piece, and which deaths were noted."""

    pieces: list[Finished] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {job.fingerprint: outcome for piece in self.pieces for job, outcome in piece}

    def train(self, workers: Workers, jobs: Sequence[Job], limit: float | None = None) -> None:
        def make_task(together: Sequence[Job], number: int) -> Task:
            return cohort_task(together, CONTEXT, task_id=number, time_limit_seconds=limit, memory_mb=100)

        def label(together: Sequence[Job]) -> str:
            self.labels.append(f"{len(together)}")
            return self.labels[-1]

        halving = Halving(
            workers,
            make_task,
            label=label,
            on_finished=self.pieces.append,
            on_died=lambda job, message: self.deaths.append(job.fingerprint),
        )
        halving.train(jobs)
        workers.wait(stop=lambda: False)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "run.db", {}) as ledger:
        yield ledger
    assert becomes_true(lambda: not psutil.Process().children(recursive=True))


def trained(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, jobs: Sequence[Job], prefixes: str, limit: float | None = None
) -> Desk:
    """The jobs trained by two real workers; every innocent one has its own outcome, each job came back once."""
    monkeypatch.setenv("GUILTY_PREFIXES", prefixes)
    slots = [Slot(index, Device("cpu")) for index in range(2)]
    check = partial(check_result, metrics=("loss", "accuracy"))
    workers = Workers(WorkerPool(slots, EvaluationSettings(), handlers="tests.faults.guilty", check=check), ledger)
    desk = Desk()
    try:
        desk.train(workers, jobs, limit)
    finally:
        workers.close()
    assert sorted(job.fingerprint for piece in desk.pieces for job, _ in piece) == sorted(j.fingerprint for j in jobs)
    innocent = [outcome.status for name, outcome in desk.outcomes.items() if name.startswith("a")]
    assert set(innocent) <= {Status.OK, Status.DIVERGED}
    return desk


def guilty_of(desk: Desk) -> dict[str, Outcome]:
    return {name: outcome for name, outcome in desk.outcomes.items() if name.startswith("f")}


def test_nobody_guilty_is_one_piece_in_order(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = jobs_of(16)
    desk = trained(ledger, monkeypatch, jobs, "")
    assert [[job for job, _ in piece] for piece in desk.pieces] == [jobs]
    assert desk.labels == ["16"]


@pytest.mark.parametrize("guilty", [(0,), (11,), (15,), (3, 4), (0, 15)])
def test_of_sixteen_only_the_killers_are_given_up(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, guilty: tuple[int, ...]
) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(16, guilty), "kill=f")
    assert {outcome.status for outcome in guilty_of(desk).values()} == {Status.CRASHED}
    assert all("the worker was lost twice" in outcome.message for outcome in guilty_of(desk).values())
    assert sorted(desk.deaths) == sorted([GUILTY.format(number) for number in guilty] * 2)
    assert len(desk.labels) <= 1 + 2 * 4 * len(guilty)


def test_the_tasks_that_one_killer_among_sixteen_costs(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(16, (11,)), "kill=f")
    assert sorted(map(int, desk.labels), reverse=True) == [16, 8, 8, 4, 4, 2, 2, 1, 1]


@pytest.mark.parametrize("kind", ["garbage", "lose"])
def test_garbage_of_one_member_costs_that_member(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(7, (2,)), f"{kind}=f")
    (outcome,) = guilty_of(desk).values()
    assert outcome.status is Status.CRASHED
    assert "it answered garbage" in outcome.message
    assert desk.deaths == [GUILTY.format(2)] * 2


def test_a_member_that_hangs_is_timed_out_alone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(5, (3,)), "hang=f", limit=0.5)
    (outcome,) = guilty_of(desk).values()
    assert outcome.status is Status.TIMED_OUT
    assert "time limit of 0.5 s" in outcome.message
    assert desk.deaths == []


def test_a_member_without_memory_has_none_alone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(6, (5,)), "memory=f")
    (outcome,) = guilty_of(desk).values()
    assert (outcome.status, outcome.message) == (Status.OUT_OF_MEMORY, "MemoryError: too large")
    assert desk.deaths == []


def test_one_that_died_too_often_before_is_not_tried(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = trained(ledger, monkeypatch, jobs_of(1, (0,), tries=0), "kill=f")
    (outcome,) = guilty_of(desk).values()
    assert (outcome.status, desk.deaths) == (Status.CRASHED, [])


class Obstinate:
    """An executor whose cohorts of more than `most` members fail as a whole, in whatever way; no process at all."""

    num_slots = 1

    def __init__(self, most: int, status: Status) -> None:
        self._most, self._status = most, status
        self._events: list[Event] = []
        self.sizes: list[int] = []

    def submit(self, task: Task) -> None:
        size = len(task.payload["members"])
        self.sizes.append(size)
        if size > self._most:
            self._events += [
                TaskDied(task.id, "lost"),
                TaskFinished(task.id, None, failure(self._status, "all of it"), 1.0),
            ]
        else:
            good = Outcome(Status.OK, {"loss": 1.0}).to_json()
            self._events.append(TaskFinished(task.id, {"outcomes": [good] * size}, None, 1.0))

    def events(self, timeout_seconds: float) -> list[Event]:
        events, self._events = self._events, []
        return events


@pytest.mark.parametrize("status", [Status.CRASHED, Status.TIMED_OUT, Status.OUT_OF_MEMORY])
@pytest.mark.parametrize(
    ("most", "sizes"), [(16, [13]), (6, [13, 6, 7, 3, 4]), (1, [13, 6, 7, 3, 3, 3, 4, *[1, 2] * 3, 2, 2, *[1] * 10])]
)
def test_cohorts_are_halved_until_they_succeed(ledger: Ledger, status: Status, most: int, sizes: list[int]) -> None:
    executor, desk, jobs = Obstinate(most, status), Desk(), jobs_of(13)
    desk.train(Workers(executor, ledger), jobs)  # type: ignore[arg-type]
    assert sorted(executor.sizes) == sorted(sizes)
    assert sorted(desk.outcomes) == sorted(job.fingerprint for job in jobs)
    assert all(outcome.ok for outcome in desk.outcomes.values())
    assert desk.deaths == []


def test_nobody_is_left_out_where_all_fail(ledger: Ledger) -> None:
    executor, desk, jobs = Obstinate(0, Status.CRASHED), Desk(), jobs_of(5)
    desk.train(Workers(executor, ledger), jobs)  # type: ignore[arg-type]
    assert {outcome.message for outcome in desk.outcomes.values()} == {"all of it"}
    assert sorted(desk.deaths) == sorted(desk.outcomes) == sorted(job.fingerprint for job in jobs)
