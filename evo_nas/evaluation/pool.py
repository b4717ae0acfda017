"""The executor of one machine: joblib's threads, one a slot, each supervising one warm child."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from evo_nas.errors import UserError
from evo_nas.evaluation.devices import Slot
from evo_nas.evaluation.evaluator import check_result
from evo_nas.evaluation.frames import pack
from evo_nas.evaluation.supervisor import Check, NeverReadyError, PoolClosedError, Rules, Supervisor
from evo_nas.evaluation.tasks import Event, Task, TaskStarted

if TYPE_CHECKING:
    from evo_nas.config import EvaluationSettings

CLOSE_SECONDS = 2.0


class WorkerPool:
    """An `Executor` of supervised child processes, for one thread that submits and listens.

    Why not joblib's own process pool: one worker killed, and it gives back none of twelve results (joblib#522). Here
    joblib runs one thread a slot for the life of the pool, and a child is that thread's own affair. Children start
    when there is a task for them, so a pool that is never asked starts none; a task goes to an idle warm child rather
    than to a cold slot.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        settings: EvaluationSettings,
        *,
        handlers: str = "evo_nas.training.tasks",
        check: Check = check_result,
        growth_limit_bytes: int = 2**30,
        start_seconds: float = 300.0,
    ) -> None:
        self._slots = tuple(slots)
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._board = _Board(self._events)
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._rules = Rules(
            handlers=handlers,
            check=check,
            start_seconds=start_seconds,
            no_progress_seconds=settings.no_progress_seconds,
            recycle_after=settings.recycle_after,
            growth_limit_bytes=growth_limit_bytes,
            closing=threading.Event(),
        )

    @property
    def num_slots(self) -> int:
        return len(self._slots)

    def submit(self, task: Task) -> None:
        """Queue a task, an urgent one before all others.

        Raises ValueError or TypeError where its payload is not plain data, RuntimeError if closed.
        """
        if self._rules.closing.is_set():
            raise self._error or RuntimeError("this pool is closed; it takes no more tasks")
        self._board.put(task, pack({"id": task.id, "kind": task.kind, "payload": dict(task.payload)}))
        if self._thread is None:
            # a daemon: a parent that ends without closing the pool ends, and the lifelines take the children along
            self._thread = threading.Thread(target=self._run, name="slots", daemon=True)
            self._thread.start()

    def events(self, timeout_seconds: float) -> list[Event]:
        """What happened, in order. Raises UserError where workers cannot start, and whatever broke a slot's thread."""
        found: list[Event | None] = []
        try:
            found.append(self._events.get(timeout=timeout_seconds))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            pass
        events = [event for event in found if event is not None]
        if not events and self._error is not None:
            raise self._error
        return events

    def close(self, *, wait: bool = True) -> None:
        self._stop()
        self._error = None  # whoever closes has heard of it
        if wait and self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            from joblib import Parallel, delayed

            slots = Parallel(n_jobs=len(self._slots), backend="threading", batch_size=1, pre_dispatch="all")
            slots(delayed(self._serve)(slot) for slot in self._slots)
        except Exception as error:  # noqa: BLE001 - nobody watches this thread: `events` raises it
            self._fail(error)

    def _serve(self, slot: Slot) -> None:
        supervisor = Supervisor(slot, self._rules, self._events.put)
        try:
            while (entry := self._board.take(slot.index, warm=supervisor.warm)) is not None:
                self._events.put(supervisor.settle(*entry))
        except PoolClosedError:
            pass
        except NeverReadyError as error:
            self._fail(UserError(f"the workers ({self._rules.handlers}) cannot be started: {error}"))
        except Exception as error:  # noqa: BLE001 - must not leave the other slots' children behind
            self._fail(error)
        finally:
            supervisor.end_child("the pool was closed")

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        self._stop()

    def _stop(self) -> None:
        self._rules.closing.set()
        self._board.close()
        self._events.put(None)  # wakes whoever waits for events


class _Board:
    """The tasks that wait, first come, first served, but for urgent ones."""

    def __init__(self, events: queue.SimpleQueue[Event | None]) -> None:
        self._events = events
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Task, bytes]] = deque()
        self._num_idle_warm = 0
        self._closed = False

    def put(self, task: Task, frame: bytes) -> None:
        with self._changed:
            (self._waiting.appendleft if task.urgent else self._waiting.append)((task, frame))
            self._changed.notify_all()

    def take(self, slot: int, *, warm: bool) -> tuple[Task, bytes] | None:
        """The next task, or None when the board is closed. A cold slot leaves a task to each idle warm one."""
        with self._changed:
            self._num_idle_warm += warm
            self._changed.wait_for(lambda: self._closed or len(self._waiting) > (0 if warm else self._num_idle_warm))
            self._num_idle_warm -= warm
            if self._closed:
                return None
            task, frame = self._waiting.popleft()
            self._events.put(TaskStarted(task.id, slot))
            return task, frame

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
