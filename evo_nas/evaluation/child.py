"""The child process: `python -m evo_nas.evaluation.child LIFELINE TASKS RESULTS PARENT HANDLERS DEVICE`.

The first three are file descriptors, PARENT is a pid, HANDLERS the dotted name of a module and DEVICE a JSON object.
The module offers `prepare(device)`, called once, and `HANDLERS`, a mapping from a task's kind to a function
`(payload, progress) -> result` on plain data. A fresh interpreter, not `multiprocessing`: it runs nothing of the user's
script, which so needs no `if __name__ == "__main__"`.

Says, each an object: {"say": "ready"}, {"say": "progress", "task", "data"}, {"say": "result", "task", "result"},
{"say": "failure", "task", "status", "message"}. Standard output and error belong to whoever writes there.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evo_nas.errors import told
from evo_nas.evaluation.frames import READ_BYTES, FrameReader, pack
from evo_nas.evaluation.lifeline import hold_lifeline
from evo_nas.outcome import Status

Progress = Callable[[Mapping[str, Any]], None]
Handler = Callable[[dict[str, Any], Progress], dict[str, Any]]

PROGRESS_SECONDS = 0.1


def main(arguments: list[str]) -> None:
    lifeline, tasks, results, parent_pid = (int(text) for text in arguments[:4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is the parent's business
    for descriptor in (lifeline, tasks, results):
        os.set_inheritable(descriptor, False)
    hold_lifeline(lifeline, parent_pid)
    module = importlib.import_module(arguments[4])
    module.prepare(json.loads(arguments[5]))
    voice = _Voice(results)
    voice.say(pack({"say": "ready"}))
    for task in _incoming(tasks):
        voice.say(_answer(task, module.HANDLERS, voice))


class _Voice:
    """Whole frames on the result pipe, from whatever thread."""

    def __init__(self, results: int) -> None:
        self._results = results
        self._lock = threading.Lock()

    def say(self, frame: bytes) -> None:
        view = memoryview(frame)
        with self._lock:
            while view:
                view = view[os.write(self._results, view) :]


def _incoming(tasks: int) -> Iterator[dict[str, Any]]:
    reader = FrameReader()
    while data := os.read(tasks, READ_BYTES):
        yield from reader.feed(data)


def _answer(task: dict[str, Any], handlers: Mapping[str, Handler], voice: _Voice) -> bytes:
    """The frame that answers a task. Exceptions are text from here on: TensorFlow's cannot be rebuilt in the parent."""
    try:
        result = handlers[task["kind"]](task["payload"], _progress_of(task["id"], voice))
        return pack({"say": "result", "task": task["id"], "result": result})
    except MemoryError as error:
        return _failure(task, Status.OUT_OF_MEMORY, error)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is an answer (law 1)
        return _failure(task, Status.CRASHED, error)


def _failure(task: dict[str, Any], status: Status, error: Exception) -> bytes:
    return pack({"say": "failure", "task": task["id"], "status": status, "message": told(error)})


def _progress_of(task_id: int, voice: _Voice) -> Progress:
    """A function that may be called as often as one likes: it speaks at most once in `PROGRESS_SECONDS`.

    A number that is not finite goes out as null: a diverging loss is news, not an error.
    """
    due = 0.0

    def progress(data: Mapping[str, Any]) -> None:
        nonlocal due
        now = time.monotonic()
        if now < due:
            return
        due = now + PROGRESS_SECONDS
        plain = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in data.items()}
        voice.say(pack({"say": "progress", "task": task_id, "data": plain}))

    return progress


if __name__ == "__main__":
    main(sys.argv[1:])
