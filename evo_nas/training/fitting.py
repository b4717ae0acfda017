"""The epochs of one fold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evo_nas.config import Recipe
from evo_nas.training.divergence import all_finite, trouble_in
from evo_nas.training.early_stopping import KeptEpoch
from evo_nas.training.examples import Examples, Float32Array, FoldExamples
from evo_nas.training.metrics import measure
from evo_nas.training.news import Report
from evo_nas.training.program import Program, Resident
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import Weights, assign_weights, read_weights

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What came of one fold.

    curves: "train_loss", "validation_loss" and "validation_<metric>" -> one value an epoch; NaN where a lost epoch has
    none. weights: those that are kept, of epoch `best_epoch` (counted from 1). scores: "loss" and the metrics on
    validation rows with exactly these weights. trouble: why the training is lost, else empty; a lost training keeps no
    weights.
    """

    curves: Mapping[str, Sequence[float]]
    weights: Weights = field(default_factory=dict)
    best_epoch: int = 0
    scores: Scores = field(default_factory=dict)
    trouble: str = ""

    @property
    def num_epochs(self) -> int:
        return len(self.curves["train_loss"])


def fit_fold(
    program: Program,
    fold: FoldExamples,
    recipe: Recipe,
    streams: TrainingStreams,
    *,
    weights: Float32Array,
    report: Report,
    begin: Weights | None = None,
) -> Fit:
    """Train on the fold's training rows and score every epoch; the program's network ends with the kept weights.

    The train loss is the mean over the epoch as it was trained: with dropout, class weights (`weights`, a number a
    training row) and moving parameters. Everything else is computed after the epoch from the predictions of all
    validation rows, however many there are (a large part is predicted in pieces, never sampled); no loss counts
    penalties, and none on validation rows class weights. Without validation rows only the train loss is recorded.

    A training is lost, and ends, where `trouble_in` says so of an epoch, or where a kept weight is not finite; the
    untrained loss is that on the validation rows, without them on the training rows. report: called once an epoch.
    begin: the weights to begin with, in place of drawn ones; the optimizer begins anew.
    """
    program.start(streams)
    if begin is not None:
        assign_weights(program.model, begin)
    train, validation = Resident.of(fold.train, weights), Resident.of(fold.validation)
    untrained = program.evaluate(validation if len(validation) else train)[1]
    curves: dict[str, list[float]] = {}
    kept, best = KeptEpoch(recipe.early_stopping), read_weights(program.model)
    for epoch in range(1, recipe.epochs + 1):
        order = streams.batch_order(epoch, len(fold.train))
        scores = {"train_loss": program.train_epoch(train, order)}
        if len(validation):
            measured = _measured(program, fold, fold.validation, validation, recipe.metrics)
            scores |= {f"validation_{name}": value for name, value in measured.items()}
        for name, value in scores.items():
            curves.setdefault(name, []).append(value)
        report(_news(streams, epoch, recipe, scores))
        if trouble := trouble_in(scores, untrained):
            return Fit(curves, trouble=f"{trouble} after epoch {epoch}")
        if kept.observe(epoch, scores):
            best = read_weights(program.model)
        if kept.stopped:
            break
    if not all_finite(best.values()):
        return Fit(curves, trouble=f"a weight is not finite after epoch {kept.epoch}")
    assign_weights(program.model, best)
    return Fit(curves, best, kept.epoch, kept_scores(curves, kept.epoch, recipe.metrics))


def score(program: Program, fold: FoldExamples, examples: Examples, metrics: Sequence[str]) -> dict[str, float]:
    """ "loss" and the metrics of the program's network on some examples of a fold."""
    return _measured(program, fold, examples, Resident.of(examples), metrics)


def _measured(
    program: Program, fold: FoldExamples, examples: Examples, rows: Resident, metrics: Sequence[str]
) -> dict[str, float]:
    """rows: the examples, on the device. NaN for a metric where the predictions are not finite."""
    outputs, loss = program.evaluate(rows)
    return {"loss": loss, **measure(metrics, examples.truth, fold.readable(outputs), fold.task)}


def _news(streams: TrainingStreams, epoch: int, recipe: Recipe, scores: Scores) -> dict[str, Any]:
    fold = streams.fold if isinstance(streams.fold, int) else 0
    news = {"fold": fold, "epoch": epoch, "epochs": recipe.epochs}
    return {**news, "validation_loss": scores.get("validation_loss", math.nan)}


def kept_scores(curves: Mapping[str, Sequence[float]], epoch: int, metrics: Sequence[str]) -> Scores:
    names = [name for name in ("loss", *metrics) if f"validation_{name}" in curves]
    return {name: curves[f"validation_{name}"][epoch - 1] for name in names}
