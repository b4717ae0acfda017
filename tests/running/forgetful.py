"""The fake trainer, which sometimes forgets the metrics that it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults.fake_training import cohort_of, export, prepare, score
from tests.faults.fake_training import train as train_well


def train(payload: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    outcome = train_well(payload, progress)
    if payload["fingerprint"] < "4":
        outcome["metrics"].pop("accuracy", None)
    return outcome


HANDLERS = {"train": train, "train_cohort": cohort_of(train), "export": export, "score": score}

__all__ = ["HANDLERS", "prepare"]
