"""Dropout noise: uniform numbers that all members of one (fold, replicate) share, drawn on the host.

The noise before a layer is drawn with the units as the leading axis, so that what a narrow cohort draws is the
beginning of what a wide one draws (law 4). A unit is kept where floor(noise + keep) is 1: with 23 bits of noise and a
probability of 1 that is always.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.streams import TrainingStreams

KEPT_BYTES = 96 * 2**20
"""Noise that is kept for the next cohort, which most often wants the same again."""

_BITS = 23


def draw_noise(streams: TrainingStreams, step: int, position: int, out: NDArray[np.float32]) -> None:
    """Fill `out` [units, rows] with numbers in [0, 1), for a step and the dropout at a position (0: on inputs).

    Fewer units are the first of more; fewer rows are other noise.
    """
    words = streams.dropout_words(step, position, out.size)
    np.multiply((words >> np.uint32(32 - _BITS)).reshape(out.shape), np.float32(2.0**-_BITS), out=out)


class KeptTensors:
    """Tensors by key, the latest ones, within a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._tensors: OrderedDict[Hashable, tuple[tf.Tensor, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], NDArray[np.float32]]) -> tf.Tensor:
        """The tensor of a key, made where it is not kept."""
        if key in self._tensors:
            self._tensors.move_to_end(key)
            return self._tensors[key][0]
        array = make()
        tensor = tf.constant(array)
        self._tensors[key] = tensor, array.nbytes
        self._bytes += array.nbytes
        while self._bytes > self._limit_bytes:
            self._bytes -= self._tensors.popitem(last=False)[1][1]
        return tensor
