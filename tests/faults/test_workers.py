"""Whatever happens to a child costs its own task alone, and nothing is left running."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from evo_nas.config import EvaluationSettings
from evo_nas.errors import UserError
from evo_nas.evaluation import (
    ChildEnded,
    ChildStarted,
    Device,
    Slot,
    Task,
    TaskDied,
    TaskFinished,
    TaskProgress,
    WorkerPool,
)
from evo_nas.outcome import Status

from .witness import alive, becomes_true, events_until_finished, finished, marked_slots, new_marker

pytestmark = pytest.mark.faults

HANDLERS = f"{__package__}.misbehaving"


@pytest.fixture
def marker() -> Iterator[str]:
    """Every test of this file ends with none of its processes alive."""
    marker = new_marker()
    yield marker
    assert becomes_true(lambda: not alive(marker)), f"left behind: {alive(marker)}"
    assert not psutil.Process().children(recursive=True)


def pool_of(slots: int, marker: str, **settings: Any) -> WorkerPool:
    return WorkerPool(marked_slots(slots, marker), EvaluationSettings(**settings), handlers=HANDLERS, check=no_check)


def no_check(task: Task, result: object) -> None:
    """Any object will do."""


def run_one(marker: str, kind: str, payload: dict[str, Any] | None = None, limit: float | None = None) -> TaskFinished:
    """One task, and then an innocent one on the same slot, which must not notice."""
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, kind, payload or {}, limit))
        pool.submit(Task(1, "echo", {"kept": True}))
        results = finished(pool, 2)
    assert results[1].result == {"kept": True}
    return results[0]


def failure_of(event: TaskFinished) -> tuple[Status, str]:
    assert event.result is None
    assert event.failure is not None
    return event.failure.status, event.failure.message


@pytest.mark.parametrize("slots", [1, 3])
def test_of_twelve_tasks_four_go_wrong_and_eight_are_kept(marker: str, slots: int) -> None:
    culprits = {
        2: Task(2, "kill_itself", {}),
        5: Task(5, "hang", {}, time_limit_seconds=1.0),
        6: Task(6, "segfault", {}),
        9: Task(9, "answer_bytes", {"bytes": "ff" * 40}),
    }
    with pool_of(slots, marker) as pool:
        for number in range(12):
            pool.submit(culprits.get(number, Task(number, "echo", {"number": number})))
        results = finished(pool, 12)
        statuses = {number: failure_of(results[number])[0] for number in culprits}
    assert {number: event.result for number, event in results.items() if number not in culprits} == {
        number: {"number": number} for number in range(12) if number not in culprits
    }
    assert statuses == {2: Status.CRASHED, 5: Status.TIMED_OUT, 6: Status.CRASHED, 9: Status.CRASHED}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "kill_itself",
            r"twice: it was killed by SIGKILL \(not sent from here: often the kernel's out-of-memory kille",
        ),
        ("segfault", "twice: it was killed by SIGSEGV"),
        ("exit_quietly", "twice: it ended with exit code 0; its last line was: before the end"),
        ("exit_loudly", "twice: it ended with exit code 1; its last line was: the disk is gone"),
        ("fork_and_die", "twice: it was killed by SIGKILL"),
        ("close_pipe", "twice: it closed its side of the pipe"),
        ("answer_oversized", "ValueError: a message may have 67,108,864 bytes, this one has"),
        ("answer_nan", "ValueError: Out of range float values are not JSON compliant"),
        ("answer_object", "TypeError: Object of type object is not JSON serializable"),
        ("raise_unspeakable", "UnspeakableError: <exception str\\(\\) failed>"),
        ("raise_error", r"^ValueError: a lone surrogate \? is no text$"),
        ("raise_from_a_graph", r"^RuntimeError: odd$"),
        ("raise_for_a_person", r"^data.csv: two columns are missing:\n\n  - \[Op:a\]\n  - b$"),
        ("raise_at_length", r"^RuntimeError: first\nx{1980}$"),
        ("unheard_of", "KeyError: 'unheard_of'"),
    ],
)
def test_a_crash_says_how(marker: str, kind: str, said: str) -> None:
    status, message = failure_of(run_one(marker, kind))
    assert status is Status.CRASHED
    with pytest.raises(RuntimeError, match=said):
        raise RuntimeError(message)


def test_a_memory_error_is_no_crash(marker: str) -> None:
    assert failure_of(run_one(marker, "run_out_of_memory")) == (Status.OUT_OF_MEMORY, "MemoryError: no more")


@pytest.mark.parametrize(
    "body",
    [
        b'{"say": "result", "task": 0, "result": {"loss": NaN}}',
        b'{"say": "result", "task": 0, "result": [1]}',
        b'{"say": "result", "task": 1, "result": {}}',
        b'{"say": "failure", "task": 0, "status": "tired", "message": ""}',
        b'{"say": "res',
        b'"\xff\xfe"',
        b"[]",
        b"",
        b"[" * 100_000,
    ],
    ids=str,
)
def test_a_frame_of_garbage_is_a_crash(marker: str, body: bytes) -> None:
    status, message = failure_of(run_one(marker, "answer_body", {"bytes": body.hex()}))
    assert status is Status.CRASHED
    assert "the worker was lost twice: it answered garbage" in message


def test_a_frame_that_would_be_too_long_is_not_waited_for(marker: str) -> None:
    length = struct.pack(">I", 2**32 - 1)
    status, message = failure_of(run_one(marker, "answer_bytes", {"bytes": length.hex()}))
    assert status is Status.CRASHED
    assert "a frame of 4,294,967,295 bytes" in message


def test_a_frame_that_never_ends_is_no_progress(marker: str) -> None:
    length = struct.pack(">I", 1000)
    with pool_of(1, marker, no_progress_seconds=1.0) as pool:
        pool.submit(Task(0, "answer_bytes", {"bytes": length.hex()}))
        status, message = failure_of(finished(pool, 1)[0])
    assert status is Status.TIMED_OUT
    assert message == "the task made no progress for 1 s and was ended"


def test_a_result_that_is_no_outcome_is_garbage(marker: str) -> None:
    with WorkerPool(marked_slots(1, marker), EvaluationSettings(), handlers=f"{__package__}.misguided") as pool:
        pool.submit(Task(0, "train", {}))
        status, message = failure_of(finished(pool, 1)[0])
    assert status is Status.CRASHED
    assert "it answered garbage: KeyError: 'metrics'" in message


def test_a_task_is_tried_again_in_a_fresh_child(marker: str, tmp_path: Path) -> None:
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, "kill_itself_once", {"seen": str(tmp_path / "seen")}))
        events = events_until_finished(pool, 1)
    deaths = [event for event in events if isinstance(event, TaskDied)]
    children = [event.pid for event in events if isinstance(event, ChildStarted)]
    assert len(deaths) == 1
    assert "SIGKILL" in deaths[0].message
    assert len(set(children)) == 2
    assert isinstance(events[-1], TaskFinished)
    assert events[-1].result == {"seen": str(tmp_path / "seen")}


def test_a_limit_that_kills_is_final(marker: str) -> None:
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, "hang", {}, time_limit_seconds=0.5))
        events = events_until_finished(pool, 1)
    last = events[-1]
    assert isinstance(last, TaskFinished)
    assert failure_of(last) == (Status.TIMED_OUT, "the task reached its time limit of 0.5 s and was ended")
    assert last.failure is not None
    assert last.failure.seconds == last.seconds >= 0.5
    assert not any(isinstance(event, TaskDied) for event in events)


@pytest.mark.parametrize("kind", ["hang", "stop_itself", "hold_global_lock", "fork_and_hang", "fork_away_and_hang"])
def test_every_kind_of_hang_is_ended(marker: str, kind: str) -> None:
    event = run_one(marker, kind, {"task": 0}, limit=0.5)
    assert failure_of(event)[0] is Status.TIMED_OUT


def test_who_talks_may_take_longer_than_the_limit_on_progress(marker: str) -> None:
    with pool_of(2, marker, no_progress_seconds=1.5) as pool:
        pool.submit(Task(0, "talk_slowly", {"words": 8, "seconds": 0.3}))
        pool.submit(Task(1, "talk_slowly", {"words": 1, "seconds": 600}))
        results = finished(pool, 2)
    assert results[0].seconds > 1.5
    assert results[0].result == {"words": 8, "seconds": 0.3}
    assert failure_of(results[1]) == (Status.TIMED_OUT, "the task made no progress for 1.5 s and was ended")


def test_a_talker_does_not_escape_the_wall_clock(marker: str) -> None:
    event = run_one(marker, "talk_slowly", {"words": 10_000, "seconds": 0.05}, limit=1.0)
    assert failure_of(event)[0] is Status.TIMED_OUT


def test_a_large_result_arrives_whole(marker: str) -> None:
    assert run_one(marker, "answer_large", {"characters": 10_000_000}).result == {"text": "x" * 10_000_000}


def test_a_large_payload_arrives_whole(marker: str) -> None:
    payload = {"text": "y" * 10_000_000}
    assert run_one(marker, "echo", payload).result == payload


def test_megabytes_of_chatter_do_not_block(marker: str) -> None:
    assert run_one(marker, "shout", {"megabytes": 20}).result == {"shouted": 20}


def test_a_number_that_is_not_finite_is_no_reason_to_stop_reporting(marker: str) -> None:
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, "progress_nan", {}))
        events = events_until_finished(pool, 1)
    assert TaskProgress(0, {"loss": None, "epoch": 1}) in events


def test_a_child_killed_while_idle_costs_nothing(marker: str) -> None:
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, "echo", {}))
        events = events_until_finished(pool, 1)
        first = next(event.pid for event in events if isinstance(event, ChildStarted))
        psutil.Process(first).kill()
        assert becomes_true(lambda: psutil.Process(first).status() == psutil.STATUS_ZOMBIE)
        pool.submit(Task(1, "echo", {}))
        events = events_until_finished(pool, 1)
    assert ChildEnded(0, first, "it ended while it was idle") in events
    assert not any(isinstance(event, TaskDied) for event in events)


@pytest.mark.parametrize("kind", ["hang", "fork_and_hang", "hold_global_lock"])
def test_close_ends_what_is_busy(marker: str, kind: str) -> None:
    pool = pool_of(2, marker)
    pool.submit(Task(0, kind, {"task": 0}))
    while not any(isinstance(event, TaskProgress) for event in pool.events(10.0)):
        pass
    pool.close()
    assert not alive(marker)
    pool.close()
    with pytest.raises(RuntimeError, match="this pool is closed"):
        pool.submit(Task(1, "echo", {}))


def test_workers_that_cannot_start_are_the_users_to_know(marker: str) -> None:
    with WorkerPool(marked_slots(2, marker), EvaluationSettings(), handlers="no.such.module") as pool:
        pool.submit(Task(0, "echo", {}))
        with pytest.raises(UserError, match=r"no\.such\.module\) cannot be started: .* No module named 'no'"):
            events_until_finished(pool, 1)


def test_a_child_that_takes_for_ever_to_start_is_nobodys_fault_and_ends_the_pool(marker: str) -> None:
    device = Device("cpu", environment={"EVO_NAS_TEST_MARKER": marker, "MISGUIDED_START": "hang"})
    handlers = f"{__package__}.misguided"
    with WorkerPool([Slot(0, device)], EvaluationSettings(), handlers=handlers, start_seconds=0.4) as pool:
        pool.submit(Task(0, "train", {}))
        with pytest.raises(UserError, match=r"cannot be started: the start of the worker .* 0\.4 s"):
            finished(pool, 1)
    assert not alive(marker)


def test_a_slow_start_does_not_count_against_the_limit_on_progress(marker: str) -> None:
    settings = EvaluationSettings(no_progress_seconds=0.02)  # less than any interpreter needs to start
    with WorkerPool(marked_slots(1, marker), settings, handlers=HANDLERS) as pool:
        pool.submit(Task(0, "echo", {"word": 1}))
        assert finished(pool, 1)[0].result == {"word": 1}


def test_a_task_has_as_many_tries_as_it_is_given(marker: str) -> None:
    with pool_of(1, marker) as pool:
        pool.submit(Task(0, "kill_itself", {}, tries=1))
        pool.submit(Task(1, "kill_itself", {}, tries=0))
        events = events_until_finished(pool, 2)
    assert len([event for event in events if isinstance(event, TaskDied)]) == 1
    assert all(failure_of(e)[0] is Status.CRASHED for e in events if isinstance(e, TaskFinished))
