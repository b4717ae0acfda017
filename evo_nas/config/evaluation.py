"""[evaluation]: where trainings run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evo_nas.config.section import Positive, Section

IMAGE_MEMORY_MB = 1024


class EvaluationSettings(Section):
    """Where trainings run and what ends them. Changes the time, never the result (law 3), but for the two limits.

    workers: child processes; None means one a core, or workers_per_device on each GPU.
    time_limit_seconds: wall clock of one training; a cohort has that of all its members together.
    no_progress_seconds: time without a word from the child. With a network that trains by itself it speaks after every
    epoch, with a cohort after every call of its program, which computes at most 2e11 FLOPs (a second or two of a core):
    some short epochs, or a part of a long one. recycle_after: tasks before a child is replaced, since Keras leaks;
    cohorts do not count, since their programs leak nothing and are worth keeping. A child that grows is replaced in any
    case.
    cohort_memory_mb: predicted memory that a cohort of several may take in a child.
    image_memory_mb: a data set of images that is no larger is kept whole on each child's device; of a larger one the
    images are streamed from disk as they are trained on.
    """

    workers: Positive | None = None
    workers_per_device: Positive = 1
    time_limit_seconds: Annotated[float, Field(gt=0.0)] | None = None
    no_progress_seconds: Annotated[float, Field(gt=0.0)] = 300.0
    recycle_after: Positive = 100
    cohort_memory_mb: Positive = 1024
    image_memory_mb: Positive = IMAGE_MEMORY_MB
