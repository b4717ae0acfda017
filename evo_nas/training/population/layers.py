"""What concerns one hidden layer of a cohort: who has it, and which activation and dropout each applies in it.

What all members do alike is done at once, without moving anything; a mixture is taken apart and put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any

import tensorflow as tf

from evo_nas.training.population.activations import ACTIVATIONS, FROM_ALL, MASKED, ZERO_AT_ZERO
from evo_nas.training.population.operations import only_kept

BEGINNING = (0, 0, 0)
"""Of a slice that begins at the first place."""

WayBack = Callable[[tf.Tensor], tf.Tensor]
Switch = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """How a tensor of three axes is cut along its places: sizes and one beginning for `tf.slice`, int32 [3].

    They are made on the host: what is cut by numbers takes ten operations more, in every step. all: the places of the
    layer. deeper: of these, the members that go on. ends_from, ends: those that end here. idle: the places left over.
    """

    all: tf.Tensor
    deeper: tf.Tensor
    ends_from: tf.Tensor
    ends: tf.Tensor
    idle: tf.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Who is concerned by one hidden layer, the deepest members first: see `Arrangement`.

    count: how many places it is computed for. table: int32 [5, 3], its `Cuts`. kinds: int32 [count], the index of each
    one's activation; kind: of all, where they are not mixed. mask: float32 [count, units, 1], 1 for real units.
    """

    count: tf.Tensor
    table: tf.Tensor
    kinds: tf.Tensor
    kind: tf.Tensor
    mask: tf.Tensor

    def cuts(self) -> Cuts:
        """Taken apart where they are needed: each tensor that goes into a loop costs four operations in every step."""
        return Cuts(*tf.unstack(self.table, len(fields(Cuts))))


def activate(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, margin: tf.Tensor | None, *, mixed: bool
) -> tuple[tf.Tensor, WayBack]:
    """Apply to each member the activation that it has in this layer, and dropout.

    names: the activations that may occur. margin: of dropout, positive for what it leaves, [members, units, rows];
    None is no dropout. mixed: whether members may have different ones.

    Returns what flows on [members, units, rows], and what turns the gradient of that into the one of the values.
    """
    if len(names) == 1:
        known, left = _activated(names[0], values, layer.mask, margin)
        return left, lambda gradient: _way_back(names[0], gradient, values, known, margin)
    return (_grouped if mixed else _branched)(names, values, layer, margin)


def _activated(name: str, values: tf.Tensor, mask: tf.Tensor, margin: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
    """What the way back has to know, and what flows on."""
    activated = ACTIVATIONS[name].forward(values, mask)
    left = activated if margin is None else only_kept(activated, margin)
    return (activated if name in FROM_ALL else left), left


def _way_back(
    name: str, gradient: tf.Tensor, values: tf.Tensor, known: tf.Tensor, margin: tf.Tensor | None
) -> tf.Tensor:
    if margin is not None and name not in ZERO_AT_ZERO:
        gradient = only_kept(gradient, margin)
    return ACTIVATIONS[name].backward(gradient, values, known)


def _lasting(name: str, margin: tf.Tensor | None) -> list[tf.Tensor]:
    """The margin, or nothing in its place where the way back does not ask: its memory is then free at once."""
    if margin is None:
        return []
    return [tf.zeros((0, 0, 0)) if name in ZERO_AT_ZERO else margin]


def _branched(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, margin: tf.Tensor | None
) -> tuple[tf.Tensor, WayBack]:
    """One branch for each activation that all may have, in which nothing is moved."""
    margins = [] if margin is None else [margin]
    there, back = _switches(names, dropout=margin is not None)
    known, left, *lasting = there(layer.kind, values, layer.mask, *margins)
    return left, lambda gradient: back(layer.kind, gradient, values, known, *lasting)


@lru_cache
def _switches(names: tuple[str, ...], *, dropout: bool) -> tuple[Switch, Switch]:
    """There and back, each traced once for all layers: branches are dear to trace."""

    def there(kind: tf.Tensor, values: tf.Tensor, mask: tf.Tensor, *margins: tf.Tensor) -> list[tf.Tensor]:
        margin = margins[0] if margins else None

        def branch(name: str) -> list[tf.Tensor]:
            return [*_activated(name, values, mask, margin), *_lasting(name, margin)]

        return list(tf.switch_case(kind, [partial(branch, name) for name in names]))

    def back(
        kind: tf.Tensor, gradient: tf.Tensor, values: tf.Tensor, known: tf.Tensor, *margins: tf.Tensor
    ) -> tf.Tensor:
        margin = margins[0] if margins else None
        return tf.switch_case(kind, [partial(_way_back, name, gradient, values, known, margin) for name in names])

    tensors = [tf.TensorSpec((None, None, None))] * (3 + dropout)
    of_kind = tf.TensorSpec((), tf.int32)
    return (
        tf.function(there, input_signature=[of_kind, *tensors[1:]], autograph=False),
        tf.function(back, input_signature=[of_kind, *tensors], autograph=False),
    )


def _grouped(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, margin: tf.Tensor | None
) -> tuple[tf.Tensor, WayBack]:
    mixture = _Mixture.of(names, layer)
    groups = mixture.parts(values)
    known, left = mixture.activated(groups, layer.mask, margin)
    return mixture.stitched(left), lambda gradient: mixture.way_back(gradient, groups, known, margin)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """Members of one kind are brought together: nothing is computed for a member that does not want it.

    kinds: int32 [members]. places: for each activation, whose it is; cheaper to find in every step than to carry along.
    """

    names: tuple[str, ...]
    kinds: tf.Tensor
    places: Sequence[tf.Tensor]

    @classmethod
    def of(cls, names: tuple[str, ...], layer: Layer) -> _Mixture:
        return cls(names, layer.kinds, tf.dynamic_partition(tf.range(layer.count), layer.kinds, len(names)))

    def parts(self, values: tf.Tensor) -> Sequence[tf.Tensor]:
        groups: Sequence[tf.Tensor] = tf.dynamic_partition(values, self.kinds, len(self.names))
        return groups

    def stitched(self, parts: Sequence[tf.Tensor]) -> tf.Tensor:
        return tf.dynamic_stitch(self.places, parts)

    def activated(
        self, groups: Sequence[tf.Tensor], mask: tf.Tensor, margin: tf.Tensor | None
    ) -> tuple[Sequence[tf.Tensor], Sequence[tf.Tensor]]:
        """As `_activated`, for each group."""
        masks = self.parts(mask) if MASKED & set(self.names) else [mask] * len(self.names)
        each = zip(self.names, groups, masks, self._margins(margin), strict=True)
        known, left = zip(*(_activated(*one) for one in each), strict=True)
        return known, left

    def way_back(
        self, gradient: tf.Tensor, groups: Sequence[tf.Tensor], known: Sequence[tf.Tensor], margin: tf.Tensor | None
    ) -> tf.Tensor:
        each = zip(self.names, self.parts(gradient), groups, known, self._margins(margin), strict=True)
        return self.stitched([_way_back(*one) for one in each])

    def _margins(self, margin: tf.Tensor | None) -> Sequence[tf.Tensor | None]:
        return [None] * len(self.names) if margin is None else self.parts(margin)
