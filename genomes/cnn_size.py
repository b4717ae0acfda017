"""What a convolutional network costs, known before anything is built. Whole numbers in Python ints."""

from __future__ import annotations

from dataclasses import dataclass

from genomes.cnn_shapes import Block, Pixels, after, convolved, kernel_of
from genomes.genome import Genome, GenomeError, Shape, Size
from genomes.mlp_size import ACTIVATION_FLOPS, FLOAT_BYTES, weight_copies

OTHER_ACTIVATION_FLOPS = 4
POOLING_FLOPS = 4
"""Of a value that pooling gives: it looks at four."""


@dataclass(slots=True)
class _Sum:
    """What has been counted so far. values: numbers that one row leaves behind in the layers; widest: in one layer."""

    parameters: int = 0
    flops: int = 0
    values: int = 0
    widest: int = 0

    def add(self, parameters: int, flops: int, values: int, copies: int = 1) -> None:
        """A layer, or `copies` layers of so many values each."""
        self.parameters += parameters
        self.flops += flops
        self.values += values * copies
        self.widest = max(self.widest, values)


def cnn_size(genome: Genome, input_shape: Shape, num_outputs: int) -> Size:
    """The size of the network that `cnn_layer_table` lists.

    parameters: as Keras's `count_params`: kernels, and biases or four numbers a filter for batch normalisation, which
        shifts and so takes the place of the bias.
    flops: inference of one row: two a weight and pixel, one a bias, two for batch normalisation (a scale and a shift),
        `ACTIVATION_FLOPS`, four for each value that pooling gives, one for each that is added or averaged. The output's
        own activation is left out: it belongs to the task.
    training_bytes: float32 weights, gradients, optimizer slots and best copy; the values of every layer for one batch,
        which the gradients need, and twice those of the widest layer, for the gradients on their way.

    Raises GenomeError where the blocks run out of pixels.
    """
    total = _Sum()
    height, width, channels = input_shape
    pixels = height, width
    total.add(0, 0, height * width * channels)
    for block in genome.layers:
        pixels = _count_block(total, block, pixels, channels)
        channels = int(block["filters"])
    _count_head(total, genome, pixels, channels, num_outputs)
    values = int(genome.genes["batch_size"]) * (total.values + 2 * total.widest)
    return Size(total.parameters, total.flops, FLOAT_BYTES * (total.parameters * weight_copies(genome.genes) + values))


def _count_block(total: _Sum, block: Block, pixels: Pixels, channels: int) -> Pixels:
    left = after(block, pixels)
    if left is None:
        raise GenomeError(f"a block runs out of pixels: {pixels[0]} x {pixels[1]} are too few for it")
    filters, normalized = int(block["filters"]), bool(block["batch_normalization"])
    of_unit = (4, 2) if normalized else (1, 1)
    per_value = of_unit[1] + ACTIVATION_FLOPS.get(str(block["activation"]), OTHER_ACTIVATION_FLOPS)
    layers_each = 2 + normalized + (block["activation"] == "silu")
    incoming, places = channels, convolved(block, pixels)
    for height, width in places:
        weights, flops = _convolution(block, incoming, filters)
        values = height * width * filters
        total.add(weights + of_unit[0] * filters, height * width * flops + per_value * values, values, layers_each)
        incoming = filters
    area = places[-1][0] * places[-1][1]
    if block["skip"]:
        _count_skip(total, block, area, channels)
    values = left[0] * left[1] * filters
    if block["reduction"] in ("max", "average"):
        total.add(0, POOLING_FLOPS * values, values)
    if block["dropout"]:
        total.add(0, 0, values)
    return left


def _convolution(block: Block, channels: int, filters: int) -> tuple[int, int]:
    """Weights without biases, and FLOPs for a pixel that comes out."""
    area = kernel_of(block) ** 2
    weights = (area + filters) * channels if block["convolutions"] == "separable" else area * channels * filters
    return weights, 2 * weights


def _count_skip(total: _Sum, block: Block, area: int, channels: int) -> None:
    filters = int(block["filters"])
    if is_projected(block, channels):
        weights = channels * filters
        total.add(weights, 2 * weights * area, area * filters)
    total.add(0, area * filters, area * filters)


def is_projected(block: Block, channels: int) -> bool:
    """Whether a block's input must pass a 1 x 1 convolution before it can be added to what comes out."""
    return channels != block["filters"] or block["reduction"] == "stride"


def _count_head(total: _Sum, genome: Genome, pixels: Pixels, channels: int, num_outputs: int) -> None:
    genes, values = genome.genes, pixels[0] * pixels[1] * channels
    fan_in = values if genes["head"] == "flatten" else channels
    total.add(0, 0 if genes["head"] == "flatten" else values, fan_in)
    if genes["head_layers"]:
        width = int(genes["head_width"])
        activation = ACTIVATION_FLOPS.get(str(genes["head_activation"]), OTHER_ACTIVATION_FLOPS)
        copies = 2 + bool(genes["head_dropout"])
        for _ in range(int(genes["head_layers"])):
            total.add((fan_in + 1) * width, (2 * fan_in + 1 + activation) * width, width, copies)
            fan_in = width
    total.add((fan_in + 1) * num_outputs, (2 * fan_in + 1) * num_outputs, num_outputs)
