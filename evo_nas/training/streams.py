"""The random numbers of one training, each a function of a key (law 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import array_stream, stream_key


@dataclass(frozen=True, slots=True)
class TrainingStreams:
    """The key of one training on one fold.

    fold: its number, or "all" for a fit on every search row. fingerprint: of the genome. It keys the initial weights
    alone: the order of the rows and the seeds of dropout are common to all genomes of a (fold, replicate).
    """

    evaluation_seed: int
    fold: int | str
    replicate: int
    fingerprint: str

    def weights_seed(self, position: int) -> int:
        """A 32-bit seed for the kernel of the dense layer at a position, counted from 0."""
        key = stream_key(self.evaluation_seed, "weights", self.fold, self.replicate, self.fingerprint, position)
        return key % 2**32

    def dropout_seed(self, position: int) -> int:
        """A 32-bit seed for the noise before the dense layer at a position: 0 is the noise on the inputs."""
        return stream_key(self.evaluation_seed, "dropout", self.fold, self.replicate, position) % 2**32

    def batch_order(self, epoch: int, num_rows: int) -> NDArray[np.int32]:
        """The order of the training rows in an epoch, counted from 1: a permutation, int32 [num_rows]."""
        generator = array_stream(self.evaluation_seed, "batches", self.fold, self.replicate, epoch)
        return generator.permutation(num_rows).astype(np.int32)
