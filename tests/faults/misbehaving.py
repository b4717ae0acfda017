"""Handlers that do to their process whatever a training can do to it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evo_nas.errors import UserError
from evo_nas.evaluation.frames import LENGTH, MAX_FRAME_BYTES, pack

Payload = dict[str, Any]
Progress = Callable[[Mapping[str, Any]], None]

FOREVER_SECONDS = 600
RESULTS = int(sys.argv[3]) if len(sys.argv) > 3 else -1


def prepare(device: Mapping[str, Any]) -> None:
    """Nothing to prepare."""


def echo(payload: Payload, progress: Progress) -> Payload:
    return payload


def kill_itself(payload: Payload, progress: Progress) -> Payload:
    os.kill(os.getpid(), signal.SIGKILL)
    return payload


def kill_itself_once(payload: Payload, progress: Progress) -> Payload:
    """Dies unless the file at `seen` is there already."""
    seen = Path(payload["seen"])
    if not seen.exists():
        seen.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return payload


def segfault(payload: Payload, progress: Progress) -> Payload:
    ctypes.string_at(0)
    return payload


def exit_quietly(payload: Payload, progress: Progress) -> Payload:
    sys.stderr.write("before the end\n")
    os._exit(0)


def exit_loudly(payload: Payload, progress: Progress) -> Payload:
    sys.exit("the disk is gone")


def hang(payload: Payload, progress: Progress) -> Payload:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress({})
    time.sleep(FOREVER_SECONDS)
    return payload


def stop_itself(payload: Payload, progress: Progress) -> Payload:
    os.killpg(0, signal.SIGSTOP)
    return payload


def talk_slowly(payload: Payload, progress: Progress) -> Payload:
    for word in range(payload["words"]):
        progress({"word": word})
        time.sleep(payload["seconds"])
    return payload


def hold_global_lock(payload: Payload, progress: Progress) -> Payload:
    """No other thread of this process runs again from the moment in which its only message can be read."""
    frame = pack({"say": "progress", "task": payload["task"], "data": {}})
    sys.setswitchinterval(FOREVER_SECONDS)
    library = ctypes.PyDLL(None)
    library.write(RESULTS, frame, len(frame))
    library.sleep(FOREVER_SECONDS)
    return payload


def fork(payload: Payload, progress: Progress, *, leave_group: bool = False) -> None:
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if leave_group:
            os.setsid()
        while True:
            time.sleep(FOREVER_SECONDS)


def fork_and_hang(payload: Payload, progress: Progress) -> Payload:
    fork(payload, progress)
    return hang(payload, progress)


def fork_and_hold_global_lock(payload: Payload, progress: Progress) -> Payload:
    fork(payload, progress)
    return hold_global_lock(payload, progress)


def fork_away_and_hang(payload: Payload, progress: Progress) -> Payload:
    fork(payload, progress, leave_group=True)
    return hang(payload, progress)


def fork_and_die(payload: Payload, progress: Progress) -> Payload:
    """The child that is left behind holds the result pipe open."""
    fork(payload, progress)
    os.kill(os.getpid(), signal.SIGKILL)
    return payload


def answer_bytes(payload: Payload, progress: Progress) -> Payload:
    """Writes `bytes` (hexadecimal) to the result pipe, and nothing else for ever."""
    os.write(RESULTS, bytes.fromhex(payload["bytes"]))
    time.sleep(FOREVER_SECONDS)
    return payload


def answer_body(payload: Payload, progress: Progress) -> Payload:
    """Writes a frame that holds `bytes`."""
    body = bytes.fromhex(payload["bytes"])
    return answer_bytes({"bytes": (LENGTH.pack(len(body)) + body).hex()}, progress)


def close_pipe(payload: Payload, progress: Progress) -> Payload:
    os.close(RESULTS)
    time.sleep(FOREVER_SECONDS)
    return payload


def shout(payload: Payload, progress: Progress) -> Payload:
    for _ in range(payload["megabytes"]):
        os.write(1, b"o" * 2**19)
        os.write(2, b"e" * 2**19)
    return {"shouted": payload["megabytes"]}


def answer_large(payload: Payload, progress: Progress) -> Payload:
    return {"text": "x" * payload["characters"]}


def answer_oversized(payload: Payload, progress: Progress) -> Payload:
    return {"text": "x" * (MAX_FRAME_BYTES + 1)}


def answer_nan(payload: Payload, progress: Progress) -> Payload:
    return {"loss": float("nan")}


def answer_object(payload: Payload, progress: Progress) -> Payload:
    return {"loss": object()}


def progress_nan(payload: Payload, progress: Progress) -> Payload:
    progress({"loss": float("nan"), "epoch": 1})
    return payload


def run_out_of_memory(payload: Payload, progress: Progress) -> Payload:
    raise MemoryError("no more")


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


def raise_unspeakable(payload: Payload, progress: Progress) -> Payload:
    raise UnspeakableError


def raise_error(payload: Payload, progress: Progress) -> Payload:
    raise ValueError("a lone surrogate \ud800 is no text")


def raise_from_a_graph(payload: Payload, progress: Progress) -> Payload:
    raise RuntimeError(
        "Graph execution error:\n\nDetected at node x defined at (most recent call last):\n"
        '  File "a", line 1, in f\n\nodd'
    )


def raise_for_a_person(payload: Payload, progress: Progress) -> Payload:
    raise UserError("data.csv: two columns are missing:\n\n  - [Op:a]\n  - b")


def raise_at_length(payload: Payload, progress: Progress) -> Payload:
    raise RuntimeError("first\n" + "x" * 5000)


HANDLERS = {
    handler.__name__: handler
    for handler in (
        echo, kill_itself, kill_itself_once, segfault, exit_quietly, exit_loudly, hang, stop_itself, talk_slowly,
        hold_global_lock, fork_and_hang, fork_and_hold_global_lock, fork_away_and_hang, fork_and_die, answer_bytes,
        answer_body, close_pipe, shout, answer_large, answer_oversized, answer_nan, answer_object, progress_nan,
        run_out_of_memory, raise_unspeakable, raise_error, raise_from_a_graph, raise_for_a_person, raise_at_length,
    )
}  # fmt: skip
