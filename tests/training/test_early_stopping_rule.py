"""Which epoch is kept, and when the training stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.config import EarlyStopping
from evo_nas.errors import UserError
from evo_nas.outcome import Outcome
from evo_nas.training import tasks
from evo_nas.training.early_stopping import KeptEpoch
from tests.training.training_cases import ignore_news, payload_of, recipe_of


def run(values: list[float], stopping: EarlyStopping | Any) -> tuple[int, int]:
    """(the epoch that is kept, the last epoch that is trained)"""
    kept = KeptEpoch(stopping)
    monitor = stopping.monitor if stopping else "loss"
    for epoch, value in enumerate(values, start=1):
        kept.observe(epoch, {f"validation_{monitor}": value, "train_loss": value})
        if kept.stopped:
            return kept.epoch, epoch
    return kept.epoch, len(values)


@pytest.mark.parametrize(
    ("values", "settings", "expected"),
    [
        ([3, 2, 1], {"patience": 1}, (3, 3)),
        ([1, 2, 0], {"patience": 1}, (1, 2)),
        ([1, 2, 0], {"patience": 2}, (3, 3)),
        ([1, 1, 1], {"patience": 2}, (1, 3)),  # equal is no better
        ([1.0, 0.95, 0.8], {"patience": 3, "min_delta": 0.1}, (3, 3)),
        ([1.0, 0.95, 0.91], {"patience": 3, "min_delta": 0.1}, (1, 3)),
        ([0.5, 0.7, 0.6], {"patience": 5, "monitor": "roc_auc"}, (2, 3)),
        ([0.5, 0.7, 0.6], {"patience": 5, "monitor": "rmse"}, (1, 3)),
        ([-2.0, -1.0, -3.0], {"patience": 5, "monitor": "r2"}, (2, 3)),
        ([3, 2, 4, 1], {"patience": 1, "monitor": "train_loss"}, (2, 3)),
        ([1, 9, 8, 7], {"patience": 1, "start_from_epoch": 1}, (4, 4)),  # the first is not looked at
        ([3, 2, 1], {"start_from_epoch": 7}, (3, 3)),  # none is: the last is kept
        ([5, 4, 4, 4, 4], {"patience": 2, "baseline": 3.0}, (2, 3)),  # an improvement that wins no patience
        ([5, 2, 4, 4, 4], {"patience": 2, "baseline": 3.0}, (2, 4)),
        ([5, 4, 3, 2, 1], {"threshold": 3.0}, (3, 3)),
        ([0.5, 0.7, 0.9, 1.0], {"threshold": 0.8, "monitor": "accuracy"}, (3, 3)),
        ([0.5, 0.85, 0.9], {"threshold": 0.9, "min_delta": 0.1, "monitor": "accuracy"}, (3, 3)),  # kept by a little
        ([1, 5, 1], {"threshold": 1.0, "start_from_epoch": 1}, (3, 3)),
    ],
)
def test_table(values: list[float], settings: dict[str, Any], expected: tuple[int, int]) -> None:
    assert run(values, EarlyStopping(**settings)) == expected


def test_without_early_stopping_the_last_epoch_is_kept() -> None:
    assert run([1, 2, 3, 4], False) == (4, 4)


class Network:
    """What Keras's callback needs of a model: its weights are the number of the epoch."""

    stop_training = False
    epoch = 0

    def get_weights(self) -> int:
        return self.epoch

    def set_weights(self, weights: int) -> None:
        self.epoch = weights


def run_keras(values: list[float], stopping: EarlyStopping) -> tuple[int, int]:
    network = Network()
    callback = keras.callbacks.EarlyStopping(
        monitor="value",
        mode="max" if stopping.monitor == "accuracy" else "min",
        restore_best_weights=True,
        **stopping.model_dump(include={"patience", "min_delta", "baseline", "start_from_epoch"}),
    )
    callback.set_model(network)
    callback.on_train_begin()
    trained = 0
    for epoch, value in enumerate(values):
        network.epoch = trained = epoch + 1
        callback.on_epoch_end(epoch, {"value": value})
        if network.stop_training:
            break
    callback.on_train_end()
    return network.epoch, trained


STOPPINGS = st.builds(
    EarlyStopping,
    patience=st.integers(1, 4),
    min_delta=st.sampled_from([0.0, 0.125, 0.25]),
    monitor=st.sampled_from(["loss", "accuracy"]),
    baseline=st.none() | st.sampled_from([0.25, 0.5, 0.75]),
    start_from_epoch=st.integers(0, 4),
)
VALUES = st.integers(0, 32).map(lambda n: n / 32) | st.floats(-2.0, 2.0, allow_subnormal=False, width=16)
"""Numbers that 32 bits hold exactly, also less a `min_delta`: Keras compares in 32 bits, and ties must stay ties."""


@given(st.lists(VALUES, min_size=1, max_size=12), STOPPINGS)
def test_the_rule_is_that_of_keras(values: list[float], stopping: EarlyStopping) -> None:
    assert run(values, stopping) == run_keras(values, stopping)


@given(st.lists(VALUES, min_size=1, max_size=12), STOPPINGS, st.sampled_from([0.1, 0.5, 0.9]))
def test_a_threshold_ends_at_the_first_epoch_that_reaches_it(
    values: list[float], stopping: EarlyStopping, threshold: float
) -> None:
    sign = 1 if stopping.monitor == "accuracy" else -1
    watched = range(stopping.start_from_epoch, len(values))
    first = next((n + 1 for n in watched if sign * values[n] >= sign * threshold), len(values) + 1)
    kept, trained = run(values, stopping)
    expected = (first, first) if first <= trained else (kept, trained)
    assert run(values, stopping.model_copy(update={"threshold": threshold})) == expected


CRITERIA = {
    "threshold": {"monitor": "accuracy", "threshold": 0.85},
    "baseline": {"patience": 3, "monitor": "accuracy", "baseline": 0.999},
    "start": {"patience": 1, "monitor": "accuracy", "start_from_epoch": 5},
    "training": {"patience": 1, "monitor": "train_loss", "min_delta": 0.02},
}


@pytest.mark.parametrize("trainer", ["plain", "population"])
@pytest.mark.parametrize("name", CRITERIA)
def test_both_trainers_keep_to_it(binary_data: Path, trainer: str, name: str) -> None:
    """What is recorded of each epoch says where the rule ends, and there the training ended."""
    recipe = {"trainer": trainer, "epochs": 40, "early_stopping": CRITERIA[name]}
    payload = payload_of(binary_data, "binary", recipe, dropout=0.3, learning_rate=0.005)
    member = {name: payload[name] for name in ("genome", "fingerprint", "replicate")}
    if trainer == "plain":
        result = tasks.HANDLERS["train"](payload, ignore_news)
    else:
        cohort = {**payload, "members": [member], "memory_mb": 64}
        result = tasks.HANDLERS["train_cohort"](cohort, ignore_news)["outcomes"][0]
    outcome = Outcome.from_json(result)
    monitor = CRITERIA[name].get("monitor", "loss")
    curve = outcome.curves[0]["train_loss" if monitor == "train_loss" else f"validation_{monitor}"]
    expected = run(curve, EarlyStopping.model_validate(CRITERIA[name]))
    assert (outcome.best_epochs, outcome.epochs) == ((expected[0],), (expected[1],))
    assert expected[1] < 40
    assert outcome.metrics["loss"] == outcome.curves[0]["validation_loss"][expected[0] - 1]


def test_a_recipe_that_says_nothing_new_is_what_it_was() -> None:
    """Outcomes and runs of earlier versions are found under the keys that they were kept by."""
    recipe = recipe_of("binary", early_stopping={"patience": 2})
    assert recipe.in_key()["early_stopping"] == {"patience": 2, "min_delta": 0.0, "monitor": "loss"}
    assert sorted(recipe.meaning()) == [
        *("class_weights", "early_stopping", "epochs", "evaluation_seed", "loss", "memory_limit_mb", "metrics"),
        *("replicates", "trainer", "validation"),
    ]
    asked = recipe_of("binary", early_stopping={"patience": 2, "threshold": 0.0}, precision="mixed_bfloat16")
    assert asked.in_key()["early_stopping"]["threshold"] == 0.0
    assert asked.in_key()["precision"] == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("stopping", "message"),
    [
        ({"monitor": "rmse"}, r'early_stopping\.monitor: expected "loss" or one of the metrics'),
        ({"start_from_epoch": 3}, r"start_from_epoch: expected less than epochs \(3\), got 3; no epoch would be"),
    ],
)
def test_what_cannot_be_watched(stopping: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        recipe_of("binary", early_stopping=stopping)
