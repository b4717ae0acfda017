"""A rate in multiples of the optimizer's default is the rate itself when it comes to training, in both trainers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evo_nas.training import tasks
from genomes.learning_rates import DEFAULT_RATES
from tests.training.training_cases import KERAS_SAVES, ignore_news, payload_of, trained

pytestmark = KERAS_SAVES

MULTIPLE = 4.0  # by a power of two nothing is rounded


def pair(data: Path, trainer: str, **genes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Requests for a network of either kind of space with the same rate, and with the same random numbers."""
    recipe = {"trainer": trainer, "epochs": 4}
    rate = MULTIPLE * DEFAULT_RATES[genes["optimizer"]]
    plain = payload_of(data, "binary", recipe, learning_rate=rate, **genes)
    normalized = payload_of(data, "binary", recipe, learning_rate=MULTIPLE, normalized_rates=True, **genes)
    assert normalized["fingerprint"] != plain["fingerprint"]
    return plain, {**normalized, "fingerprint": plain["fingerprint"]}


@pytest.mark.parametrize("trainer", ["plain", "population"])
@pytest.mark.parametrize(
    "genes",
    [
        {"optimizer": "adam"},
        {"optimizer": "adam", "beta_1": 0.8, "decay": 0.5, "decay_steps": 3},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
        {"optimizer": "adadelta"},
    ],
)
def test_it_trains_to_the_same_bits(binary_data: Path, trainer: str, genes: dict[str, Any]) -> None:
    plain, normalized = (trained(payload) for payload in pair(binary_data, trainer, **genes))
    assert plain.ok
    assert (normalized.metrics, normalized.curves) == (plain.metrics, plain.curves)


@pytest.mark.parametrize("trainer", ["plain", "population"])
def test_it_is_saved_with_the_rate_itself(binary_data: Path, tmp_path: Path, trainer: str) -> None:
    plain, normalized = pair(binary_data, trainer, optimizer="sgd")
    answers = []
    for name, payload in (("plain", plain), ("normalized", normalized)):
        (tmp_path / name).mkdir()
        request = {**payload, "folder": str(tmp_path / name), "best_epochs": [4]}
        answers.append(json.loads(json.dumps(tasks.HANDLERS["export"](request, ignore_news))))
    assert answers[0]["test"] == answers[1]["test"]
