"""How a training says that it is alive. Nothing heavy is imported here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

Report = Callable[[dict[str, Any]], None]
"""Is called with plain data ("epoch", "epochs", "validation_loss", ...) while a task goes on. Silence for too long is
taken for death."""

ALIVE_SECONDS = 5.0

Alive = Callable[[], None]
"""Is called now and then by what takes long and has no news."""


def silent() -> None:
    """Nobody listens."""


def alive_by(report: Report) -> Alive:
    """Say by an empty report that a task goes on, once in `ALIVE_SECONDS`: such words are not to drown the news."""
    due = time.monotonic() + ALIVE_SECONDS

    def alive() -> None:
        nonlocal due
        if (now := time.monotonic()) >= due:
            due = now + ALIVE_SECONDS
            report({})

    return alive
