"""Numerical gradients by central differences, and how far the automatic ones are from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.gradient_report import TensorCheck
from evo_nas.randomness import array_stream

Float64Array = NDArray[np.float64]
Objective = Callable[[], tf.Tensor]
"""A float64 scalar of the variables as they are; the same number whenever it is called with the same variables."""

MOST_ENTRIES = 40
"""Of a tensor; larger ones are sampled."""

SMOOTH_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
"""Where the error of the formula, h^2, and that of rounding, eps / h, are about equal."""

FINE_STEP = SMOOTH_STEP / 100.0
"""For entries that do not agree: where a kink lay between the two points, a small step may lie on one side of it. The
rounding that it brings, 1e-8, is more than a gradient that is right is off by, and far less than one that is wrong."""

DISAGREEING = 1e-6
TIMES_NOISE = 100.0


def check_tensors(objective: Objective, variables: Mapping[str, tf.Variable], *, seed: int) -> list[TensorCheck]:
    """Compare the automatic gradient of each variable (float64) with central differences, at sampled entries."""
    traced = tf.function(objective, autograph=False)
    with tf.GradientTape() as tape:
        value = traced()
    slopes = tape.gradient(value, list(variables.values()), unconnected_gradients=tf.UnconnectedGradients.ZERO)
    scale = max(1.0, abs(float(value)))
    return [
        _checked(name, variable, np.asarray(tf.convert_to_tensor(slope)).ravel(), traced, scale=scale, seed=seed)
        for (name, variable), slope in zip(variables.items(), slopes, strict=True)
    ]


def sampled_entries(name: str, size: int, seed: int) -> NDArray[np.int64]:
    """Which entries of a tensor are compared, ascending: all of a small one, else `MOST_ENTRIES` by a keyed stream."""
    if size <= MOST_ENTRIES:
        return np.arange(size)
    return np.sort(array_stream(seed, "gradients", name).choice(size, MOST_ENTRIES, replace=False))


def central_differences(
    objective: Objective, variable: tf.Variable, entries: NDArray[np.int64], *, step: float = SMOOTH_STEP
) -> Float64Array:
    """(f(w + h) - f(w - h)) / 2h for some entries of a float64 variable, h = step max(1, |w|). It is left as it was."""
    before = np.asarray(variable.numpy())
    slopes = []
    for entry in entries:
        distance = step * max(1.0, abs(before.flat[entry]))
        values = []
        for sign in (1.0, -1.0):
            moved = before.copy()
            moved.flat[entry] += sign * distance
            variable.assign(moved)
            values.append(float(objective()))
        slopes.append((values[0] - values[1]) / (2.0 * distance))
    variable.assign(before)
    return np.array(slopes)


def relative_distance(first: Float64Array, second: Float64Array) -> float:
    """||a - b|| / (||a|| + ||b||), from 0 to 1; 0 where both are zero."""
    total = float(np.linalg.norm(first) + np.linalg.norm(second))
    return float(np.linalg.norm(first - second)) / total if total else 0.0


def _checked(
    name: str, variable: tf.Variable, automatic: Float64Array, objective: Objective, *, scale: float, seed: int
) -> TensorCheck:
    entries = sampled_entries(name, automatic.size, seed)
    automatic_there, numerical = automatic[entries], central_differences(objective, variable, entries)
    apart = np.abs(numerical - automatic_there) > DISAGREEING * (np.abs(numerical) + np.abs(automatic_there))
    numerical[apart] = central_differences(objective, variable, entries[apart], step=FINE_STEP)
    noise = float(np.finfo(np.float64).eps) * scale / SMOOTH_STEP * len(entries) ** 0.5
    largest = max(np.linalg.norm(numerical), np.linalg.norm(automatic_there))
    return TensorCheck(
        name=name,
        distance=relative_distance(automatic_there, numerical),
        num_compared=len(entries),
        num_entries=automatic.size,
        measurable=bool(largest > TIMES_NOISE * noise),
    )
