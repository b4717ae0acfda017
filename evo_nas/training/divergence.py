"""When is a training lost? A NaN says so, but Adam with a rate of 1e6 gives finite losses of 1e5 to 1e29."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

TIMES_UNTRAINED = 1e6
SMALLEST_LOST = 1.0
"""A loss below this is not lost, however small the untrained one was."""


def loss_is_lost(loss: float, untrained: float) -> bool:
    """Is a loss NaN, infinite, or a million times that of the untrained network?"""
    return not (math.isfinite(loss) and loss < max(TIMES_UNTRAINED * untrained, SMALLEST_LOST))


def all_finite(arrays: Iterable[NDArray[Any]]) -> bool:
    return all(np.isfinite(array).all() for array in arrays)


def all_sound(scores: Mapping[str, Sequence[float]], untrained: float) -> bool:
    """Whether `trouble_in` finds nothing in any of several epochs: name -> a value an epoch. False may be a mistake."""
    losses = (scores[name] for name in ("train_loss", "validation_loss") if name in scores)
    return all(math.isfinite(sum(values)) for values in scores.values()) and not any(
        loss_is_lost(max(values), untrained) for values in losses
    )


def trouble_in(scores: Mapping[str, float], untrained: float) -> str:
    """Why a training is lost after an epoch, or nothing. untrained: the loss before the first.

    scores: "train_loss", and where there are validation rows "validation_loss" and "validation_<metric>".
    """
    for name in ("train_loss", "validation_loss"):
        if name in scores and loss_is_lost(scores[name], untrained):
            return f"the {name.replace('_', ' ')} is {scores[name]:.4g} (it was {untrained:.4g} untrained)"
    lost = [name.replace("_", " ") for name, value in scores.items() if not math.isfinite(value)]
    return f"the predictions are not finite ({', '.join(lost)})" if lost else ""
