"""Trainings as tasks, and what came of them as outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.evaluation.tasks import Task, TaskFinished
from evo_nas.individual import TrainingKey
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.training.fusing import PLAIN

if TYPE_CHECKING:
    from genomes import Genome, Shape

TRAINING, COHORT = "train", "train_cohort"
"""Kinds of tasks that answer with outcomes."""

NOT_AN_OUTCOME = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What `Outcome.from_json` raises for data that is anything else."""


Ancestor = tuple["Genome", str]
"""A canonical genome with its fingerprint."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training: a canonical genome on one replicate. confirm: score it on the confirmation rows as well.

    tries: how many children may die under it before it is given up. program: the form of the program that trains it,
    see `forms.py`. epochs: train so many only, a rung; None is the whole recipe. begun: the rung, in epochs, whose file
    the training goes on from; None begins anew. ancestors: whose weights it begins with, the parent last; see
    `TrainingRequest`.
    """

    genome: Genome
    fingerprint: str
    replicate: int
    confirm: bool = False
    tries: int = 2
    program: str = PLAIN
    epochs: int | None = None
    begun: int | None = None
    ancestors: tuple[Ancestor, ...] = ()

    @property
    def key(self) -> TrainingKey:
        return TrainingKey(self.fingerprint, self.replicate, self.epochs)


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """What all trainings of a run share, as plain data.

    space, recipe, split: the space, the recipe (metrics and loss filled in) and the settings of the data as JSON holds
    them. data: path of the data set. weights: the folder in which the scored weights are kept, or None to keep none.
    rungs: the folder for trainings that are handed back before their end, or None to keep none.
    image_memory_mb: see `EvaluationSettings`; None is what it has by itself.
    """

    space: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: str
    split: Mapping[str, Any]
    weights: str | None = None
    rungs: str | None = None
    image_memory_mb: int | None = None


def train_task(job: Job, context: TrainingContext, *, task_id: int, time_limit_seconds: float | None) -> Task:
    """Train a job; the handler returns `Outcome.to_json()`, packed or not. Nobody ships a confirmation or a rung: their
    weights are not kept. Whoever inherits from networks whose weights are lost has the time to train these again.
    """
    weights = None if job.confirm or job.epochs is not None else _weights_path(job, context)
    payload = {**_member(job, context), **_shared(context), "weights": weights, "confirm": job.confirm}
    ancestors = _ancestors(job, context)
    if ancestors:
        payload["ancestors"] = ancestors
    limit = None if time_limit_seconds is None else time_limit_seconds * (1 + _num_lost(ancestors))
    return Task(task_id, TRAINING, payload, limit, tries=job.tries)


def cohort_task(
    jobs: Sequence[Job],
    context: TrainingContext,
    *,
    task_id: int,
    time_limit_seconds: float | None,
    memory_mb: int,
) -> Task:
    """Train jobs, all of them confirmations or none, in one program; returns {"outcomes": an outcome for each job}.

    Its weights are not kept: one member alone is trained again to the same bits. time_limit_seconds: of one training;
    the cohort gets it for every member. Several that die together say nothing of each other, so they have one try.
    """
    payload = {
        "members": [_member(job, context) for job in jobs],
        **_shared(context),
        "confirm": jobs[0].confirm,
        "memory_mb": memory_mb,
    }
    limit = None if time_limit_seconds is None else time_limit_seconds * len(jobs)
    return Task(task_id, COHORT, payload, limit, tries=jobs[0].tries if len(jobs) == 1 else 1)


def export_task(
    job: Job, context: TrainingContext, *, task_id: int, best_epochs: Sequence[int], folder: str | Path
) -> Task:
    """Write the model of a job, with its preprocessing, into `folder`; no time limit but that on progress.

    Begun before trainings that wait: by the time that these have ended, there may be a better one.
    """
    payload = {
        **_member(job, context),
        **_shared(context),
        "best_epochs": list(best_epochs),
        "weights": _weights_path(job, context),
        "folder": str(folder),
    }
    return Task(task_id, "export", payload, urgent=True)


def score_task(folder: str | Path, context: TrainingContext, *, task_id: int) -> Task:
    """Load the model in `folder` and score it on the test rows."""
    payload = {"folder": str(folder), "data": context.data, "split": dict(context.split)}
    return Task(task_id, "score", payload)


def refit_task(job: Job, context: TrainingContext, *, task_id: int, epochs: int, folder: str | Path) -> Task:
    """Train a job on every row of the data, for so many epochs, and write the model into `folder`."""
    payload = {**_member(job, context), **_shared(context), "epochs": epochs, "folder": str(folder)}
    return Task(task_id, "refit", payload)


def further_task(
    job: Job, context: TrainingContext, *, task_id: int, epochs: int, winner: str | Path, folder: str | Path
) -> Task:
    """Train the model in `winner`, which is that of a job, for so many epochs more, and write it into `folder`."""
    task = refit_task(job, context, task_id=task_id, epochs=epochs, folder=folder)
    return Task(task_id, "train_further", {**task.payload, "winner": str(winner)})


def graph_task(genome: Genome, input_shape: Shape, num_outputs: int, task: str, *, task_id: int) -> Task:
    """Build the network of a canonical genome by itself; returns its serialised graph in base 64. task: of the data."""
    payload = {"genome": genome.to_json(), "input_shape": list(input_shape), "num_outputs": num_outputs, "task": task}
    return Task(task_id, "graph", payload)


def space_task(space: Mapping[str, Any], input_shape: Sequence[int], *, task_id: int) -> Task:
    """Find what a [space] section lacks for rows of a shape; returns {"keys": {...}}."""
    return Task(task_id, "complete_space", {"space": dict(space), "input_shape": list(input_shape)})


def gradient_task(job: Job, context: TrainingContext, *, task_id: int, num_rows: int, seed: int) -> Task:
    """Check the gradients of a job's network on some training rows; returns `GradientReport.to_json()`."""
    payload = {**_member(job, context), **_shared(context), "num_rows": num_rows, "seed": seed}
    return Task(task_id, "check_gradients", payload)


def rung_path(folder: str | Path, fingerprint: str, replicate: int, epochs: int) -> str:
    """The file of a training that was handed back after so many epochs."""
    return str(Path(folder) / f"{fingerprint}-{replicate}-{epochs}.safetensors")


def _member(job: Job, context: TrainingContext) -> dict[str, Any]:
    member = {"genome": job.genome.to_json(), "fingerprint": job.fingerprint, "replicate": job.replicate}
    if job.epochs is None and job.begun is None:
        return member
    epochs = context.recipe["epochs"] if job.epochs is None else job.epochs
    before, after = (_rung_path(job, n, context) for n in (job.begun, job.epochs))
    return {**member, "rung": {"epochs": epochs, "before": before, "after": after}}


def _rung_path(job: Job, epochs: int | None, context: TrainingContext) -> str | None:
    if context.rungs is None or epochs is None:
        return None
    return rung_path(context.rungs, job.fingerprint, job.replicate, epochs)


def _shared(context: TrainingContext) -> dict[str, Any]:
    return {
        "space": dict(context.space),
        "recipe": dict(context.recipe),
        "data": context.data,
        "split": dict(context.split),
        "image_memory_mb": context.image_memory_mb,
    }


def _ancestors(job: Job, context: TrainingContext) -> list[dict[str, Any]]:
    """As the payload of a training has them, the oldest first."""
    paths = [weights_path(context, name, job.replicate, inherited=i > 0) for i, (_, name) in enumerate(job.ancestors)]
    return [
        {"genome": genome.to_json(), "fingerprint": name, "weights": path}
        for (genome, name), path in zip(job.ancestors, paths, strict=True)
    ]


def _num_lost(ancestors: Sequence[Mapping[str, Any]]) -> int:
    """How many of them, the newest first, have to be trained again before one has its weights still."""
    paths = [each["weights"] for each in reversed(ancestors)]
    kept = (number for number, path in enumerate(paths) if path is not None and Path(path).exists())
    return next(kept, len(ancestors))


def _weights_path(job: Job, context: TrainingContext) -> str | None:
    return weights_path(context, job.fingerprint, job.replicate, inherited=bool(job.ancestors))


def weights_path(context: TrainingContext, fingerprint: str, replicate: int, *, inherited: bool) -> str | None:
    """Where the kept weights of a training lie. inherited: it began with those of another, and is not the training of
    that network from scratch.
    """
    if context.weights is None:
        return None
    suffix = ".inherited.safetensors" if inherited else ".safetensors"
    return str(Path(context.weights) / f"{fingerprint}-{replicate}{suffix}")


def check_result(task: Task, result: Mapping[str, Any], metrics: Collection[str] = ()) -> None:
    """Raise one of `NOT_AN_OUTCOME` where a training's result is no outcome; other kinds may return any object.

    A cohort's has as many outcomes as the task has members. metrics: names that an outcome which is ok must have; a run
    would not know what to make of one without.
    """
    if task.kind == TRAINING:
        _check_outcome(result, metrics)
    elif task.kind == COHORT:
        outcomes, expected = result["outcomes"], len(task.payload["members"])
        if not isinstance(outcomes, list) or len(outcomes) != expected:
            raise ValueError(f"expected a list of {expected} outcomes, got {outcomes!r:.100}")
        for outcome in outcomes:
            _check_outcome(outcome, metrics)


def _check_outcome(data: Mapping[str, Any], metrics: Collection[str]) -> None:
    outcome = Outcome.from_json(data)
    missing = [name for name in metrics if outcome.ok and name not in outcome.metrics]
    if missing:
        raise ValueError(f"it lacks the metrics {', '.join(missing)}")


def outcomes_of(event: TaskFinished, num_jobs: int) -> list[Outcome]:
    """The outcomes of a training, or of a cohort's members in their order. Total: what is no outcome is a crash."""
    if event.failure is not None:
        return [event.failure] * num_jobs
    result = event.result or {}
    try:
        found = [Outcome.from_json(data) for data in result.get("outcomes", [result])]
        if len(found) != num_jobs:
            raise ValueError(f"expected {num_jobs} outcomes, got {len(found)}")
        return found
    except NOT_AN_OUTCOME as error:
        text = f"the worker's answer is no outcome ({type(error).__name__}: {error})"
        return [failure(Status.CRASHED, text, seconds=event.seconds)] * num_jobs
