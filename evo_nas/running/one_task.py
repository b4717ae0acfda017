"""One task in one supervised worker, for what is asked once and beside a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evo_nas.config import EvaluationSettings
from evo_nas.errors import UserError
from evo_nas.evaluation.devices import find_devices, share_out
from evo_nas.evaluation.pool import WorkerPool
from evo_nas.evaluation.tasks import Task, TaskFinished

TRAINING_HANDLERS = "evo_nas.training.tasks"
"""Where a worker looks for what it is asked to do."""


def result_of(task: Task, settings: EvaluationSettings, *, handlers: str) -> Mapping[str, Any]:
    """What a worker of its own answers to a task. Raises UserError with what it says where it fails or dies."""
    alone = settings.model_copy(update={"workers": 1})
    with WorkerPool(share_out(find_devices(), alone)[:1], alone, handlers=handlers) as pool:
        pool.submit(task)
        finished = _finished(pool)
    if finished.result is None:
        raise UserError(finished.failure.message if finished.failure else "the worker gave no reason for its failure")
    return finished.result


def _finished(pool: WorkerPool) -> TaskFinished:
    while True:
        for event in pool.events(1.0):
            if isinstance(event, TaskFinished):
                return event
