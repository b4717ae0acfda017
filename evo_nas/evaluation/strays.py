"""Children that outlived an earlier parent, which no trap could prevent (another machine's rules, a kernel's bug)."""

from __future__ import annotations

import os
from collections.abc import Iterable

import psutil

from evo_nas.evaluation.family import end_family

CREATE_TIME_TOLERANCE_SECONDS = 2.0
"""Linux derives the time of creation from the time of boot, which moves when the clock is set."""


def end_strays(children: Iterable[tuple[int, float]]) -> list[int]:
    """Kill what an earlier parent left: (pid, create_time) as `ChildStarted` told. Returns the pids that were killed.

    A process is touched only if its pid and its time of creation match and it still leads its own group.
    """
    strays = [pid for pid, create_time in children if _is_the_same(pid, create_time)]
    for pid in strays:
        end_family(pid)
    return strays


def _is_the_same(pid: int, create_time: float) -> bool:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - create_time) < CREATE_TIME_TOLERANCE_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE and os.getpgid(pid) == pid
    except (psutil.Error, ProcessLookupError):
        return False
