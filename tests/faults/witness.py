"""Who is still alive: processes are known by a marker in their environment, which their children inherit."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import psutil

from evo_nas.evaluation import Device, Event, Slot, TaskFinished, WorkerPool

PATIENCE_SECONDS = 30.0


def new_marker() -> str:
    return uuid.uuid4().hex


def marked_slots(count: int, marker: str) -> list[Slot]:
    device = Device("cpu", environment={"EVO_NAS_TEST_MARKER": marker})
    return [Slot(index, device) for index in range(count)]


def alive(marker: str) -> list[int]:
    """Processes with the marker; one that has ended and waits to be reaped has no environment any more."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("EVO_NAS_TEST_MARKER") == marker:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def events_until_finished(pool: WorkerPool, count: int) -> list[Event]:
    """All events up to the one with which the last of `count` tasks is finished."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen: list[Event] = []
    while sum(isinstance(event, TaskFinished) for event in seen) < count:
        assert time.monotonic() < deadline, f"{count} tasks should be finished; so far: {seen}"
        seen += pool.events(1.0)
    return seen


def finished(pool: WorkerPool, count: int) -> dict[int, TaskFinished]:
    events = events_until_finished(pool, count)
    return {event.task_id: event for event in events if isinstance(event, TaskFinished)}
