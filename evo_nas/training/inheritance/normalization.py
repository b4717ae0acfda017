"""What a layer adds to its kernel: a bias, or batch normalisation, and how each becomes the other.

All of it is exact in inference, where batch normalisation uses its running statistics. In training it uses those of the
batch, so that a layer which does nothing in inference normalises a little until its scale and offset have adapted.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.inheritance.units import Array, copies_of

EPSILON = 1e-3
"""Keras adds it to the variance."""

Parts = Mapping[str, Array]
"""The weights of one layer by name: "kernel", and "bias" or what `NORMALIZATION` names."""

NORMALIZATION = ("gamma", "beta", "moving_mean", "moving_variance")
OFFSETS = ("bias", "beta")
"""Names of what is added last before the activation."""


def with_form(parts: Parts, *, normalized: bool) -> dict[str, Array]:
    """A layer that computes the same with or without batch normalisation."""
    if normalized == ("gamma" in parts):
        return dict(parts)
    return _normalized(parts) if normalized else _folded(parts)


def softened(parts: Parts, source: NDArray[np.int64]) -> dict[str, Array]:
    """Copies of a softmax's units that share its probability equally: a logit is smaller by the log of their number.

    source: which unit each of them stands for.
    """
    fewer = np.log(copies_of(source)).astype(np.float32)
    return {name: values - fewer if name in OFFSETS else values for name, values in parts.items()}


def idle_normalization(count: int) -> dict[str, Array]:
    """Batch normalisation of so many units that changes nothing in inference."""
    ones, zeros = np.ones(count, np.float32), np.zeros(count, np.float32)
    gamma = np.full(count, np.sqrt(1.0 + EPSILON), np.float32)
    return {"gamma": gamma, "beta": zeros, "moving_mean": zeros, "moving_variance": ones}


def _normalized(parts: Parts) -> dict[str, Array]:
    return {"kernel": parts["kernel"], **idle_normalization(len(parts["bias"])), "beta": parts["bias"]}


def _folded(parts: Parts) -> dict[str, Array]:
    scale = parts["gamma"] / np.sqrt(parts["moving_variance"] + np.float32(EPSILON))
    return {"kernel": parts["kernel"] * scale, "bias": parts["beta"] - parts["moving_mean"] * scale}
