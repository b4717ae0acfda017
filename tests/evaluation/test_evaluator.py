from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evo_nas.evaluation import (
    Job,
    Task,
    TaskFinished,
    TrainingContext,
    cohort_task,
    export_task,
    outcomes_of,
    score_task,
    train_task,
)
from evo_nas.evaluation.evaluator import NOT_AN_OUTCOME, check_result
from evo_nas.outcome import Outcome, Status, failure
from evo_nas.training.fusing import POPULATION
from genomes import Genome

GENOME = Genome("mlp", {"learning_rate": 0.01}, ({"width": 8, "activation": "relu"},))
JOB = Job(GENOME, "00ff", replicate=2)
CONTEXT = TrainingContext({"encoding": "mlp"}, {"epochs": 3}, "run/data.npz", {"test_fraction": 0.2}, "run/weights")
COMMON = {
    "genome": GENOME.to_json(),
    "space": {"encoding": "mlp"},
    "fingerprint": "00ff",
    "recipe": {"epochs": 3},
    "data": "run/data.npz",
    "split": {"test_fraction": 0.2},
    "image_memory_mb": None,
    "replicate": 2,
}
GOOD = Outcome(Status.OK, {"loss": 0.5}, parameters=9, epochs=(3,), best_epochs=(2,), curves=({"train_loss": (1.0,)},))


def test_a_training_is_this_payload() -> None:
    task = train_task(JOB, CONTEXT, task_id=4, time_limit_seconds=60.0)
    assert task == Task(
        4, "train", {**COMMON, "weights": "run/weights/00ff-2.safetensors", "confirm": False}, time_limit_seconds=60.0
    )


def test_without_a_folder_no_weights_are_kept() -> None:
    context = TrainingContext({}, {}, "data.npz", {})
    task = train_task(Job(GENOME, "00ff", 0, confirm=True), context, task_id=0, time_limit_seconds=None)
    assert task.payload["weights"] is None
    assert task.payload["confirm"] is True


def test_a_rung_is_this_payload() -> None:
    """A program is told the files that it goes on from and leaves."""
    context = replace(CONTEXT, rungs="run/rungs")
    rung = {"epochs": 2, "before": None, "after": "run/rungs/00ff-2-2.safetensors"}
    task = train_task(replace(JOB, epochs=2), context, task_id=4, time_limit_seconds=None)
    assert task == Task(4, "train", {**COMMON, "rung": rung, "weights": None, "confirm": False})
    fused = replace(JOB, program=POPULATION)
    jobs = [replace(fused, epochs=2), replace(fused, epochs=2, begun=1), replace(fused, begun=2), fused]
    task = cohort_task(jobs, context, task_id=4, time_limit_seconds=None, memory_mb=100)
    one, two = ("run/rungs/00ff-2-1.safetensors", "run/rungs/00ff-2-2.safetensors")
    assert [member.get("rung") for member in task.payload["members"]] == [
        {"epochs": 2, "before": None, "after": two},
        {"epochs": 2, "before": one, "after": two},
        {"epochs": 3, "before": two, "after": None},
        None,
    ]
    assert [job.key for job in jobs] == [("00ff", 2, 2), ("00ff", 2, 2), ("00ff", 2, None), ("00ff", 2, None)]


def test_who_inherits_is_told_of_the_whole_line_and_has_the_time_to_train_what_is_lost(tmp_path: Path) -> None:
    context = replace(CONTEXT, weights=str(tmp_path))
    heir = replace(JOB, ancestors=((GENOME, "old"), (GENOME, "parent")))
    paths = [str(tmp_path / name) for name in ("old-2.safetensors", "parent-2.inherited.safetensors")]
    limits = []
    for path in [None, *paths]:
        if path is not None:
            Path(path).touch()
        task = train_task(heir, context, task_id=4, time_limit_seconds=10.0)
        limits.append(task.time_limit_seconds)
    assert limits == [30.0, 20.0, 10.0]
    genome = GENOME.to_json()
    assert task.payload["ancestors"] == [
        {"genome": genome, "fingerprint": name, "weights": path}
        for name, path in zip(("old", "parent"), paths, strict=True)
    ]
    assert task.payload["weights"] == str(tmp_path / "00ff-2.inherited.safetensors")


def test_an_export_and_a_score_are_these_payloads() -> None:
    assert export_task(JOB, CONTEXT, task_id=1, best_epochs=(3, 5), folder="run/winner") == Task(
        1,
        "export",
        {**COMMON, "best_epochs": [3, 5], "weights": "run/weights/00ff-2.safetensors", "folder": "run/winner"},
        urgent=True,
    )
    assert score_task("run/winner", CONTEXT, task_id=2) == Task(
        2, "score", {"folder": "run/winner", "data": "run/data.npz", "split": {"test_fraction": 0.2}}
    )


def cohort(*jobs: Job, limit: float | None = None) -> Task:
    return cohort_task(jobs, CONTEXT, task_id=3, time_limit_seconds=limit, memory_mb=100)


def test_a_cohort_is_this_payload() -> None:
    other = Job(GENOME, "00aa", replicate=0)
    shared = {name: value for name, value in COMMON.items() if name not in ("genome", "fingerprint", "replicate")}
    members = [
        {"genome": GENOME.to_json(), "fingerprint": "00ff", "replicate": 2},
        {"genome": GENOME.to_json(), "fingerprint": "00aa", "replicate": 0},
    ]
    payload = {"members": members, **shared, "confirm": False, "memory_mb": 100}
    assert cohort(JOB, other, limit=60.0) == Task(3, "train_cohort", payload, time_limit_seconds=120.0, tries=1)


def test_a_cohort_of_one_has_the_tries_of_its_job() -> None:
    assert [cohort(Job(GENOME, "00ff", 0, tries=tries)).tries for tries in (0, 1, 2)] == [0, 1, 2]
    assert cohort(Job(GENOME, "00ff", 0, confirm=True)).payload["confirm"] is True


def test_an_outcome_comes_back_as_it_went() -> None:
    assert outcomes_of(TaskFinished(0, GOOD.to_json(), None, 1.5), 1) == [GOOD]


def test_the_outcomes_of_a_cohort_come_back_in_their_order() -> None:
    bad = failure(Status.DIVERGED, "fold 1: nan")
    result = {"outcomes": [GOOD.to_json(), bad.to_json(), GOOD.to_json()]}
    assert outcomes_of(TaskFinished(0, result, None, 1.5), 3) == [GOOD, bad, GOOD]


def test_a_failure_comes_back_as_it_is() -> None:
    failed = failure(Status.TIMED_OUT, "too late", seconds=3.0)
    assert outcomes_of(TaskFinished(0, None, failed, 3.0), 1) == [failed]


GARBAGE: list[dict[str, Any]] = [
    {},
    {"status": "tired"},
    {**GOOD.to_json(), "metrics": {}},
    {**GOOD.to_json(), "metrics": [1]},
    {**GOOD.to_json(), "metrics": {"loss": None}},
    {**GOOD.to_json(), "metrics": {"loss": float("inf")}},
    {**GOOD.to_json(), "parameters": float("inf")},
    {**GOOD.to_json(), "curves": [[1]]},
    {**GOOD.to_json(), "epochs": 3},
]
TRAINING = train_task(JOB, CONTEXT, task_id=0, time_limit_seconds=None)


@pytest.mark.parametrize("result", GARBAGE)
def test_garbage_is_refused_and_is_a_crash(result: dict[str, Any]) -> None:
    with pytest.raises(NOT_AN_OUTCOME):
        check_result(TRAINING, result)
    (outcome,) = outcomes_of(TaskFinished(0, result, None, 2.0), 1)
    assert (outcome.status, outcome.seconds) == (Status.CRASHED, 2.0)
    assert "the worker's answer is no outcome" in outcome.message


@pytest.mark.parametrize(
    "result",
    [
        *({"outcomes": [GOOD.to_json(), garbage]} for garbage in GARBAGE),
        GOOD.to_json(),
        {"outcomes": [GOOD.to_json()]},
        {"outcomes": [GOOD.to_json()] * 3},
        {"outcomes": {"0": GOOD.to_json(), "1": GOOD.to_json()}},
        {"outcomes": None},
        {"outcomes": [None, None]},
    ],
)
def test_garbage_of_one_member_is_garbage_of_the_cohort(result: dict[str, Any]) -> None:
    with pytest.raises(NOT_AN_OUTCOME):
        check_result(cohort(JOB, JOB), result)


def test_a_cohort_without_a_metric_of_the_recipe_is_refused() -> None:
    result = {"outcomes": [GOOD.to_json(), GOOD.to_json()]}
    check_result(cohort(JOB, JOB), result, metrics=["loss"])
    with pytest.raises(ValueError, match="it lacks the metrics accuracy"):
        check_result(cohort(JOB, JOB), result, metrics=["loss", "accuracy"])


def test_only_trainings_answer_with_outcomes() -> None:
    check_result(TRAINING, GOOD.to_json())
    check_result(score_task("run/winner", CONTEXT, task_id=2), {"test": {}})
