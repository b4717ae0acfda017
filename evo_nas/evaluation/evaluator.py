"""Trainings as tasks, and what came of them as outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.evaluation.tasks import Task, TaskFinished
from evo_nas.outcome import Outcome, Status, failure

if TYPE_CHECKING:
    from genomes import Genome

NOT_AN_OUTCOME = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What `Outcome.from_json` raises for data that is anything else."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training: a canonical genome on one replicate. confirm: score it on the confirmation rows as well.

    tries: how many children may die under it before it is given up.
    """

    genome: Genome
    fingerprint: str
    replicate: int
    confirm: bool = False
    tries: int = 2


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """What all trainings of a run share, as plain data.

    space, recipe, split: the space, the recipe (metrics and loss filled in) and the settings of the data as JSON holds
    them. data: path of the data set. weights: the folder in which the scored weights are kept, or None to keep none.
    """

    space: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: str
    split: Mapping[str, Any]
    weights: str | None = None


def train_task(job: Job, context: TrainingContext, *, task_id: int, time_limit_seconds: float | None) -> Task:
    """Train a job; the handler returns `Outcome.to_json()`. Nobody ships a confirmation: its weights are not kept."""
    weights = None if job.confirm else _weights_path(job, context)
    payload = {**_training(job, context), "weights": weights, "confirm": job.confirm}
    return Task(task_id, "train", payload, time_limit_seconds, tries=job.tries)


def export_task(
    job: Job, context: TrainingContext, *, task_id: int, best_epochs: Sequence[int], folder: str | Path
) -> Task:
    """Write the model of a job, with its preprocessing, into `folder`; no time limit but that on progress."""
    payload = {
        **_training(job, context),
        "best_epochs": list(best_epochs),
        "weights": _weights_path(job, context),
        "folder": str(folder),
    }
    return Task(task_id, "export", payload)


def score_task(folder: str | Path, context: TrainingContext, *, task_id: int) -> Task:
    """Load the model in `folder` and score it on the test rows."""
    payload = {"folder": str(folder), "data": context.data, "split": dict(context.split)}
    return Task(task_id, "score", payload)


def _training(job: Job, context: TrainingContext) -> dict[str, Any]:
    return {
        "genome": job.genome.to_json(),
        "space": dict(context.space),
        "fingerprint": job.fingerprint,
        "recipe": dict(context.recipe),
        "data": context.data,
        "split": dict(context.split),
        "replicate": job.replicate,
    }


def _weights_path(job: Job, context: TrainingContext) -> str | None:
    if context.weights is None:
        return None
    return str(Path(context.weights) / f"{job.fingerprint}-{job.replicate}.safetensors")


def check_result(kind: str, result: Mapping[str, Any], metrics: Collection[str] = ()) -> None:
    """Raise one of `NOT_AN_OUTCOME` where a training's result is no outcome; other kinds may return any object.

    metrics: names that an outcome which is ok must have; a run would not know what to make of one without.
    """
    if kind == "train":
        outcome = Outcome.from_json(result)
        missing = [name for name in metrics if outcome.ok and name not in outcome.metrics]
        if missing:
            raise ValueError(f"it lacks the metrics {', '.join(missing)}")


def outcome_of(event: TaskFinished) -> Outcome:
    """The outcome of a training. Total: a result that is no outcome is a crash."""
    if event.failure is not None:
        return event.failure
    try:
        return Outcome.from_json(event.result or {})
    except NOT_AN_OUTCOME as error:
        text = f"the worker's answer is no outcome ({type(error).__name__}: {error})"
        return failure(Status.CRASHED, text, seconds=event.seconds)
