"""The kernels of a network, and how many weights enter and leave each unit that they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import keras

from evo_nas.training.networks.layers import class_name
from genomes.mlp_genes import INITIALIZERS

_INITIALIZER_NAMES = {class_name(name): name for name in INITIALIZERS}
"""Keras's class -> the gene's value."""


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """One kernel of a layer.

    initializer: as the gene says it. fans: how many weights come into a unit, and how many read one of the values that
    enter.
    """

    variable: keras.Variable
    initializer: str
    fans: tuple[int, int]


def kernels_of(model: keras.Model) -> Iterator[Kernel]:
    """All kernels, in the order of the layers; of a separable convolution the depthwise one first.

    A depthwise filter sees one channel and each channel has one filter, so both its fans are the filter's pixels.
    Keras counts the channels in, which starts such filters too small.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.SeparableConv2D):
            area = prod(layer.kernel_size)
            yield _kernel(layer.depthwise_kernel, layer.depthwise_initializer, (area, area))
            yield _kernel(layer.pointwise_kernel, layer.pointwise_initializer, _fans(layer.pointwise_kernel))
        elif isinstance(layer, keras.layers.Dense | keras.layers.Conv2D):
            yield _kernel(layer.kernel, layer.kernel_initializer, _fans(layer.kernel))


def _kernel(variable: keras.Variable, initializer: keras.initializers.Initializer, fans: tuple[int, int]) -> Kernel:
    return Kernel(variable, _INITIALIZER_NAMES[type(initializer).__name__], fans)


def _fans(variable: keras.Variable) -> tuple[int, int]:
    """Of [inputs, outputs] or [height, width, inputs, outputs]."""
    *pixels, inputs, outputs = variable.shape
    return prod(pixels) * inputs, prod(pixels) * outputs
