"""Small data sets, and requests to train on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evo_nas.config import DataSettings, Recipe, Task
from evo_nas.data import Dataset, dataset_from_arrays
from evo_nas.outcome import Outcome
from evo_nas.training import tasks
from genomes import Genome, encoding_from

KERAS_SAVES = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
"""Keras 3.15 asks NumPy 2 for copies in the old way when it saves a network."""

NUM_ROWS = 120
NUM_INPUTS = 4
TASKS: Mapping[str, Task] = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}


@lru_cache
def binary_rows() -> Dataset:
    """120 rows, 4 columns, three quarters "no"; a network learns it nearly without fault."""
    x, noise = _inputs()
    score = x[:, 0] - x[:, 1] + 0.3 * noise
    labels = np.where(score > np.quantile(score, 0.75), "yes", "no")
    return dataset_from_arrays(x, labels, target_name="answer", name="binary")


@lru_cache
def multiclass_rows() -> Dataset:
    x, noise = _inputs()
    labels = np.array(["blue", "green", "red"])[np.digitize(x[:, 0] + 0.2 * noise, [-0.5, 0.5])]
    return dataset_from_arrays(x, labels, target_name="colour", name="multiclass")


@lru_cache
def regression_rows() -> Dataset:
    x, noise = _inputs()
    return dataset_from_arrays(x, 1000.0 + 50.0 * x[:, 0] + noise, target_name="price", name="regression")


def _inputs() -> tuple[Any, Any]:
    generator = np.random.default_rng(7)
    return generator.normal(size=(NUM_ROWS, NUM_INPUTS)), generator.normal(size=NUM_ROWS)


def genome_of(**genes: Any) -> tuple[dict[str, Any], Genome, str]:
    """A space in which every gene is fixed, its one canonical genome, and the fingerprint."""
    space = {"encoding": "mlp", "layers": 2, "width": 8, "batch_size": 32, "learning_rate": 0.01, **genes}
    encoding = encoding_from(space)
    genome = encoding.canonical(encoding.default())
    return space, genome, encoding.fingerprint(genome)


def recipe_of(task: Task, **settings: Any) -> Recipe:
    """Three epochs on a hold-out by the plain trainer, every epoch trained, unless the settings say otherwise."""
    given = {"trainer": "plain", "epochs": 3, "early_stopping": False, "validation": {"fraction": 0.25}, **settings}
    return Recipe.model_validate(given).for_task(task)


def payload_of(data: Path, task: Task, recipe: Mapping[str, Any] | None = None, **genes: Any) -> dict[str, Any]:
    """What a child is asked: plain data that has been through JSON."""
    space, genome, fingerprint = genome_of(**genes)
    payload = {
        "genome": genome.to_json(),
        "space": space,
        "fingerprint": fingerprint,
        "recipe": recipe_of(task, **(recipe or {})).model_dump(mode="json"),
        "data": str(data),
        "split": DataSettings(path="rows.csv", target="y").model_dump(mode="json"),
        "replicate": 0,
        "weights": None,
        "confirm": False,
    }
    return json.loads(json.dumps(payload, allow_nan=False))


def ignore_news(news: Mapping[str, Any]) -> None:
    """For those who do not listen."""


def trained(payload: dict[str, Any]) -> Outcome:
    """The outcome that the handler answers, after a journey through JSON."""
    answer = tasks.HANDLERS["train"](payload, ignore_news)
    return Outcome.from_json(json.loads(json.dumps(answer, allow_nan=False)))
