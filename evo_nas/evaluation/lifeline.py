"""What makes a child die with its parent, however the parent dies.

The parent holds the writing end of a pipe on which nothing is ever written, the *lifeline*; when the parent is gone,
the kernel closes it. Three traps wait for that, since each alone has a hole:

1. A thread waits for the end of the pipe and kills the process group. Works on every system, but not while a native
   call holds Python's global lock.
2. Linux can send a signal to a whole process group when a pipe's other end closes (`F_SETOWN`, `F_SETSIG`, `O_ASYNC`):
   it sends SIGKILL, without any help from the child.
3. Linux kills the child itself when its parent ends (`PR_SET_PDEATHSIG`): for the case that another process, forked
   by the parent, still holds the pipe open. It fires when the *thread* ends that started the child; our threads end
   after their children.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1


def hold_lifeline(lifeline: int, parent_pid: int) -> None:
    """From now on this process and its group end with the parent. The caller must lead its own process group."""
    if sys.platform == "linux":
        _ask_the_kernel(lifeline)
        if os.getppid() != parent_pid:  # it died before the kernel was asked
            os.killpg(0, signal.SIGKILL)
    threading.Thread(target=_die_with, args=(lifeline,), name="lifeline", daemon=True).start()


def _die_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _ask_the_kernel(lifeline: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())  # minus: the whole process group
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
