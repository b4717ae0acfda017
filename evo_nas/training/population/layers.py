"""What concerns one hidden layer of a cohort: who has it, and which activation and dropout each applies in it.

What all members do alike is done at once, without moving anything; only a mixture is taken apart and put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import tensorflow as tf

from evo_nas.training.population.activations import ACTIVATIONS, FROM_NOTHING, FROM_VALUES, MASKED, ZERO_AT_ZERO

MOST_BRANCHES = 4
"""Up to so many activations, each has a branch of its own where a layer's members may all have the same."""

WayBack = Callable[[tf.Tensor], tf.Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Who is concerned by one hidden layer, the deepest members first: see `Arrangement`.

    count: how many places it is computed for. first, last: of these, the slice of the members that end here. kinds:
    int32 [count], the index of each one's activation; only_kind: the index that all have, or the number of activations.
    mask: float32 [count, units, 1], 1 for real units.
    """

    count: tf.Tensor
    first: tf.Tensor
    last: tf.Tensor
    kinds: tf.Tensor
    only_kind: tf.Tensor
    mask: tf.Tensor


def activate(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, kept: tf.Tensor | None, *, often_alike: bool
) -> tuple[tf.Tensor, WayBack]:
    """Apply to each member the activation that it has in this layer, and dropout.

    names: the activations that may occur. kept: 1 for what dropout leaves, else 0, [members, units, rows]; 0 for
    padding. None is no dropout. often_alike: whether it pays to look if all members have the same activation.

    Returns what flows on [members, units, rows], and what turns the gradient of that into the one of the values.
    """
    if len(names) == 1:
        known, left = _activated(names[0], values, layer, kept)
        return left, lambda gradient: _way_back(names[0], gradient, values, known, kept)
    if often_alike and len(names) <= MOST_BRANCHES:
        return _branched(names, values, layer, kept)
    return _grouped(names, values, layer, kept)


def _activated(name: str, values: tf.Tensor, layer: Layer, kept: tf.Tensor | None) -> tuple[tf.Tensor, tf.Tensor]:
    """What the way back has to know, and what flows on."""
    activated = ACTIVATIONS[name].forward(values, layer.mask)
    if kept is None:
        kept = layer.mask if name in FROM_NOTHING else None
    left = _dropped(activated, kept)
    return (left if name in ZERO_AT_ZERO else activated), left


def _way_back(name: str, gradient: tf.Tensor, values: tf.Tensor, known: tf.Tensor, kept: tf.Tensor | None) -> tf.Tensor:
    gradient = gradient if name in ZERO_AT_ZERO else _dropped(gradient, kept)
    return ACTIVATIONS[name].backward(gradient, values, known)


def _dropped(values: tf.Tensor, kept: tf.Tensor | None) -> tf.Tensor:
    return values if kept is None else values * kept


def _branched(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, kept: tf.Tensor | None
) -> tuple[tf.Tensor, WayBack]:
    """One branch for each activation that all may have, in which nothing is moved, and one for mixed layers."""

    def mixed() -> tuple[tf.Tensor, tf.Tensor]:
        mixture = _Mixture.of(names, layer)
        activated = mixture.stitched(mixture.activated(mixture.parts(values), layer.mask))
        return activated, _dropped(activated, kept)

    alone = [partial(_activated, name, values, layer, kept) for name in names]
    known, left = tf.switch_case(layer.only_kind, [*alone, mixed])

    def way_back(gradient: tf.Tensor) -> tf.Tensor:
        def mixed() -> tf.Tensor:
            mixture = _Mixture.of(names, layer)
            outs = mixture.parts(known)
            groups = mixture.parts(values) if FROM_VALUES & set(names) else outs
            return mixture.way_back(_dropped(gradient, kept), groups, outs)

        alone = [partial(_way_back, name, gradient, values, known, kept) for name in names]
        return tf.switch_case(layer.only_kind, [*alone, mixed])

    return left, way_back


def _grouped(
    names: tuple[str, ...], values: tf.Tensor, layer: Layer, kept: tf.Tensor | None
) -> tuple[tf.Tensor, WayBack]:
    mixture = _Mixture.of(names, layer)
    groups = mixture.parts(values)
    outs = mixture.activated(groups, layer.mask)
    left = _dropped(mixture.stitched(outs), kept)
    return left, lambda gradient: mixture.way_back(_dropped(gradient, kept), groups, outs)


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

    def activated(self, groups: Sequence[tf.Tensor], mask: tf.Tensor) -> list[tf.Tensor]:
        """Padding is zero."""
        masks = self.parts(mask) if MASKED & set(self.names) else [mask] * len(self.names)
        outs = [ACTIVATIONS[name].forward(z, own) for name, z, own in zip(self.names, groups, masks, strict=True)]
        return [
            out * own if name in FROM_NOTHING else out for name, out, own in zip(self.names, outs, masks, strict=True)
        ]

    def way_back(self, gradient: tf.Tensor, groups: Sequence[tf.Tensor], outs: Sequence[tf.Tensor]) -> tf.Tensor:
        known = zip(self.names, self.parts(gradient), groups, outs, strict=True)
        return self.stitched([ACTIVATIONS[name].backward(g, z, a) for name, g, z, a in known])
