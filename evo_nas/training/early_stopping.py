"""Which epoch's weights are kept, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evo_nas.config import METRICS, EarlyStopping


class KeptEpoch:
    """Watches the epochs of one fold. epoch: the one whose weights are kept, counted from 1; 0 before the first.

    With early stopping that is the first one which none improved upon by more than `min_delta`; without, the last.
    The rule is that of `keras.callbacks.EarlyStopping(restore_best_weights=True)`.
    """

    def __init__(self, stopping: EarlyStopping | Literal[False]) -> None:
        self.epoch = 0
        self._stopping = stopping
        self._best = 0.0

    def observe(self, epoch: int, scores: Mapping[str, float]) -> bool:
        """Are the weights of this epoch the ones to keep? scores: "validation_<monitor>" -> value."""
        if self._stopping:
            value = scores[f"validation_{self._stopping.monitor}"]
            if not METRICS.get(self._stopping.monitor, False):
                value = -value
            if self.epoch and not value - self._stopping.min_delta > self._best:
                return False
            self._best = value
        self.epoch = epoch
        return True

    def should_stop(self, epoch: int) -> bool:
        """Has nothing improved for `patience` epochs?"""
        return self._stopping is not False and epoch - self.epoch >= self._stopping.patience
