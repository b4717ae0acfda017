"""Which epoch's weights are kept, and when to stop: one rule for both trainers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evo_nas.config import METRICS, EarlyStopping

TRAIN_LOSS = "train_loss"


class KeptEpoch:
    """Watches the epochs of one fold. epoch: the one whose weights are kept, counted from 1; 0 before the first.
    stopped: whether the epoch that was observed last is the last one to train.

    With early stopping the kept epoch is the first one which none improved upon by more than `min_delta`; without, or
    as long as no epoch has been watched, the last. The rule is that of
    `keras.callbacks.EarlyStopping(restore_best_weights=True)`, and a threshold beside it: the epoch that reaches it is
    kept, by however little it is the best.
    """

    def __init__(self, stopping: EarlyStopping | Literal[False]) -> None:
        self.epoch = 0
        self.stopped = False
        self._stopping = stopping
        self._best: float | None = None
        self._wait = 0

    def observe(self, epoch: int, scores: Mapping[str, float]) -> bool:
        """Are the weights of this epoch the ones to keep? scores: "train_loss", "validation_<monitor>" -> value."""
        stopping = self._stopping
        if not stopping or epoch <= stopping.start_from_epoch:
            self.epoch = epoch
            return True
        value = _rising(stopping, scores[_score_name(stopping.monitor)])
        reached = stopping.threshold is not None and value >= _rising(stopping, stopping.threshold)
        improved = self._improved(stopping, value)
        self.stopped = reached or (not improved and self._wait >= stopping.patience)
        if improved or reached:
            self.epoch = epoch
        return improved or reached

    def _improved(self, stopping: EarlyStopping, value: float) -> bool:
        """Take in a value of which larger is better. An improvement is worth new patience beyond the baseline only."""
        self._wait += 1
        if self._best is not None and not value - stopping.min_delta > self._best:
            return False
        self._best = value
        if stopping.baseline is None or value - stopping.min_delta > _rising(stopping, stopping.baseline):
            self._wait = 0
        return True


def _score_name(monitor: str) -> str:
    return monitor if monitor == TRAIN_LOSS else f"validation_{monitor}"


def _rising(stopping: EarlyStopping, value: float) -> float:
    """Larger is better here, and nowhere else."""
    return value if METRICS.get(stopping.monitor, False) else -value
