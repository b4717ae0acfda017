"""One slot: a warm child, a task at a time, and an answer for each whatever becomes of the child."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from evo_nas.evaluation.devices import Slot
from evo_nas.evaluation.evaluator import COHORT, NOT_AN_OUTCOME
from evo_nas.evaluation.tasks import ChildEnded, ChildStarted, Event, Task, TaskDied, TaskFinished, TaskProgress
from evo_nas.evaluation.warm_child import ChildLostError, WarmChild
from evo_nas.outcome import Outcome, Status, failure

STARTS = 3
"""How often a child is started for a task before the pool gives up."""

TICK_SECONDS = 0.1
"""How late a limit or the closing of the pool may be noticed."""

Answer = dict[str, Any] | Outcome
Check = Callable[[Task, Mapping[str, Any]], None]


class PoolClosedError(Exception):
    """The pool was closed while a task ran."""


class NeverReadyError(Exception):
    """No child could be started, though it was tried several times."""


class _LimitReachedError(Exception):
    """A limit that kills."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the slots of a pool share.

    handlers: dotted name of the handlers module. check: raises one of `NOT_AN_OUTCOME` for a result that is garbage.
    start_seconds: how long a start may take. growth_limit_bytes: a child is replaced when it holds so much more than
    after its first task. closing: set when the pool closes.
    """

    handlers: str
    check: Check
    start_seconds: float
    no_progress_seconds: float
    recycle_after: int
    growth_limit_bytes: int
    closing: threading.Event


class Supervisor:
    """Keeps one slot's child. For one thread only, which must outlive the child (`PR_SET_PDEATHSIG`, lifeline.py)."""

    def __init__(self, slot: Slot, rules: Rules, report: Callable[[Event], None]) -> None:
        self._slot = slot
        self._rules = rules
        self._report = report
        self._child: WarmChild | None = None
        self._num_tasks = 0
        self._first_bytes = 0

    @property
    def warm(self) -> bool:
        return self._child is not None

    def settle(self, task: Task, frame: bytes) -> TaskFinished:
        """Run a task to its end; `frame` is the task as the child reads it.

        A child that dies under it, or answers garbage, costs one of its tries. A limit is no death: what reached it is
        not tried again. Raises PoolClosedError, and NeverReadyError where no child can be started.
        """
        started = time.monotonic()
        answer = self._tries(task, frame)
        seconds = time.monotonic() - started
        if isinstance(answer, Outcome):
            return TaskFinished(task.id, None, replace(answer, seconds=seconds), seconds)
        return TaskFinished(task.id, answer, None, seconds)

    def end_child(self, reason: str) -> None:
        """Kill and reap the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()
            self._report(ChildEnded(self._slot.index, child.pid, reason))

    def _tries(self, task: Task, frame: bytes) -> Answer:
        last = "its worker was lost too often before"
        for _ in range(task.tries):
            child = self._started_child()
            try:
                return self._try(child, task, frame)
            except ChildLostError as death:
                last = str(death)
                self._report(TaskDied(task.id, f"the worker was lost: {last}"))
        times = "twice" if task.tries == 2 else f"{task.tries} times here"
        return failure(Status.CRASHED, f"the worker was lost {times}: {last}")

    def _started_child(self) -> WarmChild:
        """A warm child. Its start is nobody's fault: it has a limit of its own and costs no task a try."""
        for _ in range(STARTS):
            try:
                return self._ready_child()
            except (ChildLostError, _LimitReachedError) as trouble:
                last = str(trouble)
                self.end_child(last)
        raise NeverReadyError(last)

    def _try(self, child: WarmChild, task: Task, frame: bytes) -> Answer:
        try:
            child.send(frame)
            answer = self._answer(child, task)
        except ChildLostError as death:
            self.end_child(str(death))
            raise
        except _LimitReachedError as limit:
            self.end_child(str(limit))
            return failure(Status.TIMED_OUT, str(limit))
        self._recycle(child, task, failed=isinstance(answer, Outcome))
        return answer

    def _ready_child(self) -> WarmChild:
        if self._child is not None and not self._child.is_sound():
            self.end_child("it ended while it was idle")
        if self._child is None:
            self._child = WarmChild(self._slot.device, self._rules.handlers)
            self._num_tasks = self._first_bytes = 0
            self._report(ChildStarted(self._slot.index, self._child.pid, self._child.create_time))
            limit = self._rules.start_seconds
            greeting = next(self._listen(self._child, limit, "the start of the worker", silence=limit))
            if greeting != {"say": "ready"}:
                raise ChildLostError(f"it answered garbage: {greeting!r:.100}")
        return self._child

    def _answer(self, child: WarmChild, task: Task) -> Answer:
        silence = self._rules.no_progress_seconds
        messages = self._listen(child, task.time_limit_seconds, "the task", silence=silence)
        return next(answer for message in messages if (answer := self._understand(message, task)) is not None)

    def _listen(
        self, child: WarmChild, time_limit_seconds: float | None, what: str, *, silence: float
    ) -> Iterator[dict[str, Any]]:
        """All that it says from now on. Raises ChildLostError, PoolClosedError, or _LimitReachedError.

        Messages are read before the clock is: where this process was stopped for an hour, its child was not silent.
        """
        started = heard = time.monotonic()
        while True:
            messages = child.receive(TICK_SECONDS)
            yield from messages
            now = time.monotonic()
            heard = now if messages else heard
            if self._rules.closing.is_set():
                raise PoolClosedError
            if time_limit_seconds is not None and now - started > time_limit_seconds:
                raise _LimitReachedError(f"{what} reached its time limit of {time_limit_seconds:g} s and was ended")
            if now - heard > silence:
                raise _LimitReachedError(f"{what} made no progress for {silence:g} s and was ended")

    def _understand(self, message: dict[str, Any], task: Task) -> Answer | None:
        """The answer that a message is, or None for mere progress. Raises ChildLostError for anything else."""
        try:
            match message:
                case {"say": "progress", "task": int(task_id), "data": dict(data)}:
                    if task_id == task.id:  # a thread that a handler left behind may still speak of an earlier one
                        self._report(TaskProgress(task_id, data))
                    return None
                case {"say": "result", "task": task.id, "result": dict(result)}:
                    self._rules.check(task, result)
                    return result
                case {"say": "failure", "task": task.id, "status": str(status), "message": str(text)}:
                    if status == Status.OK:
                        raise ValueError("a failure that is ok")
                    return failure(Status(status), text)
        except NOT_AN_OUTCOME as error:
            raise ChildLostError(f"it answered garbage: {type(error).__name__}: {error}") from error
        raise ChildLostError(f"it answered garbage: {message!r:.100}")

    def _recycle(self, child: WarmChild, task: Task, *, failed: bool) -> None:
        self._num_tasks += task.kind != COHORT  # cohorts leave nothing behind, and their programs are worth keeping
        size = child.resident_bytes()
        self._first_bytes = self._first_bytes or size
        if failed:
            self.end_child("replaced after a failure")
        elif self._num_tasks >= self._rules.recycle_after:
            self.end_child(f"replaced after {self._num_tasks} tasks")
        elif size - self._first_bytes > self._rules.growth_limit_bytes:
            self.end_child(f"replaced, it had grown by {(size - self._first_bytes) / 2**20:.0f} MiB")
