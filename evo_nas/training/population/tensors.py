"""What goes into a program and comes out of it: a few records of tensors, every size unknown when it is traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.training.population.activations import FROM_NOTHING
from evo_nas.training.population.form import Form
from evo_nas.training.population.layers import BEGINNING, Layer
from evo_nas.training.population.slabs import Slab


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Who lies where: see `Arrangement`.

    kinds: int32 [depth, places]. mask: float32 [depth, places, units, 1]. computed: int32 [depth]. cuts: int32
    [depth, 5, 3], see `Cuts`.
    """

    kinds: tf.Tensor
    mask: tf.Tensor
    computed: tf.Tensor
    cuts: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Genes:
    """The numbers of the members as tensors, float32.

    keep: the probability that dropout keeps a unit, [depth, places, 1, 1]; lift: what makes up for the others, for each
    kernel, [depth + 1, places, 1, 1]; pull: what its gradient is multiplied by, see `Arrangement.pull`, [depth + 1,
    places, 1, 1 or units]; input_keep, l1, l2 and max_norm (0 is none): [places, 1, 1]. unit: in which the trained
    weights of a member are kept, [places, 1, 1]. coefficients: of the update rule, [steps, coefficients, places].
    """

    keep: tf.Tensor
    lift: tf.Tensor
    pull: tf.Tensor
    input_keep: tf.Tensor
    l1: tf.Tensor
    l2: tf.Tensor
    max_norm: tf.Tensor
    unit: tf.Tensor
    coefficients: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """What one call works on. S streams of data, N streams of noise; an index of length 1 is for all places.

    inputs [S, rows, num_inputs] (see `residence.Rows`), targets [S, rows, outputs] and row_weights [S, rows]: of
    training rows. order: int32 [epochs, S, rows of an epoch], batch after batch. batch_size. data_of, noise_of: int32
    [places or 1]. noise: [epochs, batches, depth, N, units or more, batch_size]; input_noise: [epochs, batches, N,
    batch_size, num_inputs], of a column of ones none. watched_inputs, watched_targets: rows to evaluate after each
    epoch, as inputs and targets; may be none.
    """

    inputs: tf.Tensor
    targets: tf.Tensor
    row_weights: tf.Tensor
    order: tf.Tensor
    batch_size: tf.Tensor
    data_of: tf.Tensor
    noise_of: tf.Tensor
    noise: tf.Tensor
    input_noise: tf.Tensor
    watched_inputs: tf.Tensor
    watched_targets: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a call returns. batch_losses: the sum of the weighted losses of the rows of each batch, float32 [epochs *
    batches, places]. losses: of each watched row, [epochs, places, rows]. said: [epochs, places, outputs, rows]."""

    batch_losses: NDArray[np.float32]
    losses: NDArray[np.float32]
    said: NDArray[np.float32]


def tensors_of(record: Places | Genes | Feed) -> tuple[tf.Tensor, ...]:
    """In the order of `SIGNATURE`."""
    return tuple(getattr(record, field.name) for field in fields(record))


def _spec(rank: int, dtype: tf.DType = tf.float32) -> tf.TensorSpec:
    return tf.TensorSpec((None,) * rank, dtype)


_WHOLE = tf.int32
SIGNATURE = (
    (_spec(2, _WHOLE), _spec(4), _spec(1, _WHOLE), _spec(3, _WHOLE)),
    (_spec(4), _spec(4), _spec(4), _spec(3), _spec(3), _spec(3), _spec(3), _spec(3), _spec(3)),
    (
        *(_spec(3), _spec(3), _spec(2), _spec(3, _WHOLE), _spec(0, _WHOLE), _spec(1, _WHOLE), _spec(1, _WHOLE)),
        *(_spec(6), _spec(5), _spec(3), _spec(3)),
    ),
)
"""The ranks of `Places`, `Genes` and `Feed`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sliced:
    """What is the same for every batch of a call, cut once for each layer; the last entry is the output's.

    layers: the hidden ones. keep, l1, l2, max_norm, unit, lift, lifted_unit (both together): [count, 1, 1]; pull:
    [count, 1, 1 or units]; of the kernel's members. noise_of: int32 [count or 1]. What a form has no use for is empty.
    """

    layers: Sequence[Layer]
    counts: Sequence[tf.Tensor]
    keep: Sequence[tf.Tensor]
    lift: Sequence[tf.Tensor]
    pull: Sequence[tf.Tensor]
    l1: Sequence[tf.Tensor]
    l2: Sequence[tf.Tensor]
    max_norm: Sequence[tf.Tensor]
    unit: Sequence[tf.Tensor]
    lifted_unit: Sequence[tf.Tensor]
    noise_of: Sequence[tf.Tensor]

    @classmethod
    def of(cls, form: Form, places: Places, genes: Genes, feed: Feed) -> Sliced:
        counts = tf.unstack(places.computed, form.depth)
        layers = _layers(form, places, counts)
        hidden = [layer.cuts().all for layer in layers]
        every = [*hidden, hidden[0]]
        lift = _of_each(genes.lift, every if form.dropout else ())
        unit = _of_all(genes.unit, every)
        return cls(
            layers=layers,
            counts=[*counts, counts[0]],
            keep=_of_each(genes.keep, hidden if form.dropout else ()),
            lift=lift,
            pull=_of_each(genes.pull, every if form.dropout or FROM_NOTHING & set(form.activations) else ()),
            l1=_of_all(genes.l1, every if form.penalties else ()),
            l2=_of_all(genes.l2, every if form.penalties else ()),
            max_norm=_of_all(genes.max_norm, every if form.max_norm else ()),
            unit=unit,
            lifted_unit=[one * other for one, other in zip(lift, unit, strict=False)],
            noise_of=[feed.noise_of[:count] for count in counts if form.dropout],
        )

    def unit_of(self, slab: Slab) -> tf.Tensor:
        return self.unit[slab.layer]


def _layers(form: Form, places: Places, counts: Sequence[tf.Tensor]) -> list[Layer]:
    tables = tf.unstack(places.cuts, form.depth)
    kind = places.kinds[0, 0]  # a form without mixtures is for members with one activation in all layers
    masks = _of_each(places.mask, [table[0] for table in tables])
    return [
        Layer(count, tables[number], kinds=places.kinds[number, :count], kind=kind, mask=masks[number])
        for number, count in enumerate(counts)
    ]


def _of_each(stacked: tf.Tensor, sizes: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Of each layer the places that it has."""
    parts = tf.unstack(stacked, len(sizes)) if sizes else ()
    return [tf.slice(part, BEGINNING, size) for part, size in zip(parts, sizes, strict=True)]


def _of_all(values: tf.Tensor, sizes: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Numbers that a member has in all layers, for the places of each."""
    return [tf.slice(values, BEGINNING, size) for size in sizes]
