"""The handlers that a run's children have, with every network scored on the confirmation rows as well.

No choice of the search looks at these scores. They are measured while the clock runs, so they count against us.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from evo_nas.training import tasks
from evo_nas.training.news import Report
from evo_nas.training.tasks import prepare

Handler = Callable[[dict[str, Any], Report], dict[str, Any]]


def _confirmed(handler: Handler, payload: dict[str, Any], report: Report) -> dict[str, Any]:
    return handler({**payload, "confirm": True}, report)


HANDLERS: dict[str, Handler] = {
    kind: partial(_confirmed, handler) if kind.startswith("train") else handler
    for kind, handler in tasks.HANDLERS.items()
}

__all__ = ["HANDLERS", "prepare"]
