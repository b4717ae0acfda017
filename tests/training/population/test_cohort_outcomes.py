"""What the handler "train_cohort" answers, beside what "train" answers of the same request."""

from __future__ import annotations

from typing import Any

import pytest

from evo_nas.outcome import Outcome, Status
from genomes import encoding_from
from tests.training.population.asking import answered, answered_plainly, payload_of, timeless
from tests.training.population.cohorts import HOSTILE, Entrant, changed, entrant_of, fixed_entrant
from tests.training.population.conftest import DataOf
from tests.training.training_cases import TASKS, recipe_of

LEARNT = 0.05
"""Two trainers that round differently are so near in a metric between 0 and 1."""

METRICS = {
    "binary": ("accuracy", "balanced_accuracy", "roc_auc", "f1", "log_loss"),
    "multiclass": ("accuracy", "balanced_accuracy", "roc_auc", "f1", "log_loss"),
    "regression": ("rmse", "mae", "r2"),
}


def both(entrant: Entrant, **asked: Any) -> tuple[Outcome, Outcome]:
    """The outcomes of a cohort of one, and of the plain trainer."""
    payload = payload_of([entrant], **asked)
    (outcome,) = answered(payload)
    return outcome, answered_plainly(payload)[0]


def near(found: Outcome, expected: Outcome) -> None:
    assert (found.status, found.message) == (expected.status, expected.message)
    assert (found.epochs, found.parameters, found.flops) == (expected.epochs, expected.parameters, expected.flops)
    assert list(found.metrics) == list(expected.metrics)
    assert found.metrics == pytest.approx(expected.metrics, rel=LEARNT, abs=LEARNT)
    assert found.confirmation == pytest.approx(expected.confirmation, rel=LEARNT, abs=LEARNT)
    assert [set(curves) for curves in found.curves] == [set(curves) for curves in expected.curves]


@pytest.mark.parametrize(
    ("task", "recipe"),
    [
        ("binary", {"class_weights": "balanced"}),
        ("binary", {"class_weights": {"green": 3.0}, "validation": {"folds": 3}}),
        ("multiclass", {"class_weights": {"red": 2.0}}),
        ("regression", {"loss": "mean_squared_error"}),
        ("regression", {"loss": "mean_absolute_error"}),
        ("regression", {"loss": "huber"}),
    ],
)
def test_an_outcome_is_that_of_the_plain_trainer(data_of: DataOf, task: str, recipe: dict[str, Any]) -> None:
    settings = {"epochs": 8, "metrics": METRICS[task], **recipe}
    entrant = fixed_entrant(data_of(TASKS[task], 5), TASKS[task], settings, activation="tanh")
    near(*both(entrant))


def test_early_stopping_watches_a_metric(data_of: DataOf) -> None:
    stopping = {"early_stopping": {"patience": 3, "monitor": "accuracy"}, "epochs": 40}
    found, expected = both(fixed_entrant(data_of("binary", 5), "binary", stopping, optimizer="sgd"))
    near(found, expected)
    assert found.epochs[0] < 40
    assert found.best_epochs == expected.best_epochs
    accuracies = found.curves[0]["validation_accuracy"]
    assert found.best_epochs[0] == 1 + accuracies.index(max(accuracies)) == len(accuracies) - 3
    assert found.metrics["accuracy"] == max(accuracies)


def test_confirmation_scores_the_kept_weights(data_of: DataOf) -> None:
    entrant = fixed_entrant(data_of("binary", 5), "binary", {"epochs": 6, "early_stopping": {"patience": 2}})
    payload = payload_of([entrant], confirm=True)
    payload["split"]["confirmation_fraction"] = 0.2
    (confirmed,), (without,) = answered(payload), answered({**payload, "confirm": False})
    near(confirmed, answered_plainly(payload)[0])
    assert confirmed.metrics == without.metrics
    assert without.confirmation == {}
    assert list(confirmed.confirmation) == ["loss", "roc_auc", "accuracy"]
    assert confirmed.confirmation != confirmed.metrics


@pytest.mark.bad_genomes
def test_what_is_wrong_with_a_member_is_its_own_outcome(data_of: DataOf) -> None:
    """Too deep or too wide to be fused, refused by its bytes, lost; the sound ones are as without them."""
    space = {"encoding": "mlp", "layers": {"low": 0, "high": 9}, "width": {"low": 2, "high": 5000}, "batch_size": 32}
    encoding, recipe = encoding_from(space), recipe_of("binary", memory_limit_mb=100)
    sound = encoding.canonical(encoding.default())
    layer = {**sound.layers[0], "width": 4}
    sound = type(sound)(sound.encoding, sound.genes, (layer, layer))
    bad = {
        "10 hidden layers": type(sound)(sound.encoding, sound.genes, (layer,) * 10),
        "0 hidden layers": type(sound)(sound.encoding, sound.genes, ()),
        "2,049 units": type(sound)(sound.encoding, sound.genes, ({**layer, "width": 2049},)),
        "memory_limit_mb": type(sound)(sound.encoding, sound.genes, ({**layer, "width": 10**6},) * 2),
        "untrained": changed(sound, **HOSTILE),
    }
    genomes = [*bad.values(), sound, changed(sound, learning_rate=0.02)]
    entrants = [entrant_of(data_of("binary", 5), genome, encoding, recipe) for genome in genomes]
    outcomes = answered(payload_of(entrants))
    for why, outcome in zip(bad, outcomes, strict=False):
        assert outcome.status is (Status.DIVERGED if why == "untrained" else Status.INVALID), why
        assert why in outcome.message
    assert [outcome.status for outcome in outcomes[len(bad) :]] == [Status.OK] * 2
    apart = [answered(payload_of([entrant]))[0] for entrant in entrants]
    assert list(map(timeless, outcomes)) == list(map(timeless, apart))


@pytest.mark.bad_input
def test_weights_of_an_unknown_class(data_of: DataOf) -> None:
    found, expected = both(fixed_entrant(data_of("binary", 5), "binary", {"class_weights": {"maybe": 2.0}}))
    assert found.status is expected.status is Status.INVALID
    assert (
        found.message == expected.message == "[recipe] class_weights: 'maybe' is no class; the classes are blue, green"
    )


@pytest.mark.parametrize("rate", [1e3, 1e12])
def test_a_lost_training_says_so_as_the_plain_trainer_does(data_of: DataOf, rate: float) -> None:
    found, expected = both(fixed_entrant(data_of("regression", 5), "regression", optimizer="sgd", learning_rate=rate))
    assert found.status is expected.status is Status.DIVERGED
    assert found.message.split(" loss ")[0] == expected.message.split(" loss ")[0]
    assert found.epochs == expected.epochs
