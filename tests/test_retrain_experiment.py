"""The arithmetic of the experiment that retrains the best model."""

from __future__ import annotations

import pytest

from experiments.retrain import wilson_interval


@pytest.mark.parametrize(
    ("num_right", "num_rows", "interval"),
    [(50, 100, (0.4038, 0.5962)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (8900, 10_000, (0.8837, 0.8960))],
)
def test_wilson(num_right: int, num_rows: int, interval: tuple[float, float]) -> None:
    assert wilson_interval(num_right, num_rows) == pytest.approx(interval, abs=1e-4)
