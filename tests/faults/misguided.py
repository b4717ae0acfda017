"""A handlers module that hangs while it prepares, if it is told to, and returns objects that are no outcomes."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any


def prepare(device: Mapping[str, Any]) -> None:
    if os.environ.get("MISGUIDED_START") == "hang":
        signal.pause()


HANDLERS = {"train": lambda payload, progress: {"status": "ok"}}
