"""Epochs that are taken in together leave a fold where they would have left it one by one."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evo_nas.config import EarlyStopping
from evo_nas.training.divergence import all_sound, trouble_in
from evo_nas.training.standing import Standing
from tests.training.training_cases import recipe_of

LOSSES = st.floats(0.0, 5.0) | st.sampled_from([math.nan, math.inf, -math.inf, 1e7, 1.7e308, 1e-300])
EPOCHS = st.lists(st.tuples(LOSSES, LOSSES), min_size=1, max_size=12)
STOPPING = st.sampled_from([False, EarlyStopping(patience=2), EarlyStopping(patience=1, threshold=1.0)])


def scores_of(epochs: list[tuple[float, float]]) -> dict[str, list[float]]:
    train, validation = zip(*epochs, strict=True)
    return {"train_loss": list(train), "validation_loss": list(validation), "validation_accuracy": [0.5] * len(train)}


def seen(standing: Standing, improved: bool) -> dict[str, Any]:
    kept = standing.kept.epoch if not standing.trouble else None
    return {
        "curves": repr(standing.curves),  # a NaN is equal to itself there
        "kept": kept,
        "trouble": standing.trouble,
        "finished": standing.finished,
        "improved": improved,
    }


@given(EPOCHS, STOPPING, st.integers(1, 12))
def test_together_is_as_one_by_one(epochs: list[tuple[float, float]], stopping: Any, num_epochs: int) -> None:
    recipe = recipe_of("binary", epochs=max(num_epochs, len(epochs)), early_stopping=stopping)
    single, together = Standing.begun(recipe, 1.0), Standing.begun(recipe, 1.0)
    improved = False
    for train, validation in epochs:
        scores = {"train_loss": train, "validation_loss": validation, "validation_accuracy": 0.5}
        improved = single.observe(scores)
        if single.finished:
            break
    assert seen(together, together.observe_all(scores_of(epochs))) == seen(single, improved)


@given(EPOCHS, st.floats(0.0, 10.0))
def test_sound_epochs_have_no_trouble(epochs: list[tuple[float, float]], untrained: float) -> None:
    scores = scores_of(epochs)
    if all_sound(scores, untrained):
        each = [{name: values[number] for name, values in scores.items()} for number in range(len(epochs))]
        assert not any(trouble_in(one, untrained) for one in each)
