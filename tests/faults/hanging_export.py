"""The fake trainer, whose winner is never saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.faults.fake_training import cohort_of, prepare, score, train


def export(payload: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    while True:
        progress({})
        time.sleep(0.1)


HANDLERS = {"train": train, "train_cohort": cohort_of(train), "export": export, "score": score}

__all__ = ["HANDLERS", "prepare"]
