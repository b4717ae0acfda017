"""Rows on the device: [streams, rows, columns], kept there from one cohort to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.examples import Examples, Float32Array
from evo_nas.training.population.member import Member


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """inputs [streams, rows, num_inputs], targets [streams, rows, outputs], weights [streams, rows]."""

    inputs: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor


def training_rows(streams: Sequence[Member], wanted: NDArray[np.int32] | None = None) -> Rows:
    """All training rows of each stream; or some, in an order, int32 [streams, rows]."""
    parts, weights = [member.examples.train for member in streams], [member.row_weights for member in streams]
    if wanted is None:
        inputs, targets = _kept(tuple(_Same(part) for part in parts))
        return Rows(inputs, targets, tf.constant(np.stack(weights)))
    rows = list(zip(parts, weights, wanted, strict=True))
    return Rows(
        tf.constant(np.stack([part.inputs[row] for part, _, row in rows])),
        tf.constant(np.stack([part.targets[row] for part, _, row in rows])),
        tf.constant(np.stack([weight[row] for _, weight, row in rows])),
    )


def evaluated_rows(streams: Sequence[Member], part: str, rows: slice) -> Rows:
    """Rows of a part ("train", "validation", "confirmation") of each stream; their weights are of no account."""
    parts: list[Examples] = [getattr(member.examples, part) for member in streams]
    if rows == slice(None):
        inputs, targets = _kept(tuple(_Same(one) for one in parts))
    else:
        inputs, targets = _on_device([one.inputs[rows] for one in parts], [one.targets[rows] for one in parts])
    return Rows(inputs, targets, tf.zeros((len(parts), 0)))


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """Examples that equal only themselves, so that a cache can find their tensors."""

    examples: Examples

    def __hash__(self) -> int:
        return id(self.examples)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.examples is self.examples


@lru_cache(maxsize=3)
def _kept(parts: tuple[_Same, ...]) -> tuple[tf.Tensor, tf.Tensor]:
    return _on_device([part.examples.inputs for part in parts], [part.examples.targets for part in parts])


def _on_device(inputs: Sequence[Float32Array], targets: Sequence[Float32Array]) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(np.stack(inputs)), tf.constant(np.stack(targets))
