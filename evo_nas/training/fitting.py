"""The epochs of one fold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from evo_nas.config import Recipe
from evo_nas.training.divergence import all_finite
from evo_nas.training.examples import Examples, Float32Array, FoldExamples
from evo_nas.training.feeding import FedRows
from evo_nas.training.metrics import measure
from evo_nas.training.news import Report
from evo_nas.training.program import Program
from evo_nas.training.rung import Snapshot
from evo_nas.training.standing import Standing
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import Weights, assign_weights, read_weights

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What came of one fold.

    curves: "train_loss", "validation_loss" and "validation_<metric>" -> one value an epoch; NaN where a lost epoch has
    none. weights: those that are kept, of epoch `best_epoch` (counted from 1). scores: "loss" and the metrics on
    validation rows with exactly these weights. trouble: why the training is lost, else empty; a lost training keeps no
    weights. snapshot: what it takes to go on from here, where that was asked for.
    """

    curves: Mapping[str, Sequence[float]]
    weights: Weights = field(default_factory=dict)
    best_epoch: int = 0
    scores: Scores = field(default_factory=dict)
    trouble: str = ""
    snapshot: Snapshot | None = None

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
    begin: Weights | Snapshot | None = None,
    until: int | None = None,
) -> Fit:
    """Train on the fold's training rows and score every epoch; the program's network ends with the kept weights.

    The train loss is the mean over the epoch as it was trained: with dropout, class weights (`weights`, a number a
    training row) and moving parameters. Everything else is computed after the epoch from the predictions of all
    validation rows, however many there are (a large part is predicted in pieces, never sampled); no loss counts
    penalties, and none on validation rows class weights. Without validation rows only the train loss is recorded.

    A training is lost, and ends, where `trouble_in` says so of an epoch, or where a kept weight is not finite; the
    untrained loss is that on the validation rows, without them on the training rows. report: called once an epoch, or
    more often where it takes long.
    begin: the weights to begin with, in place of drawn ones, and the optimizer begins anew; or a training that was
    handed back, which goes on as if it had never stopped. until: hand it back after so many epochs, or None to train
    all of them.
    """
    train, validation = program.rows(fold.train, weights), program.rows(fold.validation)
    program.start(streams)
    standing = _standing(program, recipe, begin, validation if len(validation) else train)
    last_epoch = recipe.epochs if until is None else min(until, recipe.epochs)
    while not standing.finished and standing.num_epochs < last_epoch:
        epoch = standing.num_epochs + 1
        order = streams.batch_order(epoch, len(fold.train))
        key, alive = streams.augmentation_key(epoch), partial(report, _news(streams, epoch - 1, last_epoch, {}))
        scores = {"train_loss": program.train_epoch(train, order, key, alive)}
        if len(validation):
            measured = _measured(program, fold, fold.validation, validation, recipe.metrics)
            scores |= {f"validation_{name}": value for name, value in measured.items()}
        report(_news(streams, epoch, last_epoch, scores))
        if standing.observe(scores):
            standing.best = read_weights(program.model)
    snapshot = None if until is None else standing.snapshot(None if standing.finished else program.state())
    fit = replace(_kept(standing), snapshot=snapshot)
    if not fit.trouble:
        assign_weights(program.model, fit.weights)
    return fit


def _standing(program: Program, recipe: Recipe, begin: Weights | Snapshot | None, rows: FedRows) -> Standing:
    """That from which a program goes on which has just been started. rows: those of the untrained loss."""
    if isinstance(begin, Snapshot):
        if begin.state is not None:
            program.take_up(begin.state)
        return Standing.resumed(recipe, begin)
    if begin is not None:
        assign_weights(program.model, begin)
    standing = Standing.begun(recipe, program.evaluate(rows)[1])
    standing.best = read_weights(program.model)
    return standing


def _kept(standing: Standing) -> Fit:
    """What came of it so far."""
    curves, epoch, best = standing.curves, standing.kept.epoch, standing.best
    if standing.trouble:
        return Fit(curves, trouble=standing.trouble)
    if not all_finite(best.values()):
        return Fit(curves, trouble=f"a weight is not finite after epoch {epoch}")
    return Fit(curves, best, epoch, kept_scores(curves, epoch, standing.recipe.metrics))


def score(program: Program, fold: FoldExamples, examples: Examples, metrics: Sequence[str]) -> dict[str, float]:
    """ "loss" and the metrics of the program's network on some examples of a fold."""
    return _measured(program, fold, examples, program.rows(examples), metrics)


def _measured(
    program: Program, fold: FoldExamples, examples: Examples, rows: FedRows, metrics: Sequence[str]
) -> dict[str, float]:
    """rows: the examples, on the device. NaN for a metric where the predictions are not finite."""
    outputs, loss = program.evaluate(rows)
    return {"loss": loss, **measure(metrics, examples.truth, fold.readable(outputs), fold.task)}


def _news(streams: TrainingStreams, epoch: int, last_epoch: int, scores: Scores) -> dict[str, Any]:
    fold = streams.fold if isinstance(streams.fold, int) else 0
    news = {"fold": fold, "epoch": epoch, "epochs": last_epoch}
    return {**news, "validation_loss": scores.get("validation_loss", math.nan)}


def kept_scores(curves: Mapping[str, Sequence[float]], epoch: int, metrics: Sequence[str]) -> Scores:
    names = [name for name in ("loss", *metrics) if f"validation_{name}" in curves]
    return {name: curves[f"validation_{name}"][epoch - 1] for name in names}
