"""What the handler "train" answers, for trainings that go well and for those that do not."""

from __future__ import annotations

import gc
import math
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_sample_weight
from tensorflow.python.framework.func_graph import FuncGraph

from evo_nas.outcome import Outcome, Status
from evo_nas.training import candidate, tasks
from evo_nas.training.divergence import loss_is_lost
from evo_nas.training.examples import Examples, row_weights
from evo_nas.training.feeding import FedRows
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.program import Program
from evo_nas.training.request import TrainingRequest
from tests.training.training_cases import ignore_news, payload_of, trained

ALL = ["accuracy", "balanced_accuracy", "roc_auc", "f1", "log_loss"]


def test_a_network_learns(binary_data: Path) -> None:
    outcome = trained(payload_of(binary_data, "binary", {"epochs": 20, "metrics": ALL}))
    assert (outcome.status, outcome.message) == (Status.OK, "")
    assert list(outcome.metrics) == ["loss", *ALL]
    assert outcome.metrics["roc_auc"] > 0.95
    assert outcome.metrics["log_loss"] == pytest.approx(outcome.metrics["loss"], abs=1e-6)
    assert (outcome.epochs, outcome.best_epochs) == ((20,), (20,))
    assert outcome.parameters == 5 * 8 + 9 * 8 + 9
    assert outcome.flops > 0
    assert outcome.seconds > 0
    assert outcome.confirmation == {}


def test_curves(binary_data: Path) -> None:
    outcome = trained(payload_of(binary_data, "binary", {"epochs": 4, "metrics": ["roc_auc", "f1"]}))
    (curves,) = outcome.curves
    names = ("loss", "roc_auc", "f1")
    assert set(curves) == {"train_loss", *(f"validation_{name}" for name in names)}
    assert {len(values) for values in curves.values()} == {4}
    assert curves["train_loss"][0] > curves["train_loss"][-1]
    assert {name: curves[f"validation_{name}"][-1] for name in names} == outcome.metrics


@pytest.mark.parametrize("validated", [True, False])
def test_after_an_epoch_only_validation_rows_are_predicted(
    binary_data: Path, monkeypatch: pytest.MonkeyPatch, validated: bool
) -> None:
    """Without any, the training rows are, once: they say what the untrained loss is."""
    evaluated: list[int] = []
    evaluate = Program.evaluate

    def watched(program: Program, rows: FedRows) -> Any:
        evaluated.append(len(rows))
        return evaluate(program, rows)

    monkeypatch.setattr(Program, "evaluate", watched)
    training = OpenTraining.of(TrainingRequest.from_payload(payload_of(binary_data, "binary")))
    program = training.build()
    fold, name = (training.folds[0], 0) if validated else (training.all_search_rows, "all")
    fit = training.fit(program, fold, name, ignore_news)
    assert fit.num_epochs == 3
    assert evaluated == ([len(training.folds[0].validation)] * 4 if validated else [len(training.data.rows.search)])
    assert ("validation_loss" in fit.curves) is validated


def test_multiclass(multiclass_data: Path) -> None:
    outcome = trained(payload_of(multiclass_data, "multiclass", {"epochs": 40, "metrics": ALL}))
    assert outcome.metrics["roc_auc"] > 0.85
    assert outcome.metrics["log_loss"] == pytest.approx(outcome.metrics["loss"], abs=1e-5)


def test_a_regression_is_measured_in_its_own_units(regression_data: Path) -> None:
    """The price is 1000 with a spread of 50: a network that has learnt it is off by a few."""
    recipe = {"epochs": 60, "metrics": ["rmse", "mae", "r2"]}
    outcome = trained(payload_of(regression_data, "regression", recipe))
    assert outcome.metrics["r2"] > 0.95
    assert 0.5 < outcome.metrics["mae"] < outcome.metrics["rmse"] < 15
    assert outcome.metrics["loss"] < 0.1


def test_folds_are_averaged(binary_data: Path) -> None:
    news: list[dict[str, Any]] = []
    payload = payload_of(binary_data, "binary", {"validation": {"folds": 3}})
    outcome = Outcome.from_json(tasks.HANDLERS["train"](payload, news.append))
    assert (outcome.epochs, outcome.best_epochs) == ((3, 3, 3), (3, 3, 3))
    last = [curves["validation_roc_auc"][-1] for curves in outcome.curves]
    assert outcome.metrics["roc_auc"] == pytest.approx(sum(last) / 3)
    assert len(set(last)) > 1
    assert [(item["fold"], item["epoch"]) for item in news] == [(f, e) for f in range(3) for e in (1, 2, 3)]
    assert all(item["epochs"] == 3 and item["validation_loss"] > 0 for item in news)


@pytest.mark.parametrize("optimizer", ["nadam", "rmsprop"])
def test_a_fold_does_not_depend_on_the_folds_before_it(
    binary_data: Path, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    """One trace serves all folds; nothing of a fold may be left in it."""
    genes = {"optimizer": optimizer, "dropout": 0.3, "batch_normalization": True, "momentum": 0.5, "decay": 0.9}
    payload = payload_of(binary_data, "binary", {"validation": {"folds": 2}}, **genes)
    together = trained(payload)
    # The same folds the other way round: the second one is now trained first, under its own streams.
    monkeypatch.setattr(candidate, "enumerate", lambda folds: [(1, folds[1]), (0, folds[0])], raising=False)
    apart = trained(payload)
    assert apart.curves == tuple(reversed(together.curves))


def test_early_stopping_scores_the_best_epoch(binary_data: Path) -> None:
    recipe = {"epochs": 60, "early_stopping": {"patience": 3, "monitor": "roc_auc"}}
    outcome = trained(payload_of(binary_data, "binary", recipe, learning_rate=0.3))
    (curves,), (best,), (last,) = outcome.curves, outcome.best_epochs, outcome.epochs
    values = curves["validation_roc_auc"]
    assert last == len(values) == best + 3 < 60
    assert outcome.metrics["roc_auc"] == max(values) == values[best - 1]
    assert values.index(max(values)) == best - 1
    assert outcome.metrics["loss"] == curves["validation_loss"][best - 1]


def test_confirmation_scores_the_kept_weights_on_rows_of_their_own(binary_data: Path) -> None:
    payload = payload_of(binary_data, "binary", {"epochs": 10})
    payload["split"]["confirmation_fraction"] = 0.2
    without = trained(payload)
    confirmed = trained({**payload, "confirm": True})
    assert confirmed.metrics == without.metrics
    assert without.confirmation == {}
    assert list(confirmed.confirmation) == ["loss", "roc_auc", "accuracy"]
    assert confirmed.confirmation != confirmed.metrics


def test_balanced_class_weights_help_the_rare_class(binary_data: Path) -> None:
    """After a few epochs, in the mean over four initial weights."""

    def recall(weights: Any) -> float:
        recipe = {"epochs": 5, "metrics": ["balanced_accuracy"], "class_weights": weights}
        payload = payload_of(binary_data, "binary", recipe)
        starts = [trained({**payload, "fingerprint": digit * 32}) for digit in "0123"]
        return fmean(outcome.metrics["balanced_accuracy"] for outcome in starts)

    unweighted = recall(None)
    assert recall("balanced") > unweighted + 0.1
    assert recall({"yes": 3.0}) > unweighted + 0.1


@pytest.mark.parametrize("truth", [[0, 0, 0, 1], [1, 1], [0, 2, 2, 2, 0, 0]])
def test_balanced_is_what_scikit_learn_counts(truth: list[int]) -> None:
    rows = np.zeros((len(truth), 1), dtype=np.float32)
    weights = row_weights(Examples(rows, rows, np.array(truth)), "balanced", ("a", "b", "c"))
    assert weights == pytest.approx(compute_sample_weight("balanced", truth))


def test_weights_of_an_unknown_class(binary_data: Path) -> None:
    outcome = trained(payload_of(binary_data, "binary", {"class_weights": {"maybe": 2.0}}))
    assert outcome.status is Status.INVALID
    assert outcome.message == "[recipe] class_weights: 'maybe' is no class; the classes are no, yes"


def test_a_learning_rate_of_a_million_diverges(binary_data: Path) -> None:
    """Adam's losses are finite there."""
    payload = payload_of(binary_data, "binary", {"epochs": 30}, learning_rate=1e6)
    outcome = trained(payload)
    assert outcome.status is Status.DIVERGED
    assert outcome.message.startswith("fold 1: the train loss is ")
    standing = payload_of(binary_data, "binary", learning_rate=1e-12)
    untrained = trained({**standing, "fingerprint": payload["fingerprint"]}).metrics["loss"]  # on validation rows
    assert f" (it was {untrained:.4g} untrained)" in outcome.message
    assert outcome.message.endswith(f"untrained) after epoch {outcome.epochs[0]}")
    assert outcome.metrics == {}
    assert math.isfinite(outcome.curves[0]["train_loss"][-1])


def test_a_loss_that_is_not_a_number_diverges(regression_data: Path) -> None:
    genes = {"optimizer": "sgd", "learning_rate": 1e12, "activation": "linear"}
    outcome = trained(payload_of(regression_data, "regression", {"epochs": 30}, **genes))
    assert outcome.status is Status.DIVERGED
    assert {len(values) for values in outcome.curves[0].values()} == {outcome.epochs[0]}
    assert outcome.epochs[0] < 30


@pytest.mark.parametrize(
    ("loss", "untrained", "lost"),
    [
        (0.7, 0.7, False),
        (math.nan, 0.7, True),
        (math.inf, 0.7, True),
        (6.9e5, 0.7, False),
        (7e5, 0.7, True),
        (1e12, 1e8, False),
        (0.5, 1e-9, False),
        (1.0, math.nan, True),
    ],
)
def test_what_is_lost(loss: float, untrained: float, lost: bool) -> None:
    assert loss_is_lost(loss, untrained) is lost


def test_ten_million_units_are_refused_before_anything_is_built(
    binary_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object) -> None:
        raise AssertionError("the network was built")

    monkeypatch.setattr(OpenTraining, "network", never)
    outcome = trained(payload_of(binary_data, "binary", width=10_000_000))
    assert outcome.status is Status.INVALID
    assert outcome.message.startswith("its training is predicted to need ")
    assert outcome.message.endswith(" MB, over [recipe] memory_limit_mb = 2,048")
    assert outcome.parameters > 10**14


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (MemoryError("no more"), Status.OUT_OF_MEMORY, "MemoryError: no more"),
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when allocating\nnode stack"),
            Status.OUT_OF_MEMORY,
            "ResourceExhaustedError: OOM when allocating",
        ),
        (RuntimeError("surprise"), Status.CRASHED, "RuntimeError: surprise"),
        (tf.errors.InternalError(None, None, "x" * 9999), Status.CRASHED, "InternalError: " + "x" * 500),
    ],
)
def test_exceptions_are_values(
    binary_data: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, status: Status, message: str
) -> None:
    def fails(*arguments: object) -> float:
        raise error

    monkeypatch.setattr(Program, "train_epoch", fails)
    outcome = trained(payload_of(binary_data, "binary"))
    assert (outcome.status, outcome.message) == (status, message)


def test_a_network_that_cannot_be_built(binary_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise ValueError("no such layer\n\nArguments: ...")

    monkeypatch.setattr(OpenTraining, "network", fails)
    outcome = trained(payload_of(binary_data, "binary"))
    assert (outcome.status, outcome.message) == (Status.INVALID, "ValueError: no such layer")


def test_missing_data(tmp_path: Path) -> None:
    outcome = trained(payload_of(tmp_path / "data.npz", "binary"))
    assert outcome.status is Status.CRASHED
    assert "data.npz: no such file" in outcome.message


def test_data_are_read_once(binary_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(payload_of(binary_data, "binary"))

    def never(*arguments: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("evo_nas.training.examples.load_dataset", never)
    assert trained(payload_of(binary_data, "binary", width=9)).ok


@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_a_training_leaves_no_graph_behind(binary_data: Path, activation: str) -> None:
    """What Keras would keep of each (see `build_optimizer` and `build_network`) is 7 MB."""

    def num_graphs() -> int:
        gc.collect()
        return sum(isinstance(thing, FuncGraph) for thing in gc.get_objects())

    before = num_graphs()
    trained(payload_of(binary_data, "binary", activation=activation, batch_normalization=True, dropout=0.1))
    assert num_graphs() == before


@pytest.mark.slow
def test_a_hundred_trainings_grow_by_less_than_a_megabyte_each(binary_data: Path) -> None:
    import psutil

    def megabytes() -> float:
        return psutil.Process().memory_info().rss / 2**20

    for number in range(10):
        trained(payload_of(binary_data, "binary", width=8 + number))
    before = megabytes()
    for number in range(100):
        trained(payload_of(binary_data, "binary", width=20 + number, layers=1 + number % 4))
    assert megabytes() - before < 100
