"""What a saved winner does with rows that it never saw: kept once, when it is saved, and drawn by the report."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evo_nas.data import Schema
from evo_nas.errors import described
from evo_nas.insight import MISTAKES, SAMPLE, ShownImages, WinnerInsight, confusion_of, save_insight
from evo_nas.training.attention import attention
from evo_nas.training.examples import examples_of
from evo_nas.training.judging import Judged
from evo_nas.training.metrics import class_probabilities, decide
from evo_nas.training.shown_images import (
    NUM_SHOWN,
    largest_errors,
    sampled_places,
    shown_images,
    surest_mistakes,
)

MOST_CLASSES = 1_000
"""Whose confusion is counted: a matrix of more would fill the file."""
MOST_FIT = 2_000
"""Rows of a regression that are kept as truth and prediction."""
NO_ROWS = "no rows were kept back that the network was not fitted on, so nothing can be said of its mistakes"


def keep_insight(judged: Judged | None, schema: Schema, folder: Path, model_sha256: str) -> None:
    """Write what there is to see into the winner's folder. judged: None where no rows are left for it.

    Total: what goes wrong is a sentence in the file, and a folder that cannot be written keeps none.
    """
    begun = WinnerInsight(model_sha256, schema.task, schema.classes)
    insight = replace(begun, troubles=(NO_ROWS,)) if judged is None else _seen(begun, judged)
    with suppress(OSError):
        save_insight(insight, folder)


def _seen(begun: WinnerInsight, judged: Judged) -> WinnerInsight:
    begun = replace(begun, source=judged.source, num_rows=len(judged.rows))
    try:
        seen = _of_regression(begun, judged) if begun.task == "regression" else _of_classes(begun, judged)
    except Exception as error:  # noqa: BLE001 - nothing that is only looked at may cost the winner
        return replace(begun, troubles=(f"the winner's decisions could not be looked at: {described(error)}",))
    try:
        return _with_attention(seen, judged)
    except Exception as error:  # noqa: BLE001 - as above: TensorFlow raises whatever it likes
        return replace(seen, troubles=(*seen.troubles, f"where it looked could not be found: {described(error)}"))


def _of_classes(begun: WinnerInsight, judged: Judged) -> WinnerInsight:
    probabilities = class_probabilities(judged.predictions)
    truth, decided = judged.truth.astype(np.int64), decide(probabilities)
    probability = probabilities.max(axis=1)
    classes = _named_outputs(begun.classes, probabilities.shape[1])
    seen = replace(begun, classes=classes)
    if len(classes) <= MOST_CLASSES:
        seen = replace(seen, confusion=confusion_of(truth, decided, len(classes)))
    else:
        seen = replace(seen, troubles=(f"with {len(classes):,} classes it is not counted which are confused",))
    mistakes = surest_mistakes(truth, decided, probability)
    return _with_images(seen, judged, truth, decided, probability=probability, worst=mistakes)


def _named_outputs(classes: tuple[str, ...], num_outputs: int) -> tuple[str, ...]:
    """A network may have more outputs than there are classes."""
    return (*classes, *(f"output {number}" for number in range(len(classes), num_outputs)))


def _of_regression(begun: WinnerInsight, judged: Judged) -> WinnerInsight:
    truth, predicted = judged.truth.astype(np.float64), judged.predictions
    kept = sampled_places(len(truth), MOST_FIT)
    seen = replace(begun, fit=np.column_stack([truth, predicted])[kept])
    unknown, worst = np.full(len(truth), np.nan), largest_errors(truth, predicted)
    return _with_images(seen, judged, truth, predicted, probability=unknown, worst=worst)


def _with_images(
    seen: WinnerInsight,
    judged: Judged,
    truth: NDArray[np.generic],
    predicted: NDArray[np.generic],
    *,
    probability: NDArray[np.float64],
    worst: NDArray[np.int64],
) -> WinnerInsight:
    """worst: places of the rows with the worst mistakes."""
    if judged.dataset.schema.image_shape is None:
        return seen

    def images(places: NDArray[np.int64]) -> ShownImages | None:
        said = truth[places], predicted[places], probability[places]
        return shown_images(judged.dataset, judged.rows[places], *said)

    groups = {SAMPLE: images(sampled_places(len(truth), NUM_SHOWN)), MISTAKES: images(worst)}
    return replace(seen, shown={name: group for name, group in groups.items() if group is not None})


def _with_attention(seen: WinnerInsight, judged: Judged) -> WinnerInsight:
    groups = seen.shown.values()
    if not groups:
        return seen
    rows = np.concatenate([group.rows for group in groups])
    predicted = np.concatenate([group.predicted for group in groups])
    classes = np.ones(len(rows), dtype=np.int64) if seen.task == "regression" else predicted
    inputs = examples_of(judged.dataset, rows, judged.winner.preprocessing).prepared()
    method, maps = attention(judged.winner.model, inputs, classes)
    parts = np.split(maps, np.cumsum([len(group) for group in groups])[:-1])
    shown = {name: replace(seen.shown[name], attention=part) for name, part in zip(seen.shown, parts, strict=True)}
    return replace(seen, shown=shown, method=method)
