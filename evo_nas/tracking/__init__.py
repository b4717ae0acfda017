"""Who else is told of a run while it goes on. Read `tracker.py` (the interface), then `follower.py` (its thread).

`tensorboard.py` and `mlflow.py` are trackers whose packages are extras; each is imported when it is asked for.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from evo_nas.config import TrackingSettings
from evo_nas.errors import UserError
from evo_nas.tracking.tracker import TrackedEnding, TrackedGeneration, TrackedRun, Tracker

__all__ = ["TrackedEnding", "TrackedGeneration", "TrackedRun", "Tracker", "check_installed", "trackers_of"]


def check_installed(settings: TrackingSettings) -> None:
    """Raise UserError where a tracker is asked for whose package is not there."""
    for name in ("tensorboard", "mlflow"):
        if getattr(settings, name) is not None and find_spec(name) is None:
            raise UserError(
                f"[tracking] {name}: the package {name} is not installed; "
                f'install it with: pip install "evo-nas[{name}]"'
            )


def trackers_of(settings: TrackingSettings) -> list[Tracker]:
    """The trackers that the settings ask for. Nothing is opened before a run begins."""
    trackers: list[Tracker] = []
    if settings.tensorboard is not None:
        from evo_nas.tracking.tensorboard import TensorBoardTracker

        trackers.append(TensorBoardTracker(Path(settings.tensorboard)))
    if settings.mlflow is not None:
        from evo_nas.tracking.mlflow import MlflowTracker

        trackers.append(MlflowTracker(settings.mlflow))
    return trackers
