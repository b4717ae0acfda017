"""The epochs of one fold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evo_nas.config import Recipe
from evo_nas.training.divergence import all_finite, loss_is_lost
from evo_nas.training.early_stopping import KeptEpoch
from evo_nas.training.examples import Examples, Float32Array, FoldExamples
from evo_nas.training.metrics import measure
from evo_nas.training.program import Program, Resident
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import Weights, assign_weights, read_weights

Report = Callable[[dict[str, Any]], None]
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What came of one fold.

    curves: "train_loss", "validation_loss", "train_<metric>" and "validation_<metric>" -> one value an epoch; NaN
    where a lost epoch has none. weights: those that are kept, of epoch `best_epoch` (counted from 1). scores: "loss"
    and the metrics on validation rows with exactly these weights. trouble: why the training is lost, else empty; a
    lost training keeps no weights.
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
) -> Fit:
    """Train on the fold's training rows and score every epoch; the program's network ends with the kept weights.

    The train loss is the mean over the epoch as it was trained: with dropout, class weights (`weights`, a number a
    training row) and moving parameters. Everything else is computed after the epoch from the predictions of all rows,
    however many there are (a large part is predicted in pieces, never sampled); no loss counts penalties, and none on
    validation rows class weights. Without validation rows nothing but the train loss is recorded.

    A training is lost, and ends, where `loss_is_lost` says so of a loss, or where a prediction, a metric or a weight
    is not finite. report: called once an epoch.
    """
    program.start(streams)
    parts = _parts(fold, weights)
    untrained = {f"{name}_loss": program.evaluate(part.rows)[1] for name, part in parts.items()}
    curves: dict[str, list[float]] = {}
    kept, best = KeptEpoch(recipe.early_stopping), read_weights(program.model)
    for epoch in range(1, recipe.epochs + 1):
        order = streams.batch_order(epoch, len(fold.train))
        scores = _train_epoch(program, parts, fold, recipe, order=order)
        for name, value in scores.items():
            curves.setdefault(name, []).append(value)
        report(_news(streams, epoch, recipe, scores))
        if trouble := _trouble(scores, untrained):
            return Fit(curves, trouble=f"{trouble} after epoch {epoch}")
        if kept.observe(epoch, scores):
            best = read_weights(program.model)
        if kept.should_stop(epoch):
            break
    if not all_finite(best.values()):
        return Fit(curves, trouble=f"a weight is not finite after epoch {kept.epoch}")
    assign_weights(program.model, best)
    return Fit(curves, best, kept.epoch, _kept_scores(curves, kept.epoch, recipe.metrics))


def score(program: Program, fold: FoldExamples, examples: Examples, metrics: Sequence[str]) -> dict[str, float]:
    """ "loss" and the metrics of the program's network on some examples of a fold."""
    outputs, loss = program.evaluate(Resident.of(examples))
    return {"loss": loss, **measure(metrics, examples.truth, fold.readable(outputs), fold.task)}


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    examples: Examples
    rows: Resident


def _parts(fold: FoldExamples, weights: Float32Array) -> dict[str, _Part]:
    parts = {"train": _Part(fold.train, Resident.of(fold.train, weights))}
    if len(fold.validation):
        parts["validation"] = _Part(fold.validation, Resident.of(fold.validation))
    return parts


def _train_epoch(
    program: Program, parts: Mapping[str, _Part], fold: FoldExamples, recipe: Recipe, *, order: Any
) -> dict[str, float]:
    """All values of one epoch; those that cannot be computed are NaN."""
    scores = {"train_loss": program.train_epoch(parts["train"].rows, order)}
    if "validation" not in parts:
        return scores
    for name, part in parts.items():
        outputs, loss = program.evaluate(part.rows)
        scores.setdefault(f"{name}_loss", loss)
        values: Mapping[str, float] = dict.fromkeys(recipe.metrics, math.nan)
        if all_finite([outputs]):
            values = measure(recipe.metrics, part.examples.truth, fold.readable(outputs), fold.task)
        scores |= {f"{name}_{metric}": value for metric, value in values.items()}
    return scores


def _trouble(scores: Scores, untrained: Scores) -> str:
    for name, start in untrained.items():
        if loss_is_lost(scores[name], start):
            return f"the {name.replace('_', ' ')} is {scores[name]:.4g} (it was {start:.4g} untrained)"
    lost = [name.replace("_", " ") for name, value in scores.items() if not math.isfinite(value)]
    return f"the predictions are not finite ({', '.join(lost)})" if lost else ""


def _news(streams: TrainingStreams, epoch: int, recipe: Recipe, scores: Scores) -> dict[str, Any]:
    fold = streams.fold if isinstance(streams.fold, int) else 0
    news = {"fold": fold, "epoch": epoch, "epochs": recipe.epochs}
    return {**news, "validation_loss": scores.get("validation_loss", math.nan)}


def _kept_scores(curves: Mapping[str, Sequence[float]], epoch: int, metrics: Sequence[str]) -> Scores:
    names = [name for name in ("loss", *metrics) if f"validation_{name}" in curves]
    return {name: curves[f"validation_{name}"][epoch - 1] for name in names}
