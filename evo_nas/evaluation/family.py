"""How a process ends together with everything that it started."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


def end_family(pid: int) -> None:
    """Kill the process group that `pid` leads, and those descendants of `pid` that left the group.

    SIGKILL at once, since a hang may ignore anything else. A descendant that left the group *and* whose ancestors
    are already gone cannot be found any more. Call it before `pid` is reaped or at once after: then the number is free
    to be given to another process.
    """
    try:
        descendants = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        descendants = []
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for process in descendants:
        with contextlib.suppress(psutil.Error):
            process.kill()
