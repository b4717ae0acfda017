"""The random numbers of one training, each a function of a key (law 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evo_nas.randomness import lent_stream, stream_key
from evo_nas.training.initial_weights import initial_weights


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

    def initial_kernel(self, initializer: str, fan_in: int, fan_out: int, position: int) -> NDArray[np.float32]:
        """See `initial_weights.initial_kernel`: of the dense layer at a position, counted from 0."""
        return self.initial_weights(initializer, (fan_in, fan_out), (fan_in, fan_out), position)

    def initial_weights(
        self, initializer: str, shape: Sequence[int], fans: tuple[int, int], position: int
    ) -> NDArray[np.float32]:
        """See `initial_weights.initial_weights`: of the kernel at a position in the network, counted from 0."""
        key = (self.evaluation_seed, "weights", self.fold, self.replicate, self.fingerprint, position)
        return initial_weights(initializer, shape, fans, lent_stream(*key))

    def dropout_seed(self, position: int) -> int:
        """A 32-bit seed for the noise before the dense layer at a position: 0 is the noise on the inputs."""
        return stream_key(self.evaluation_seed, "dropout", self.fold, self.replicate, position) % 2**32

    def batch_order(self, epoch: int, num_rows: int) -> NDArray[np.int32]:
        """The order of the training rows in an epoch, counted from 1: a permutation, int32 [num_rows]."""
        generator = lent_stream(self.evaluation_seed, "batches", self.fold, self.replicate, epoch)
        return generator.permutation(num_rows).astype(np.int32)

    def augmentation_key(self, epoch: int) -> int:
        """A 63-bit key of the changes to the images of an epoch, counted from 1: see `augmentation.batch_seed`."""
        return stream_key(self.evaluation_seed, "augmentation", self.fold, self.replicate, epoch) % 2**63

    def dropout_words(self, step: int, position: int, count: int) -> NDArray[np.uint32]:
        """Random 32-bit words, uint32 [count], for a step (counted from 0) and the dropout at a position.

        Fewer words are the first of more.
        """
        generator = lent_stream(self.evaluation_seed, "noise", self.fold, self.replicate, step, position)
        return generator.bit_generator.random_raw(count // 2 + 1).view(np.uint32)[:count]
