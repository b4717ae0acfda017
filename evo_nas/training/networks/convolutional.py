"""The network of a convolutional genome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from evo_nas.config import Task
from evo_nas.training.networks.layers import (
    LOGITS,
    Arithmetic,
    activation,
    dense,
    dropout,
    initializer_of,
    outer_type,
    outputs_of,
)
from genomes import Genome, Shape, Value
from genomes.cnn_layers import cropped_by
from genomes.cnn_shapes import kernel_of, lost_by, num_convolutions
from genomes.cnn_size import is_projected

Genes = Mapping[str, Value]

INCOMING_OF_FILTER = (0, 1, 2)
INCOMING_OF_DEPTHWISE_FILTER = (0, 1)
"""The axes of a kernel over which a limit on the norm of a filter's incoming weights sums."""

_ORDER = "channels_last"


def build_convolutional(
    genome: Genome, input_shape: Shape, num_outputs: int, task: Task, precision: Arithmetic
) -> keras.Model:
    """float32 [rows, height, width, channels] -> float32 [rows, num_outputs].

    The layers of `cnn_layer_table`, by the same names, in the same order, then the task's activation. In a block each
    convolution is followed by [batch normalisation, which takes the place of the bias (Ioffe and Szegedy 2015), and]
    the activation. With a skip the block's input is added after the last activation, and nothing follows the sum, so
    that a block whose convolutions give 0 is the identity; it is projected by 1 x 1 filters without bias where its
    shape is another (He et al. 2016), and cropped evenly where kernels are not padded. Then pooling, then dropout of
    whole channels (Tompson et al. 2015). L1, L2 and the limit on the norm of each filter's incoming weights hold for
    all kernels, those of the head and the projections included, and for no bias.

    precision: see `build_dense`. Raises GenomeError where the blocks run out of pixels.
    """
    outer = outer_type(precision)
    inputs = keras.Input(input_shape, name="inputs", dtype=outer)
    values = inputs
    for number, block in enumerate(genome.layers, start=1):
        values = _block(values, genome.genes, block, number, precision)
    values = _head(values, genome, precision)
    logits = dense(genome.genes, num_outputs, LOGITS, outer, use_bias=True)(values)
    return keras.Model(inputs, outputs_of(logits, task, outer), name="network")


def _block(values: keras.KerasTensor, genes: Genes, block: Genes, number: int, dtype: str) -> keras.KerasTensor:
    before = values
    for index in range(1, num_convolutions(block) + 1):
        place, stride = f"{number}_{index}", 2 if block["reduction"] == "stride" and index == 1 else 1
        values = _convolution(genes, block, f"convolution_{place}", stride, dtype)(values)
        if block["batch_normalization"]:
            values = keras.layers.BatchNormalization(name=f"normalization_{place}", dtype=dtype)(values)
        values = activation(values, str(block["activation"]), place, dtype)
    if block["skip"]:
        shortcut = _shortcut(before, genes, block, number, dtype)
        values = keras.layers.Add(name=f"sum_{number}", dtype=dtype)([values, shortcut])
    values = _pooling(values, str(block["reduction"]), number, dtype)
    return _channel_dropout(values, block["dropout"], number, dtype)


def _convolution(genes: Genes, block: Genes, name: str, stride: int, dtype: str) -> keras.layers.Layer:
    shape: dict[str, Any] = {
        "filters": int(block["filters"]),
        "kernel_size": kernel_of(block),
        "strides": stride,
        "padding": "valid" if lost_by(block) else "same",
        "data_format": _ORDER,
        "use_bias": not block["batch_normalization"],
        "name": name,
        "dtype": dtype,
    }
    if block["convolutions"] != "separable":
        return keras.layers.Conv2D(**shape, **_kernel(genes, "kernel", INCOMING_OF_FILTER))
    depthwise = _kernel(genes, "depthwise", INCOMING_OF_DEPTHWISE_FILTER)
    return keras.layers.SeparableConv2D(**shape, **depthwise, **_kernel(genes, "pointwise", INCOMING_OF_FILTER))


def _kernel(genes: Genes, kind: str, incoming: tuple[int, ...]) -> dict[str, Any]:
    """How a kernel begins, and what holds it back."""
    l1, l2, max_norm = (float(genes[gene]) for gene in ("l1", "l2", "max_norm"))
    return {
        f"{kind}_initializer": initializer_of(str(genes["kernel_initializer"])),
        f"{kind}_regularizer": keras.regularizers.L1L2(l1, l2) if l1 or l2 else None,
        f"{kind}_constraint": keras.constraints.MaxNorm(max_norm, axis=incoming) if max_norm else None,
    }


def _shortcut(before: keras.KerasTensor, genes: Genes, block: Genes, number: int, dtype: str) -> keras.KerasTensor:
    """The block's input, in the shape that comes out of its convolutions."""
    top, left = cropped_by(block, (before.shape[1], before.shape[2]))
    if top or left:
        halves = (top // 2, top - top // 2), (left // 2, left - left // 2)
        crop = keras.layers.Cropping2D(halves, data_format=_ORDER, name=f"crop_{number}", dtype=dtype)
        before = crop(before)
    if not is_projected(block, before.shape[-1]):
        return before
    return keras.layers.Conv2D(
        int(block["filters"]),
        1,
        strides=2 if block["reduction"] == "stride" else 1,
        data_format=_ORDER,
        use_bias=False,
        name=f"projection_{number}",
        dtype=dtype,
        **_kernel(genes, "kernel", INCOMING_OF_FILTER),
    )(before)


def _pooling(values: keras.KerasTensor, reduction: str, number: int, dtype: str) -> keras.KerasTensor:
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    if reduction not in kinds:
        return values
    return kinds[reduction](2, data_format=_ORDER, name=f"pooling_{number}", dtype=dtype)(values)


def _channel_dropout(values: keras.KerasTensor, rate: Value, position: int, dtype: str) -> keras.KerasTensor:
    if not rate:
        return values
    layer = keras.layers.SpatialDropout2D(
        float(rate), data_format=_ORDER, seed=position, name=f"dropout_{position}", dtype=dtype
    )
    return layer(values)


def _head(values: keras.KerasTensor, genome: Genome, dtype: str) -> keras.KerasTensor:
    genes = genome.genes
    if genes["head"] == "flatten":
        values = keras.layers.Flatten(data_format=_ORDER, name="flatten", dtype=dtype)(values)
    else:
        kinds = {"average": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
        values = kinds[str(genes["head"])](data_format=_ORDER, name="pooling", dtype=dtype)(values)
    for number in range(1, int(genes["head_layers"]) + 1):
        width = int(genes["head_width"])
        values = dense(genes, width, f"hidden_{number}", dtype, use_bias=True)(values)
        values = activation(values, str(genes["head_activation"]), number, dtype)
        values = dropout(values, genes["head_dropout"], len(genome.layers) + number, dtype)
    return values
