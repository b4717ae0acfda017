"""Which epoch is kept, and when the training stops."""

from __future__ import annotations

from typing import Any

import pytest

from evo_nas.config import EarlyStopping
from evo_nas.training.early_stopping import KeptEpoch


def run(values: list[float], stopping: EarlyStopping | Any) -> tuple[int, int]:
    """(the epoch that is kept, the last epoch that is trained)"""
    kept = KeptEpoch(stopping)
    monitor = stopping.monitor if stopping else "loss"
    for epoch, value in enumerate(values, start=1):
        kept.observe(epoch, {f"validation_{monitor}": value})
        if kept.should_stop(epoch):
            return kept.epoch, epoch
    return kept.epoch, len(values)


@pytest.mark.parametrize(
    ("values", "settings", "expected"),
    [
        ([3, 2, 1], {"patience": 1}, (3, 3)),
        ([1, 2, 0], {"patience": 1}, (1, 2)),
        ([1, 2, 0], {"patience": 2}, (3, 3)),
        ([1, 1, 1], {"patience": 2}, (1, 3)),  # equal is no better
        ([1.0, 0.95, 0.8], {"patience": 3, "min_delta": 0.1}, (3, 3)),
        ([1.0, 0.95, 0.91], {"patience": 3, "min_delta": 0.1}, (1, 3)),
        ([0.5, 0.7, 0.6], {"patience": 5, "monitor": "roc_auc"}, (2, 3)),
        ([0.5, 0.7, 0.6], {"patience": 5, "monitor": "rmse"}, (1, 3)),
        ([-2.0, -1.0, -3.0], {"patience": 5, "monitor": "r2"}, (2, 3)),
    ],
)
def test_table(values: list[float], settings: dict[str, Any], expected: tuple[int, int]) -> None:
    assert run(values, EarlyStopping(**settings)) == expected


def test_without_early_stopping_the_last_epoch_is_kept() -> None:
    assert run([1, 2, 3, 4], False) == (4, 4)
