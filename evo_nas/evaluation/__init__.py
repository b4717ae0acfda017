"""Where trainings run: tasks go to warm child processes, and every one comes back as a result or a failure (law 11).

Read `tasks.py` (the words), then `evaluator.py` (trainings as tasks), `forms.py` and `cohorts.py` (which of them share
one), `pool.py` (the slots), `supervisor.py` (one slot) and `warm_child.py`; `child.py` is the other side of the pipe.
`devices.py` says how many slots there are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evo_nas.evaluation.devices import Device, Slot, count_cores, find_devices, share_out
from evo_nas.evaluation.evaluator import (
    Job,
    TrainingContext,
    cohort_task,
    export_task,
    outcomes_of,
    score_task,
    train_task,
)
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.evaluation.strays import end_strays
from evo_nas.evaluation.tasks import (
    ChildEnded,
    ChildStarted,
    Event,
    Executor,
    Task,
    TaskDied,
    TaskFinished,
    TaskProgress,
    TaskStarted,
)
from evo_nas.gradient_report import GradientReport

__all__ = [
    "ChildEnded",
    "ChildStarted",
    "Device",
    "Event",
    "Executor",
    "Job",
    "Slot",
    "Task",
    "TaskDied",
    "TaskFinished",
    "TaskProgress",
    "TaskStarted",
    "TrainingContext",
    "WorkerPool",
    "check_layer_gradients",
    "cohort_task",
    "count_cores",
    "end_strays",
    "export_task",
    "find_devices",
    "load_winner",
    "outcomes_of",
    "score_task",
    "share_out",
    "train_task",
]


def check_layer_gradients(layer: Any, inputs: Any, *, seed: int) -> GradientReport:
    """See `gradient_checks.check_layer`. A layer lives in this process, and TensorFlow with it."""
    from evo_nas.training.gradient_checks import check_layer

    return check_layer(layer, inputs, seed=seed)


def load_winner(folder: Path) -> Any:
    """The winner that an export wrote into `folder`, with `.model` and `.predict`. Imports TensorFlow here and now."""
    from evo_nas.training.winner import load_winner as load

    return load(folder)
