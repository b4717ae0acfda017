"""Rows on the device: [streams, rows, columns], kept there from one cohort to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.examples import Examples, Float32Array
from evo_nas.training.places import biased_columns
from evo_nas.training.population.member import Member


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """inputs [streams, rows, num_inputs], targets [streams, rows, outputs], weights [streams, rows].

    Biased inputs have a first column of ones, and perhaps last ones of zeros: see `biased_columns`.
    """

    inputs: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor


def training_rows(streams: Sequence[Member], wanted: NDArray[np.int32] | None = None, *, biased: bool) -> Rows:
    """All training rows of each stream; or some, in an order, int32 [streams, rows]."""
    parts, weights = [member.examples.train for member in streams], [member.row_weights for member in streams]
    if wanted is None:
        inputs, targets = _kept(tuple(_Same(part) for part in parts), biased)
        return Rows(inputs, targets, tf.constant(np.stack(weights)))
    each = list(zip(parts, wanted, strict=True))
    taken = [part.inputs[row] for part, row in each], [part.targets[row] for part, row in each]
    inputs, targets = _on_device(*taken, biased)
    return Rows(inputs, targets, tf.constant(np.stack([own[row] for own, row in zip(weights, wanted, strict=True)])))


def evaluated_rows(streams: Sequence[Member], part: str, rows: slice, *, biased: bool) -> Rows:
    """Rows of a part ("train", "validation", "confirmation") of each stream; their weights are of no account."""
    parts: list[Examples] = [getattr(member.examples, part) for member in streams]
    if rows == slice(None):
        inputs, targets = _kept(tuple(_Same(one) for one in parts), biased)
    else:
        inputs, targets = _on_device([one.inputs[rows] for one in parts], [one.targets[rows] for one in parts], biased)
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
def _kept(parts: tuple[_Same, ...], biased: bool) -> tuple[tf.Tensor, tf.Tensor]:
    return _on_device([part.examples.inputs for part in parts], [part.examples.targets for part in parts], biased)


def _on_device(
    inputs: Sequence[Float32Array], targets: Sequence[Float32Array], biased: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    columns = _biased(inputs) if biased else np.stack(inputs)
    return tf.constant(columns), tf.constant(np.stack(targets))


def _biased(inputs: Sequence[Float32Array]) -> Float32Array:
    num_rows, num_inputs = inputs[0].shape
    columns = np.zeros((len(inputs), num_rows, biased_columns(num_inputs)), dtype=np.float32)
    columns[:, :, 0] = 1.0
    for stream, values in enumerate(inputs):
        columns[stream, :, 1 : num_inputs + 1] = values
    return columns
