"""Where a layer can be put in without changing anything: its activation must leave the values alone that reach it.

Net2DeeperNet asks for activations that change nothing when they are applied twice, such as relu (Chen, Goodfellow and
Shlens 2016). What counts is what comes in: relu changes nothing of what left a sigmoid either, and a linear layer
nothing of anything.
"""

from __future__ import annotations

from collections.abc import Mapping

NEVER_NEGATIVE = frozenset({"relu", "sigmoid", "softmax"})
"""Activations whose values are 0 or more."""

SELU_SCALE = 1.0507009873554805
STRAIGHT: Mapping[str, float] = {"relu": 1.0, "leaky_relu": 1.0, "elu": 1.0, "selu": SELU_SCALE}
"""Activations that multiply what is not negative by a number."""


def identity_gain(activation: str, before: str | None) -> float | None:
    """By what an activation multiplies all values that leave another one; None where it bends some of them.

    before: the activation that the values left, None for the inputs of a network, which may be anything.
    """
    if activation == "linear":
        return 1.0
    return STRAIGHT.get(activation) if before in NEVER_NEGATIVE else None
