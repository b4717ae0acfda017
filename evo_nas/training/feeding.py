"""Rows on their way to a program: on the device from the start or, where there are too many, streamed to it.

A program is fed the same pieces either way, so that nothing but time depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.config import BYTES_PER_MB
from evo_nas.config.evaluation import IMAGE_MEMORY_MB
from evo_nas.training.examples import Examples, Float32Array

RESIDENT_BYTES = IMAGE_MEMORY_MB * BYTES_PER_MB
PIECES_AHEAD = 2
"""So many are fetched while one is trained on."""

Places = NDArray[np.int32]


def in_order(count: int) -> Places:
    """The first so many places, one after the other."""
    return np.arange(count, dtype=np.int32)


class Piece(NamedTuple):
    """Some rows of an order.

    inputs: tensor [rows or more, ...]. places: which of the inputs the rows are, int32 [rows]. order: which of the
    examples they are, int32 [rows]. first: how many rows of the order come before them.
    """

    inputs: tf.Tensor
    places: Places
    order: Places
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class FedRows:
    """Examples as a program takes them: all on the device, but for inputs that are too many for it.

    inputs: a tensor, or an array to be streamed; the examples are the rows of it at `places` (int32 [rows]). affine:
    float32 [2, channels], see `Examples`; [2, 0] without one. targets: float32 [rows, num_outputs]. weights: of each
    row in the loss, float32 [rows].
    """

    inputs: tf.Tensor | NDArray[Any]
    places: Places
    affine: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor

    @classmethod
    def of(
        cls, examples: Examples, weights: Float32Array | None = None, *, limit_bytes: int = RESIDENT_BYTES
    ) -> FedRows:
        """Rows weigh 1 where no weights are given. limit_bytes: a whole data set's inputs of more are streamed."""
        count = len(examples)
        affine = np.empty((2, 0), dtype=np.float32) if examples.affine is None else examples.affine
        ones = np.ones(count, dtype=np.float32)
        rest = (tf.constant(array) for array in (affine, examples.targets, ones if weights is None else weights))
        if examples.places is None:
            return cls(tf.constant(examples.inputs), in_order(count), *rest)
        streamed = examples.inputs.nbytes > limit_bytes
        return cls(examples.inputs if streamed else _shared(examples.inputs), examples.places, *rest)

    def __len__(self) -> int:
        return len(self.places)

    def pieces(self, order: Places, size: int) -> Iterator[Piece]:
        """The rows of an order, so many at a time."""
        starts = range(0, len(order), size)
        parts = [order[start : start + size] for start in starts]
        if isinstance(self.inputs, np.ndarray):
            for start, part, inputs in zip(starts, parts, self._streamed(self.inputs, parts), strict=True):
                yield Piece(inputs, in_order(len(part)), part, start)
        else:
            for start, part in zip(starts, parts, strict=True):
                yield Piece(self.inputs, self.places[part], part, start)

    def _streamed(self, inputs: NDArray[Any], parts: list[Places]) -> tf.data.Dataset:
        def read() -> Iterator[NDArray[Any]]:
            for part in parts:
                yield inputs[self.places[part]]

        signature = tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype)
        return tf.data.Dataset.from_generator(read, output_signature=signature).prefetch(PIECES_AHEAD)


class _LastShared:
    """The array that was put on the device last, and its tensor."""

    def __init__(self) -> None:
        self._array: NDArray[Any] | None = None
        self._tensor: tf.Tensor | None = None

    def __call__(self, array: NDArray[Any]) -> tf.Tensor:
        if self._array is not array:
            self._array = self._tensor = None
            self._array, self._tensor = array, tf.constant(array)
        return self._tensor


_shared = _LastShared()
"""One data set is the same array in all folds and trainings of a worker."""
