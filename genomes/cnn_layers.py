"""The layers of a convolutional network, one by one, as they are built: for pictures, tables and whoever counts them.

Names say the block and, within it, the convolution, both counted from 1: `convolution_2_1` is the first of the second
block. Those with weights are `convolution_B_C`, `normalization_B_C`, `projection_B`, `hidden_N` and `logits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from genomes.cnn_shapes import Block, Pixels, convolved, kernel_of, lost_by, num_convolutions, pooled
from genomes.cnn_size import is_projected
from genomes.genome import Genome, LayerRecord, Shape


def cnn_layer_table(genome: Genome, input_shape: Shape, num_outputs: int) -> tuple[LayerRecord, ...]:
    """Inputs; for each block its convolutions, each with [normalisation] and activation, then [the block's own input,
    cropped and projected where it must be, added], [pooling], [dropout]; the pixels flattened or pooled; for each dense
    layer Dense, activation, [dropout]; then Dense.

    Names and order are those of the built network; a block's input is read by `crop`, `projection` or `sum`, which name
    it. The output's own activation is left out: it belongs to the task. The parameters add up to those of `cnn_size`.
    """
    return tuple(_records(genome, input_shape, num_outputs))


def _records(genome: Genome, input_shape: Shape, num_outputs: int) -> Iterator[LayerRecord]:
    last = LayerRecord("inputs", "input", input_shape, 0)
    yield last
    for number, block in enumerate(genome.layers, start=1):
        for record in _block(block, number, last):
            yield record
            last = record
    yield from _head(genome, last.shape, num_outputs)


def _block(block: Block, number: int, before: LayerRecord) -> Iterator[LayerRecord]:
    filters, channels = int(block["filters"]), before.shape[-1]
    places = convolved(block, (before.shape[0], before.shape[1]))
    for index, pixels in enumerate(places, start=1):
        yield from _convolution(block, f"{number}_{index}", (*pixels, filters), channels)
        channels = filters
    shape = (*places[-1], filters)
    if block["skip"]:
        yield from _skip(block, number, before, shape)
    left = (*pooled(block, places[-1]), filters)
    if left != shape:
        yield LayerRecord(f"pooling_{number}", "pooling", left, 0, f"{block['reduction']} 2 × 2")
    if block["dropout"]:
        yield LayerRecord(f"dropout_{number}", "dropout", left, 0, _rate(block["dropout"]))


def _convolution(block: Block, place: str, shape: Shape, channels: int) -> Iterator[LayerRecord]:
    separable, normalized, filters = block["convolutions"] == "separable", block["batch_normalization"], shape[-1]
    area = kernel_of(block) ** 2
    weights = (area + filters) * channels if separable else area * channels * filters
    kind = "depthwise convolution" if separable else "convolution"
    biases = 0 if normalized else filters
    yield LayerRecord(f"convolution_{place}", kind, shape, weights + biases, _words(block, first=place.endswith("_1")))
    if normalized:
        yield LayerRecord(f"normalization_{place}", "batch normalization", shape, 4 * filters)
    yield LayerRecord(f"activation_{place}", "activation", shape, 0, str(block["activation"]))


def _words(block: Block, *, first: bool) -> str:
    kernel = kernel_of(block)
    padding = "valid" if lost_by(block) else ""
    stride = "stride 2" if first and block["reduction"] == "stride" else ""
    return ", ".join(word for word in (f"{kernel} × {kernel}", padding, stride) if word)


def _skip(block: Block, number: int, before: LayerRecord, shape: Shape) -> Iterator[LayerRecord]:
    shortcut, (top, left) = before, cropped_by(block, (before.shape[0], before.shape[1]))
    if top or left:
        pixels = before.shape[0] - top, before.shape[1] - left
        shortcut = LayerRecord(f"crop_{number}", "crop", (*pixels, before.shape[2]), 0, inputs=(shortcut.name,))
        yield shortcut
    if is_projected(block, before.shape[-1]):
        weights, words = before.shape[-1] * shape[-1], "1 × 1"
        if block["reduction"] == "stride":
            words += ", stride 2"
        shortcut = LayerRecord(f"projection_{number}", "convolution", shape, weights, words, inputs=(shortcut.name,))
        yield shortcut
    last = f"activation_{number}_{num_convolutions(block)}"
    yield LayerRecord(f"sum_{number}", "add", shape, 0, inputs=(last, shortcut.name))


def cropped_by(block: Block, pixels: Pixels) -> Pixels:
    """Rows and columns that are cut off a block's input, half on either side, so that it can be added to its output."""
    if not lost_by(block):
        return 0, 0
    stride = 2 if block["reduction"] == "stride" else 1
    height, width = convolved(block, pixels)[-1]
    return pixels[0] - stride * (height - 1) - 1, pixels[1] - stride * (width - 1) - 1


def _head(genome: Genome, shape: Shape, num_outputs: int) -> Iterator[LayerRecord]:
    genes = genome.genes
    fan_in = prod(shape) if genes["head"] == "flatten" else shape[-1]
    if genes["head"] == "flatten":
        yield LayerRecord("flatten", "flatten", (fan_in,), 0)
    else:
        yield LayerRecord("pooling", "pooling", (fan_in,), 0, f"{genes['head']} of all pixels")
    for number in range(1, int(genes["head_layers"]) + 1):
        width = int(genes["head_width"])
        yield LayerRecord(f"hidden_{number}", "dense", (width,), (fan_in + 1) * width)
        yield LayerRecord(f"activation_{number}", "activation", (width,), 0, str(genes["head_activation"]))
        if genes["head_dropout"]:
            position = len(genome.layers) + number
            yield LayerRecord(f"dropout_{position}", "dropout", (width,), 0, _rate(genes["head_dropout"]))
        fan_in = width
    yield LayerRecord("logits", "dense", (num_outputs,), (fan_in + 1) * num_outputs)


def _rate(rate: object) -> str:
    return f"{rate:.3g}"
