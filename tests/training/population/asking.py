"""Entrants as tasks: what a child is asked, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from evo_nas.evaluation import Job, Task, TrainingContext, cohort_task
from evo_nas.outcome import Outcome
from evo_nas.training import tasks
from evo_nas.training.fusing import POPULATION
from tests.training.population.cohorts import SPLIT, Entrant
from tests.training.training_cases import ignore_news


def payload_of(entrants: Sequence[Entrant], *, confirm: bool = False, memory_mb: int = 1024) -> dict[str, Any]:
    """What a child is asked for the requests of entrants, which share a space: plain data through JSON."""
    payload: dict[str, Any] = json.loads(
        json.dumps(task_of(entrants, confirm=confirm, memory_mb=memory_mb).payload, allow_nan=False)
    )
    return payload


def task_of(entrants: Sequence[Entrant], *, confirm: bool = False, memory_mb: int = 1024, task_id: int = 0) -> Task:
    first = entrants[0].request
    context = TrainingContext(
        space=first.encoding.describe(),
        recipe=first.recipe.model_dump(mode="json"),
        data=str(first.data),
        split=SPLIT.model_dump(mode="json"),
    )
    requests = [entrant.request for entrant in entrants]
    jobs = [Job(one.genome, one.fingerprint, one.replicate, confirm=confirm, program=POPULATION) for one in requests]
    return cohort_task(jobs, context, task_id=task_id, time_limit_seconds=None, memory_mb=memory_mb)


def answered(payload: dict[str, Any]) -> list[Outcome]:
    """The outcomes that the handler answers, after a journey through JSON."""
    answer = tasks.HANDLERS["train_cohort"](payload, ignore_news)
    return [Outcome.from_json(one) for one in json.loads(json.dumps(answer, allow_nan=False))["outcomes"]]


def answered_plainly(payload: dict[str, Any]) -> list[Outcome]:
    """What the handler "train" makes of each member."""
    asked = [{**payload, **member, "weights": None} for member in payload["members"]]
    return [Outcome.from_json(tasks.HANDLERS["train"](one, ignore_news)) for one in asked]


def timeless(outcome: Outcome) -> str:
    """Every number of an outcome, but for its seconds."""
    return json.dumps({**outcome.to_json(), "seconds": 0}, sort_keys=True)
