"""The pool as its user sees it: what starts when, in which order, and where."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import psutil
import pytest

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation import (
    ChildEnded,
    ChildStarted,
    Device,
    Event,
    Executor,
    Slot,
    Task,
    TaskFinished,
    TaskProgress,
    TaskStarted,
    WorkerPool,
    share_out,
)
from evo_nas.evaluation import pool as pool_module
from evo_nas.evaluation.devices import gpu
from evo_nas.evaluation.supervisor import Supervisor

HANDLERS = f"{__package__}.obedient"
PATIENCE_SECONDS = 60.0


def pool_of(slots: int, *, growth_limit_bytes: int = 2**30, **settings: Any) -> WorkerPool:
    return pool_on([Slot(index, Device("cpu")) for index in range(slots)], growth_limit_bytes, **settings)


def pool_on(slots: list[Slot], growth_limit_bytes: int = 2**30, **settings: Any) -> WorkerPool:
    return WorkerPool(
        slots,
        EvaluationSettings(**settings),
        handlers=HANDLERS,
        check=lambda task, result: None,
        growth_limit_bytes=growth_limit_bytes,
    )


def events_until_finished(pool: Executor, count: int) -> list[Event]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen: list[Event] = []
    while len(of(TaskFinished, seen)) < count:
        assert time.monotonic() < deadline, f"{count} tasks should be finished; so far: {seen}"
        seen += pool.events(1.0)
    return seen


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_five_hundred_tasks_come_back_once_each_and_start_in_order() -> None:
    with pool_of(2) as pool:
        for number in range(500):
            pool.submit(Task(number, "echo", {"number": number}))
        events = events_until_finished(pool, 500)
    assert {event.task_id: event.result for event in of(TaskFinished, events)} == {n: {"number": n} for n in range(500)}
    assert len(of(TaskFinished, events)) == 500
    assert [event.task_id for event in of(TaskStarted, events)] == list(range(500))
    assert {event.slot for event in of(TaskStarted, events)} == {0, 1}


def test_a_pool_that_is_asked_nothing_starts_nothing() -> None:
    before = psutil.Process().num_threads()
    with pool_of(4) as pool:
        assert pool.num_slots == 4
        assert pool.events(0.0) == []
        assert psutil.Process().num_threads() == before
        assert psutil.Process().children() == []


def test_one_task_starts_one_child_and_the_next_finds_it_warm() -> None:
    seen: list[Event] = []
    with pool_of(3) as pool:
        for number in range(6):
            pool.submit(Task(number, "echo", {}))
            seen += events_until_finished(pool, 1)
    assert len(of(ChildStarted, seen)) == 1


def test_children_end_while_who_closes_does_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, end = threading.Event(), Supervisor.end_child

    def end_later(supervisor: Supervisor, reason: str) -> None:
        may_end.wait(10.0)
        end(supervisor, reason)

    monkeypatch.setattr(pool_module, "CLOSE_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(Supervisor, "end_child", end_later)
    seen: list[Event] = []
    with pool_of(2) as pool:
        for number in range(2):
            pool.submit(Task(number, "count", {"to": 10**9}))
        while len({event.task_id for event in of(TaskProgress, seen)}) < 2:
            seen += pool.events(PATIENCE_SECONDS)
        pool.close(wait=False)
        started = {event.pid for event in of(ChildStarted, seen)}
        assert all(psutil.pid_exists(pid) for pid in started)  # whoever waits comes here when they are gone
        with pytest.raises(RuntimeError, match="closed"):
            pool.submit(Task(2, "echo", {}))
        may_end.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while {event.pid for event in of(ChildEnded, seen)} != started:
            assert time.monotonic() < deadline
            seen += pool.events(1.0)
    assert not any(psutil.pid_exists(pid) for pid in started)


def test_no_more_children_than_tasks() -> None:
    with pool_of(6) as pool:
        for number in range(2):
            pool.submit(Task(number, "echo", {}))
        events = events_until_finished(pool, 2)
        assert 1 <= len(of(ChildStarted, events)) <= 2


def test_an_urgent_task_is_begun_before_those_that_wait() -> None:
    with pool_of(1) as pool:
        for number in range(6):
            pool.submit(Task(number, "echo", {}))
        pool.submit(Task(6, "echo", {}, urgent=True))
        started = [event.task_id for event in of(TaskStarted, events_until_finished(pool, 7))]
    assert 6 in started[:2]  # the first may have been begun already
    assert [number for number in started if number != 6] == list(range(6))


def test_a_child_is_replaced_after_so_many_tasks() -> None:
    with pool_of(1, recycle_after=3) as pool:
        for number in range(7):
            pool.submit(Task(number, "who", {"names": []}))
        events = events_until_finished(pool, 7)
    pids = [event.result["pid"] for event in of(TaskFinished, events)]
    assert [len(set(pids[:3])), len(set(pids[3:6])), len(set(pids))] == [1, 1, 3]
    assert [event.reason for event in of(ChildEnded, events)] == ["replaced after 3 tasks"] * 2


def test_a_child_is_replaced_when_it_has_grown() -> None:
    megabytes = 2**20
    with pool_of(1, growth_limit_bytes=30 * megabytes) as pool:
        for number in range(5):
            pool.submit(Task(number, "grow", {"bytes": 20 * megabytes}))
        events = events_until_finished(pool, 5)
    pids = [event.result["pid"] for event in of(TaskFinished, events)]
    assert pids[0] == pids[1] == pids[2] != pids[3]
    assert pids[3] == pids[4]
    assert [event.reason for event in of(ChildEnded, events)] == ["replaced, it had grown by 40 MiB"]


def test_events_name_the_children_for_a_later_parent() -> None:
    with pool_of(1) as pool:
        pool.submit(Task(0, "who", {"names": []}))
        events = events_until_finished(pool, 1)
        (child,) = of(ChildStarted, events)
        assert child.pid == of(TaskFinished, events)[0].result["pid"]
        assert child.create_time == pytest.approx(psutil.Process(child.pid).create_time(), abs=1.0)
    assert pool.events(0.0) == [ChildEnded(0, child.pid, "the pool was closed")]
    assert not psutil.pid_exists(child.pid)


def test_a_child_is_alone_quiet_and_light() -> None:
    with pool_of(1) as pool:
        pool.submit(Task(0, "who", {"names": []}))
        (finished,) = of(TaskFinished, events_until_finished(pool, 1))
    assert finished.result["leads_its_group"]
    assert finished.result["ignores_interrupts"]
    assert finished.result["heavy"] == []


def test_a_child_on_a_gpu_sees_its_own_gpu_and_is_told_so() -> None:
    devices = [gpu("GPU-first"), gpu("GPU-second")]
    slots = list(share_out(devices, EvaluationSettings(workers_per_device=2)))
    names = ["CUDA_VISIBLE_DEVICES", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_DETERMINISTIC_OPS"]
    for slot in slots:
        with pool_on([slot]) as pool:
            pool.submit(Task(0, "who", {"names": names}))
            (finished,) = of(TaskFinished, events_until_finished(pool, 1))
        assert list(finished.result["environment"].values()) == [
            ["GPU-first", "GPU-second"][slot.index % 2],
            "true",
            "1",
        ]
        assert finished.result["prepared"] == [{"kind": "gpu", "threads": 1}]


def test_a_child_without_a_gpu_has_one_thread_and_sees_none() -> None:
    (slot,) = share_out([], EvaluationSettings(workers=1))
    names = ["CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"]
    with pool_on([slot]) as pool:
        pool.submit(Task(0, "who", {"names": names}))
        (finished,) = of(TaskFinished, events_until_finished(pool, 1))
    assert list(finished.result["environment"].values()) == ["-1", "1", "1", "1"]
    assert finished.result["prepared"] == [{"kind": "cpu", "threads": 1}]


def test_progress_comes_between_start_and_end_and_is_thinned() -> None:
    with pool_of(1) as pool:
        pool.submit(Task(3, "count", {"to": 20_000}))
        events = events_until_finished(pool, 1)
    progress = of(TaskProgress, events)
    assert progress[0] == TaskProgress(3, {"number": 0})
    assert events.index(TaskStarted(3, 0)) < events.index(progress[0])
    assert isinstance(events[-1], TaskFinished)
    assert len(progress) < 200


@pytest.mark.parametrize("payload", [{"loss": float("nan")}, {"loss": object()}, {"name": "\ud800"}])
def test_a_payload_that_is_no_plain_data_is_refused_at_once(payload: dict[str, Any]) -> None:
    with pool_of(1) as pool, pytest.raises((ValueError, TypeError)):
        pool.submit(Task(0, "echo", payload))


def test_a_script_that_never_closes_its_pool_ends_and_leaves_nothing() -> None:
    script = (
        "from evo_nas.config import EvaluationSettings\n"
        "from evo_nas.evaluation import *\n"
        f"pool = WorkerPool([Slot(0, Device('cpu'))], EvaluationSettings(), handlers={HANDLERS!r}, check=print)\n"
        "pool.submit(Task(0, 'who', {'names': []}))\n"
        "events = []\n"
        "while not any(isinstance(event, TaskFinished) for event in events):\n"
        "    events += pool.events(10.0)\n"
        "print(events[-1].result['pid'])\n"
    )
    path = {"PYTHONPATH": ":".join(entry for entry in sys.path if entry)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=path, capture_output=True, text=True, timeout=60, check=True
    )
    pid = int(done.stdout.split()[-1])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
