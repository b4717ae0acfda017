"""A backbone as a table of blocks: where it can be cut into a frozen and a thawed part, and what each block costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import prod

import keras

from evo_nas.errors import UserError
from genomes.backbone import Block
from genomes.mlp_size import ACTIVATION_FLOPS

RESERVED = re.compile(r"(inputs|pooling|logits|probabilities|(hidden|normalization|activation|gate|dropout)_\d+)")
"""Names of the head's layers, which no layer of a backbone may bear."""

_STEM = re.compile(r".*?block_?\d+[a-z]?(?![a-z0-9])")
"""Of a layer's name: "block_14", "conv5_block3", "block7a". Layers that share it belong together."""
_BEGINNINGS = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
    keras.layers.Dense,
    keras.layers.ZeroPadding2D,
)


def blocks_of(model: keras.Model) -> tuple[Block, ...]:
    """The blocks of a backbone from the first to the last; together they hold all of its layers.

    A block ends where a single tensor carries all that the later layers know of the image, and not between layers that
    its author named alike ("block_14_expand", "block_14_add"), nor between a convolution, its normalisation and its
    activation. Raises UserError for a layer name that the head needs, or an image size that is left open.
    """
    layers = list(model.layers)
    for layer in layers:
        _check(layer)
    return tuple(_block(part) for part in _parts(layers, _ends(layers)))


def _check(layer: keras.layers.Layer) -> None:
    if RESERVED.fullmatch(layer.name) and not isinstance(layer, keras.layers.InputLayer):
        raise UserError(f"[space] backbone: its layer {layer.name!r:.100} has a name that the head needs; rename it")
    if isinstance(layer, keras.Model):
        raise UserError(
            f"[space] backbone: its layer {layer.name!r:.100} is a network of its own; expected plain layers, so that "
            "freezing can end between them"
        )
    if isinstance(layer.output, Sequence) or any(length is None for length in layer.output.shape[1:]):
        raise UserError(
            f"[space] backbone: its layer {layer.name!r:.100} gives {layer.output!r:.100}; expected one output of a "
            "known shape"
        )


def _ends(layers: Sequence[keras.layers.Layer]) -> list[int]:
    """Places of the layers with which blocks end, the last one's included."""
    open_tensors, waiting = set[str](), _num_readers(layers)
    cuts = []
    for place, layer in enumerate(layers):
        for parent in parents_of(layer):
            waiting[parent] -= 1
            if not waiting[parent]:
                open_tensors.discard(parent)
        open_tensors.add(layer.name)
        if open_tensors == {layer.name} and not isinstance(layer, keras.layers.InputLayer):
            cuts.append(place)
    return [place for place in cuts if place == len(layers) - 1 or _parted(layers[place], layers[place + 1])]


def parents_of(layer: keras.layers.Layer) -> list[str]:
    """Names of the layers whose outputs a layer of a network reads, once each."""
    tensors = [tensor for node in layer._inbound_nodes[:1] for tensor in node.input_tensors]
    return list(dict.fromkeys(tensor._keras_history.operation.name for tensor in tensors))


def _num_readers(layers: Sequence[keras.layers.Layer]) -> dict[str, int]:
    readers = {layer.name: 0 for layer in layers}
    for layer in layers:
        for parent in parents_of(layer):
            readers[parent] += 1
    return readers


def _parted(layer: keras.layers.Layer, following: keras.layers.Layer) -> bool:
    """Whether a block may end between these two."""
    here, there = (_STEM.match(each.name) for each in (layer, following))
    if here or there:
        return (here and here.group()) != (there and there.group())
    return isinstance(following, _BEGINNINGS)


def _parts(layers: Sequence[keras.layers.Layer], ends: Sequence[int]) -> list[Sequence[keras.layers.Layer]]:
    return [layers[before + 1 : end + 1] for before, end in pairwise([-1, *ends])]


def _block(layers: Sequence[keras.layers.Layer]) -> Block:
    computed = [layer for layer in layers if not isinstance(layer, keras.layers.InputLayer)]
    return Block(
        name=layers[-1].name,
        shape=tuple(int(length) for length in layers[-1].output.shape[1:]),
        parameters=sum(layer.count_params() for layer in layers),
        flops=sum(flops_of(layer) for layer in computed),
        values=sum(_values(layer) for layer in computed),
    )


def flops_of(layer: keras.layers.Layer) -> int:
    """Of the inference of one row, as `genomes.Size` counts: two a weight's use, one a bias, two a normalised value."""
    values, activation = _values(layer), getattr(layer, "activation", None)
    flops = values * ACTIVATION_FLOPS.get(getattr(activation, "__name__", ""), 4) if activation else 0
    if isinstance(layer, keras.layers.ReLU):
        return values
    if isinstance(layer, keras.layers.BatchNormalization | keras.layers.Rescaling | keras.layers.Normalization):
        return 2 * values
    if hasattr(layer, "pool_size"):
        return sum(int(prod(tensor.shape[1:])) for tensor in layer._inbound_nodes[0].input_tensors)
    if _is_merge(layer):
        return values * (len(layer._inbound_nodes[0].input_tensors) - 1)
    return flops + _weight_flops(layer, values)


def _weight_flops(layer: keras.layers.Layer, values: int) -> int:
    """Each kernel is used once a pixel of what it gives; the depthwise part of a separable one sees as many pixels."""
    if not layer.weights:
        return 0
    pixels = int(prod(layer.output.shape[1:-1]))
    kernels = sum(int(prod(weight.shape)) for weight in layer.weights if len(weight.shape) > 1)
    return 2 * kernels * pixels + (values if getattr(layer, "use_bias", False) else 0)


def _is_merge(layer: keras.layers.Layer) -> bool:
    kinds = (keras.layers.Add, keras.layers.Multiply, keras.layers.Average, keras.layers.Subtract, keras.layers.Maximum)
    return isinstance(layer, kinds)


def _values(layer: keras.layers.Layer) -> int:
    return int(prod(layer.output.shape[1:]))
