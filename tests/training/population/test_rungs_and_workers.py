"""Law 4 for trainings that are handed back at rungs, and law 3 for the number of workers."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation import Device, Slot, TaskFinished, WorkerPool, outcomes_of
from evo_nas.outcome import Outcome
from genomes import encoding_from
from tests.training.population.asking import answered, payload_of, task_of, timeless
from tests.training.population.cohorts import HOSTILE, MIXED_SPACE, Entrant, changed, entrant_of, sampled
from tests.training.population.conftest import DataOf
from tests.training.training_cases import recipe_of

pytestmark = pytest.mark.law4

EPOCHS = 7
PATIENCE_SECONDS = 240.0


def entrants_of(data_of: DataOf, count: int, recipe: dict[str, Any], **space: Any) -> list[Entrant]:
    """Of the mixed space; the last one diverges."""
    encoding = encoding_from({**MIXED_SPACE, "optimizer": "sgd", **space})
    settings = recipe_of("binary", epochs=EPOCHS, metrics=("accuracy", "roc_auc"), **recipe)
    genomes = sampled(encoding, count, seed=11)
    genomes[-1] = changed(genomes[-1], **HOSTILE)
    return [entrant_of(data_of("binary", 20), g, encoding, settings, replicate=n % 2) for n, g in enumerate(genomes)]


def on_rungs(entrants: Sequence[Entrant], rungs: Sequence[int], folder: Path, groups: int) -> list[Outcome]:
    """Train to each rung in turn, in other company every time; the files of the last are FOLDER/NUMBER."""
    folder.mkdir()
    rng, outcomes = random.Random(3), dict[int, Outcome]()
    for place, epochs in enumerate(rungs):
        order = rng.sample(range(len(entrants)), len(entrants))
        for group in (order[start::groups] for start in range(groups)):
            payload = payload_of([entrants[number] for number in group])
            for number, member in zip(group, payload["members"], strict=True):
                file = str(folder / str(number))
                member["rung"] = {"epochs": epochs, "before": file if place else None, "after": file}
            outcomes |= dict(zip(group, answered(payload), strict=True))
    return [outcomes[number] for number in range(len(entrants))]


def compare_rungs(entrants: Sequence[Entrant], folder: Path) -> list[Outcome]:
    """Trained in one go, and at rungs in several ways: equal outcomes, and equal files with weights and curves."""
    expected = on_rungs(entrants, [EPOCHS], folder / "whole", groups=1)
    assert list(map(timeless, expected)) == list(map(timeless, answered(payload_of(entrants))))
    for name, rungs, groups in (("two", [2, EPOCHS], 1), ("each", range(1, EPOCHS + 1), 2), ("over", [3, 5, 99], 3)):
        found = on_rungs(entrants, list(rungs), folder / name, groups)
        assert list(map(timeless, found)) == list(map(timeless, expected)), name
        for number in range(len(entrants)):
            one, other = folder / name / str(number), folder / "whole" / str(number)
            assert one.read_bytes() == other.read_bytes(), (name, number)
    return expected


def test_rungs_change_nothing(data_of: DataOf, tmp_path: Path) -> None:
    stopping = {"early_stopping": {"patience": 2, "monitor": "accuracy"}}
    entrants = entrants_of(data_of, 8, stopping, batch_normalization=False, batch_size=16)
    outcomes = compare_rungs(entrants, tmp_path)
    assert {outcome.ok for outcome in outcomes} == {True, False}
    assert len({outcome.epochs for outcome in outcomes if outcome.ok}) > 1


def test_rungs_of_folds_change_nothing(data_of: DataOf, tmp_path: Path) -> None:
    stopping = {"patience": 2, "monitor": "accuracy", "baseline": 0.9, "start_from_epoch": 2}
    recipe = {"validation": {"folds": 3}, "early_stopping": stopping}
    compare_rungs(entrants_of(data_of, 3, recipe, batch_normalization=False, batch_size=16), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "nadam", "rmsprop", "adadelta", "adagrad"])
@pytest.mark.parametrize("stopping", [False, {"patience": 2, "monitor": "accuracy"}])
def test_rungs_of_every_rule_change_nothing(data_of: DataOf, tmp_path: Path, optimizer: str, stopping: Any) -> None:
    beta = {"beta_1": [0.9, 0.8]} if optimizer == "adam" else {}
    entrants = entrants_of(data_of, 12, {"early_stopping": stopping}, optimizer=optimizer, **beta)
    compare_rungs(entrants, tmp_path)
    print(f"rungs, {optimizer}: {len(entrants)} trainings, outcomes and weights of the same bits (bar: all)")


def in_workers(workers: int, entrants: Sequence[Entrant], size: int) -> list[Outcome]:
    """The outcomes of cohorts of so many, in children with the handlers of a run."""
    portions = [entrants[start : start + size] for start in range(0, len(entrants), size)]
    finished: dict[int, TaskFinished] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    with WorkerPool([Slot(n, Device("cpu")) for n in range(workers)], EvaluationSettings(workers=workers)) as pool:
        for number, portion in enumerate(portions):
            pool.submit(task_of(portion, task_id=number))
        while len(finished) < len(portions):
            assert time.monotonic() < deadline, f"{len(portions)} cohorts should be finished, not {sorted(finished)}"
            finished |= {e.task_id: e for e in pool.events(1.0) if isinstance(e, TaskFinished)}
    return [o for number, portion in enumerate(portions) for o in outcomes_of(finished[number], len(portion))]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_worker_or_two(data_of: DataOf) -> None:
    """The same bits, and those of this process."""
    entrants = entrants_of(data_of, 16, {"early_stopping": {"patience": 2}}, optimizer=["adam", "sgd"])
    one, two = ([timeless(outcome) for outcome in in_workers(workers, entrants, 4)] for workers in (1, 2))
    here = [timeless(outcome) for outcome in answered(payload_of(entrants))]
    print(f"workers: {sum(a != b for a, b in zip(one, two, strict=True))} of {len(one)} outcomes differ (bar: 0)")
    assert one == two == here
