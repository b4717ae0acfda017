"""The run's hands: tasks go to the executor, and whatever comes back finds the one who asked for it.

Everything here happens in the thread of the run; the ledger has one writer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from evo_nas.evaluation.tasks import (
    ChildEnded,
    ChildStarted,
    Event,
    Executor,
    Task,
    TaskDied,
    TaskFinished,
    TaskProgress,
    TaskStarted,
)
from evo_nas.history import Ledger

OnFinished = Callable[[TaskFinished], None]


class Watcher(Protocol):
    """Who wants to see what the workers do: a display."""

    def task_started(self, label: str) -> None: ...
    def task_progress(self, label: str, data: Mapping[str, Any]) -> None: ...
    def task_ended(self, label: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Open:
    label: str
    on_finished: OnFinished
    on_died: Callable[[str], None]


class Workers:
    """An executor with callbacks. `label` is what a display shows for a task, such as "individual 17"."""

    def __init__(self, executor: Executor, ledger: Ledger, watcher: Watcher | None = None) -> None:
        self._executor = executor
        self._ledger = ledger
        self._watcher = watcher
        self._open: dict[int, _Open] = {}
        self._num_submitted = 0
        self._children: dict[int, float] = {}

    @property
    def num_open(self) -> int:
        return len(self._open)

    def submit(
        self,
        make_task: Callable[[int], Task],
        *,
        label: str,
        on_finished: OnFinished,
        on_died: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Hand over the task that `make_task` makes for a number. The callbacks run inside `pump`."""
        number = self._num_submitted
        self._num_submitted += 1
        self._open[number] = _Open(label, on_finished, on_died)
        self._executor.submit(make_task(number))

    def pump(self, timeout_seconds: float) -> None:
        """Wait for something to happen, up to the timeout, and tell whom it concerns."""
        for event in self._executor.events(timeout_seconds):
            self._handle(event)

    def wait(self, *, stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> None:
        """Pump until nothing is open or `stop` says so."""
        while self._open and not stop():
            self.pump(0.2)
            tick()

    def dismiss(self) -> None:
        """Nothing more will be asked of the children: they end while their caller does something else."""
        self._executor.close(wait=False)

    def close(self) -> None:
        """End every child, now."""
        self._executor.close()
        deadline = time.monotonic() + 1.0
        while events := self._executor.events(0.0):
            for event in events:
                if isinstance(event, ChildEnded):
                    self._forget(event.pid)
            if time.monotonic() > deadline:
                break

    def _handle(self, event: Event) -> None:
        match event:
            case ChildStarted():
                self._children[event.pid] = event.create_time
                self._ledger.note_child(event.pid, event.create_time)
            case ChildEnded():
                self._forget(event.pid)
            case TaskStarted():
                self._show("task_started", event.task_id)
            case TaskProgress():
                if self._watcher and (task := self._open.get(event.task_id)):
                    self._watcher.task_progress(task.label, event.data)
            case TaskDied():
                self._open[event.task_id].on_died(event.message)
            case TaskFinished():
                self._show("task_ended", event.task_id)
                self._open.pop(event.task_id).on_finished(event)

    def _forget(self, pid: int) -> None:
        create_time = self._children.pop(pid, None)
        if create_time is not None:
            self._ledger.forget_child(pid, create_time)

    def _show(self, what: str, task_id: int) -> None:
        if self._watcher and (task := self._open.get(task_id)):
            getattr(self._watcher, what)(task.label)
