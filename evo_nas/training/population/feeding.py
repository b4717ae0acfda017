"""What each call of a program is fed: rows, their order and noise, within a bound on memory.

Data that fit stay on the device for the whole cohort and calls go through several epochs. Where rows or noise of one
epoch do not fit, an epoch is fed in pieces, its rows gathered on the host in the order in which they are trained on:
the same batches, and the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.examples import Float32Array
from evo_nas.training.population.arrangement import Arrangement
from evo_nas.training.population.member import Member
from evo_nas.training.population.noise import KEPT_BYTES, Extents, KeptNoise, draw_noise
from evo_nas.training.population.program import ROWS_AT_ONCE
from evo_nas.training.population.residence import Rows, evaluated_rows, training_rows
from evo_nas.training.population.tensors import Feed
from genomes.mlp_size import FLOAT_BYTES

EPOCHS_AT_ONCE = (50, 25, 10, 5, 2, 1)
"""How many epochs one call may go through. A call costs milliseconds, but only between calls do members that are lost
make place. Few different numbers, so that cohorts that are alike want the same noise."""

CALL_BYTES = 64 * 2**20
"""Bytes, about, that a call of several epochs is fed anew and says at the most. Where epochs need more, they take so
long that the milliseconds of a call are nothing beside them."""

MOST_FLOPS = 2 * 10**11
"""What one call computes at the most, a second or two of a core: a child that is silent for long is taken for dead."""

STEP_FLOPS = 5 * 10**7
"""What could be computed while the operations of a step are dispatched, about."""

HEARD_COPIES = 6
_SILENCE = np.zeros((0, 0, 0, 0, 0, 0), dtype=np.float32)
_INPUT_SILENCE = np.zeros((0, 0, 0, 0, 0), dtype=np.float32)
_kept_noise = KeptNoise(KEPT_BYTES)


@dataclass(frozen=True, slots=True)
class Span:
    """What one call goes through: whole epochs (counted from 0), or some batches of one. last: the epoch is over."""

    epoch: int
    num_epochs: int
    batches: range
    last: bool


class Feeding:
    """Feeds for the members of an arrangement, which all have as many rows and batches of one size.

    limit_bytes: of the tensors of data and noise together.
    """

    def __init__(self, arrangement: Arrangement, limit_bytes: int) -> None:
        members = arrangement.members
        self._arrangement = arrangement
        self._limit_bytes = limit_bytes
        firsts, self._data_of = arrangement.sharing([member.data_key for member in members])
        self.streams: Sequence[Member] = [members[first] for first in firsts]
        firsts, self._noise_of = arrangement.sharing([member.noise_key for member in members])
        self._noisy = [members[first] for first in firsts]
        self.num_rows = len(members[0].examples.train)
        self.batch_size = min(int(members[0].genes["batch_size"]), self.num_rows)
        self.batches_an_epoch = -(-self.num_rows // self.batch_size)
        self._biased = arrangement.form.biased_inputs
        self._num_columns = arrangement.num_inputs(0)
        self._num_inputs = self._num_columns - self._biased  # padding included, a column of ones not
        self.resident = self._data_bytes() <= limit_bytes // 2

    def spans(self, first_epoch: int, stop_epoch: int, most_epochs: int) -> Iterator[Span]:
        """Calls that train epochs first_epoch to stop_epoch - 1, at most so many in one."""
        budget, needed, flops = self._limit_bytes // 4, max(1, self._epoch_bytes()), self._epoch_flops()
        fitting = min(min(budget, CALL_BYTES) // (needed + self._heard_bytes()), MOST_FLOPS // flops)
        most = max(1, min(most_epochs, fitting)) if self.resident else 1
        at_once = next(epochs for epochs in EPOCHS_AT_ONCE if epochs <= most)
        share = max(1, min(budget * self.batches_an_epoch // needed, MOST_FLOPS * self.batches_an_epoch // flops))
        for epoch in range(first_epoch, stop_epoch, at_once):
            num_epochs = min(at_once, stop_epoch - epoch)
            for start in range(0, self.batches_an_epoch, share):
                batches = range(start, min(start + share, self.batches_an_epoch))
                yield Span(epoch, num_epochs, batches, last=batches.stop == self.batches_an_epoch)

    def training(self, span: Span) -> Feed:
        """Train the span; validation rows are evaluated after each epoch if the data stay on the device."""
        order = self._order(span)
        if self.resident:
            rows = training_rows(self.streams, biased=self._biased)
            watched = self._watched("validation", slice(None) if span.last else slice(0))
        else:
            rows, watched = training_rows(self.streams, order[0], biased=self._biased), self._nothing()
            order = np.broadcast_to(np.arange(order.shape[2], dtype=np.int32), order.shape)
        return self._feed(rows, watched, order, self._noise(span), self._input_noise(span))

    def watching(self, part: str) -> Iterator[Feed]:
        """Train nothing and evaluate "train", "validation" or "confirmation" rows; in pieces if they are many."""
        num_rows = len(getattr(self.streams[0].examples, part))
        size = num_rows if self.resident else max(1, self._rows_that_fit() // ROWS_AT_ONCE) * ROWS_AT_ONCE
        order = np.zeros((1, len(self.streams), 0), dtype=np.int32)
        silence = tf.constant(_SILENCE), tf.constant(_INPUT_SILENCE)
        for start in range(0, num_rows, max(1, size)):
            rows = slice(start, start + size) if size < num_rows else slice(None)
            yield self._feed(self._nothing(), self._watched(part, rows), order, *silence)

    def places_of(self, stream: int) -> list[int]:
        """The places of the members that see a stream of data."""
        places = range(len(self._arrangement.members))
        return [place for place in places if self._data_of[place if len(self._data_of) > 1 else 0] == stream]

    def _nothing(self) -> Rows:
        return self._watched("train", slice(0))

    def _watched(self, part: str, rows: slice) -> Rows:
        return evaluated_rows(self.streams, part, rows, biased=self._biased)

    def _feed(
        self, rows: Rows, watched: Rows, order: NDArray[np.int32], noise: tf.Tensor, input_noise: tf.Tensor
    ) -> Feed:
        return Feed(
            inputs=rows.inputs,
            targets=rows.targets,
            row_weights=rows.weights,
            order=tf.constant(order),
            batch_size=tf.constant(self.batch_size),
            data_of=tf.constant(self._data_of),
            noise_of=tf.constant(self._noise_of),
            noise=noise,
            input_noise=input_noise,
            watched_inputs=watched.inputs,
            watched_targets=watched.targets,
        )

    def _order(self, span: Span) -> NDArray[np.int32]:
        """Int32 [epochs, streams, rows of the span]."""
        rows = slice(span.batches.start * self.batch_size, span.batches.stop * self.batch_size)
        epochs = range(span.epoch + 1, span.epoch + span.num_epochs + 1)
        orders = [[member.streams.batch_order(epoch, self.num_rows) for member in self.streams] for epoch in epochs]
        return np.array(orders, dtype=np.int32)[:, :, rows]

    def _noise(self, span: Span) -> tf.Tensor:
        if not self._arrangement.form.dropout:
            return tf.constant(_SILENCE)
        depth, width = self._arrangement.form.depth, self._arrangement.width
        num_layers = sum(count > 0 for count in self._arrangement.computed)

        def draw(extents: Extents) -> Float32Array:
            layers, units = extents
            shape = (span.num_epochs, len(span.batches), depth, len(self._noisy), units, self.batch_size)
            noise = np.zeros(shape, dtype=np.float32)
            for epoch, batch, step in self._steps(span):
                for layer in range(layers):
                    for stream, member in enumerate(self._noisy):
                        draw_noise(member.streams, step, layer + 1, noise[epoch, batch, layer, stream])
            return noise

        return _kept_noise.get((*self._noise_key(span), depth, self.batch_size), (num_layers, width), draw)

    def _input_noise(self, span: Span) -> tf.Tensor:
        if not self._arrangement.form.input_dropout:
            return tf.constant(_INPUT_SILENCE)
        num_inputs, columns = self.streams[0].num_inputs, self._num_inputs
        shape = (span.num_epochs, len(span.batches), len(self._noisy), self.batch_size, columns)

        def draw(_: Extents) -> Float32Array:
            noise = np.zeros(shape, dtype=np.float32)
            for epoch, batch, step in self._steps(span):
                for stream, member in enumerate(self._noisy):
                    draw_noise(member.streams, step, 0, noise[epoch, batch, stream, :, :num_inputs])
            return noise

        # equally many columns may be padded from fewer inputs
        key = (*self._noise_key(span), "inputs", num_inputs, columns, self.batch_size)
        return _kept_noise.get(key, (1, columns), draw)

    def _steps(self, span: Span) -> Iterator[tuple[int, int, int]]:
        """Number of the epoch and of the batch in the span, and of the step in the training."""
        for epoch in range(span.num_epochs):
            for number, batch in enumerate(span.batches):
                yield epoch, number, (span.epoch + epoch) * self.batches_an_epoch + batch

    def _noise_key(self, span: Span) -> tuple[object, ...]:
        return *(member.noise_key for member in self._noisy), span, self.batches_an_epoch

    def _data_bytes(self) -> int:
        first = self.streams[0]
        rows = len(first.examples.train) + len(first.examples.validation)
        return len(self.streams) * rows * (self._num_columns + first.num_outputs) * FLOAT_BYTES

    def _epoch_bytes(self) -> int:
        """Of what is fed for each epoch anew."""
        form, first = self._arrangement.form, self.streams[0]
        noise = form.depth * self._arrangement.width if form.dropout else 0
        noise += self._num_inputs if form.input_dropout else 0
        gathered = 0 if self.resident else self._num_columns + first.num_outputs
        numbers = noise * len(self._noisy) + (gathered + 1) * len(self.streams)  # one for the order of the rows
        return FLOAT_BYTES * self.batches_an_epoch * self.batch_size * numbers

    def _epoch_flops(self) -> int:
        """About what an epoch computes: six operations a weight and row, padding included, and its steps."""
        first, width = self.streams[0], self._arrangement.width
        inner = sum(self._arrangement.computed[1:]) * width
        outer = self._arrangement.num_places * (first.num_inputs + first.num_outputs)
        return 6 * self.num_rows * width * (inner + outer) + STEP_FLOPS * self.batches_an_epoch

    def _heard_bytes(self) -> int:
        """About what is made on the host of what an epoch says of validation rows."""
        first = self.streams[0]
        return (
            HEARD_COPIES
            * FLOAT_BYTES
            * self._arrangement.num_places
            * len(first.examples.validation)
            * (first.num_outputs + 1)
        )

    def _rows_that_fit(self) -> int:
        return self._limit_bytes // (4 * FLOAT_BYTES * len(self.streams) * self._num_columns)
