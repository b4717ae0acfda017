"""What crosses the border between a run and the place where its trainings happen: tasks go in, events come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from evo_nas.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Task:
    """Work for one child. `kind` names a handler; `payload` is plain data that JSON can hold, without NaN.

    time_limit_seconds: wall clock of one try, the start of a child not included; None is no limit. tries: how many
    children may die under it before it is given up. urgent: begun before all that wait.
    """

    id: int
    kind: str
    payload: Mapping[str, Any]
    time_limit_seconds: float | None = None
    tries: int = 2
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """A process was started. pid and create_time (seconds since 1970) name it for `end_strays` after a crash."""

    slot: int
    pid: int
    create_time: float


@dataclass(frozen=True, slots=True)
class ChildEnded:
    """A process is gone, its group killed and reaped; `reason` is for a person."""

    slot: int
    pid: int
    reason: str


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A slot took the task; its child may still be starting. Tasks start in the order of submission, but for
    urgent ones.
    """

    task_id: int
    slot: int


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """What the handler last said of itself. At most about ten a second are passed on."""

    task_id: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TaskDied:
    """A child died under the task. It is tried again in a fresh one, unless its tries are spent."""

    task_id: int
    message: str


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """The one last word on a task: either what the handler returned, or a failure.

    seconds: wall clock since a slot took it, both tries and the start of a child included.
    """

    task_id: int
    result: dict[str, Any] | None
    failure: Outcome | None
    seconds: float


Event = ChildStarted | ChildEnded | TaskStarted | TaskProgress | TaskDied | TaskFinished


class Executor(Protocol):
    """Where tasks run: child processes of this machine, or a cluster behind the same five words.

    Every submitted task ends in exactly one `TaskFinished`, unless the executor is closed before.
    """

    @property
    def num_slots(self) -> int:
        """Tasks that can run at the same time."""

    def submit(self, task: Task) -> None:
        """Queue a task, an urgent one before all others. Raises ValueError or TypeError where its payload is not plain
        data.
        """

    def events(self, timeout_seconds: float) -> list[Event]:
        """Everything that happened since the last call, in order; waits for the first event, or the timeout.

        Raises UserError where no child can be started at all.
        """

    def close(self, *, wait: bool = True) -> None:
        """Kill whatever runs, and wait at most two seconds until it is gone; closing twice is no error.

        wait: False returns at once, for who has other things to do meanwhile and closes again after them.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
