"""A training that is judged on a rung is the beginning of the whole, on both paths; where it has ended, it is all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evo_nas.outcome import Outcome, Status
from evo_nas.running.rungs import has_ended
from evo_nas.training import tasks
from tests.training.population.asking import timeless
from tests.training.training_cases import ignore_news, payload_of, trained

pytestmark = pytest.mark.law4

EPOCHS = 8
HOSTILE = {"learning_rate": 1e12, "optimizer": "sgd", "activation": "relu"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all epochs": ({"early_stopping": False}, {"optimizer": "adam", "decay": 0.5, "decay_steps": 3}),
    "impatient": ({"early_stopping": {"patience": 1, "monitor": "accuracy"}}, {"dropout": 0.4}),
    "threshold": ({"early_stopping": {"monitor": "accuracy", "threshold": 0.5}}, {}),
    "baseline": (
        {"early_stopping": {"patience": 2, "monitor": "accuracy", "baseline": 2.0, "start_from_epoch": 1}},
        {},
    ),
    "folds": ({"early_stopping": {"patience": 2}, "validation": {"folds": 3}}, {"learning_rate": 0.2}),
    "lost": ({"early_stopping": {"patience": 3}}, HOSTILE),
    "lost on a fold": ({"early_stopping": False, "validation": {"folds": 2}}, HOSTILE),
    "too large": ({"memory_limit_mb": 1}, {"width": 4096}),
}

SELDOM = ("all epochs", "threshold", "baseline", "lost on a fold")
"""Ten seconds each where every network is built by itself."""


def in_a_cohort(payload: dict[str, Any]) -> Outcome:
    member = {name: payload[name] for name in ("genome", "fingerprint", "replicate", "rung") if name in payload}
    answer = tasks.HANDLERS["train_cohort"]({**payload, "members": [member], "memory_mb": 1024}, ignore_news)
    return Outcome.from_json(answer["outcomes"][0])


ALONE = [pytest.param(trained, case, marks=pytest.mark.slow if case in SELDOM else ()) for case in CASES]


@pytest.mark.parametrize(("train", "case"), [*ALONE, *((in_a_cohort, case) for case in CASES)])
def test_a_rung_is_the_beginning_of_the_whole(
    binary_data: Path, train: Callable[[dict[str, Any]], Outcome], case: str
) -> None:
    recipe, genes = CASES[case]
    payload = payload_of(binary_data, "binary", {"epochs": EPOCHS, **recipe}, **genes)
    whole = train(payload)
    ended = []
    for epochs in range(1, EPOCHS):
        rung = train({**payload, "rung": {"epochs": epochs, "before": None, "after": None}})
        assert_begins(rung, whole, epochs)
        if has_ended(rung, epochs, payload["recipe"]):
            ended.append(epochs)
            assert timeless(rung) == timeless(whole)
    assert ended == list(range(min(ended, default=EPOCHS), EPOCHS))
    assert bool(ended) == (case != "all epochs")


def assert_begins(rung: Outcome, whole: Outcome, epochs: int) -> None:
    """Fold by fold; a fold that is lost ends a training, so that a rung may have begun more folds than the whole."""
    for part, all_of_it in zip(rung.curves, whole.curves, strict=False):
        assert {name: values[:epochs] for name, values in all_of_it.items()} == dict(part)
    if rung.status is Status.INVALID:
        assert not rung.curves
