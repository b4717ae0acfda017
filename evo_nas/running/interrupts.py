"""Ctrl-C and SIGTERM: the first asks for a good end, the second ends at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED_EXIT_CODE = 130
SHOW_CURSOR = b"\x1b[?25h\n"

_answer: Callable[[], bool] | None = None
"""Of whoever has the signals now."""


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Yields a question: has somebody asked to stop? The old handlers are given back at the end.

    The second signal ends the process without a goodbye: every commit is safe, and the children die with their
    parent's pipe. Outside the main thread signals belong to somebody else, and the answer is always no. Inside another
    one it is the same question: who conducts several runs hears of a signal that came during one of them.
    """
    global _answer
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    if _answer is not None:
        yield _answer
        return
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            if sys.stderr.isatty():
                os.write(sys.stderr.fileno(), SHOW_CURSOR)  # a live display has hidden it
            os._exit(INTERRUPTED_EXIT_CODE)
        asked = True

    def answer() -> bool:
        return asked

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    _answer = answer
    try:
        yield answer
    finally:
        _answer = None
        for number, handler in before.items():
            signal.signal(number, handler)
