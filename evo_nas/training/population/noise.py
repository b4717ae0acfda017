"""Dropout noise: uniform numbers that all members of one (fold, replicate) share, drawn on the host.

The noise before a layer is drawn with the units as the leading axis, so that what a narrow cohort draws is the
beginning of what a wide one draws (law 4).

Noise is a uniform number of 23 bits, in the middle of its step, less one. A unit's margin is its noise plus its
probability of being kept, and the unit is kept where that is positive: always, where the probability is 1.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.streams import TrainingStreams

KEPT_BYTES = 48 * 2**20
"""Noise that is kept, on the device, for the next cohort, which most often wants the same again."""

_BITS = 23


def draw_noise(streams: TrainingStreams, step: int, position: int, out: NDArray[np.float32]) -> None:
    """Fill `out` [units, rows] with numbers in (-1, 0), for a step and a position (0: dropout on inputs).

    Fewer units are the first of more; fewer rows are other noise.
    """
    words = streams.dropout_words(step, position, out.size)
    halves = (words >> np.uint32(32 - _BITS)).astype(np.int32) * 2 + (1 - 2 ** (_BITS + 1))
    np.multiply(halves.reshape(out.shape), np.float32(2.0 ** -(_BITS + 1)), out=out)


Extents = tuple[int, int]
"""Layers and units that there is noise for."""


class KeptNoise:
    """Noise by key, the latest, within a number of bytes; of each key for the most layers and units ever wanted.

    Most cohorts of a search want the beginning of what another has wanted.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[Hashable, tuple[Extents, tf.Tensor]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable, wanted: Extents, draw: Callable[[Extents], NDArray[np.float32]]) -> tf.Tensor:
        """The noise of a key, for so many layers and units or more; drawn where what is kept is for fewer."""
        extents, tensor = self._kept.pop(key, ((0, 0), None))
        if tensor is None or extents[0] < wanted[0] or extents[1] < wanted[1]:
            self._bytes -= 0 if tensor is None else _bytes_of(tensor)
            extents = max(extents[0], wanted[0]), max(extents[1], wanted[1])
            tensor = tf.constant(draw(extents))
            self._bytes += _bytes_of(tensor)
        self._kept[key] = extents, tensor
        while self._bytes > self._limit_bytes:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._bytes -= _bytes_of(oldest)
        return tensor


def _bytes_of(tensor: tf.Tensor) -> int:
    return int(tensor.dtype.size * tensor.shape.num_elements())
