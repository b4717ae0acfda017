"""What a network on a pretrained backbone costs, and its layers, from the backbone's table and the head's genes."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from genomes.backbone import Backbone, Block
from genomes.genome import Genome, LayerRecord, Shape, Size
from genomes.mlp_layers import mlp_layer_table
from genomes.mlp_size import ACTIVATION_COPIES, FLOAT_BYTES, mlp_size, weight_copies
from genomes.transfer_genes import OWN_GENES

NOT_OF_THE_HEAD = ("backbone", "backbone_digest", *OWN_GENES)


def head_of(genome: Genome) -> Genome:
    """The head as the dense network that it is: its inputs are the backbone's features, which nothing prepares."""
    genes = {name: value for name, value in genome.genes.items() if name not in NOT_OF_THE_HEAD}
    return Genome("mlp", {**genes, "preprocessing": "none"}, genome.layers)


def num_features(shape: Shape, pooling: str) -> int:
    """How many numbers the head takes: a channel one, or all that there are."""
    return prod(shape) if pooling == "flatten" else shape[-1]


def num_logits(genome: Genome, num_outputs: int) -> int:
    """How many units the network ends in: as many as the data need, or as a space asks for."""
    return int(genome.genes["outputs"]) or num_outputs


def transfer_size(genome: Genome, backbone: Backbone, num_outputs: int) -> Size:
    """The size of: the whole backbone, pooling, then the head as in `mlp_size`.

    training_bytes: the head's, those of the frozen weights, which are there once, and for the thawed blocks what
    `mlp_size` counts of a layer. Features of the frozen part come from a cache and count as the batch's inputs.
    """
    frozen_until, pooling = str(genome.genes["frozen_until"]), str(genome.genes["pooling"])
    shape = backbone.blocks[-1].shape
    head, outputs = head_of(genome), num_logits(genome, num_outputs)
    of_head = mlp_size(head, num_features(shape, pooling), outputs)
    parameters = sum(block.parameters for block in backbone.blocks)
    flops = sum(block.flops for block in backbone.blocks) + _pooling_flops(shape, pooling)
    thawed = backbone.thawed(frozen_until)
    values = sum(block.values for block in thawed) + prod(backbone.cut_shape(frozen_until))
    numbers = parameters + sum(block.parameters for block in thawed) * weight_copies(genome.genes)
    numbers += values * int(genome.genes["batch_size"]) * ACTIVATION_COPIES
    return Size(parameters + of_head.parameters, flops + of_head.flops, FLOAT_BYTES * numbers + of_head.training_bytes)


def transfer_layer_table(genome: Genome, backbone: Backbone, num_outputs: int) -> tuple[LayerRecord, ...]:
    """Inputs, the backbone's blocks, pooling, then the head as in `mlp_layer_table`."""
    return tuple(_records(genome, backbone, num_outputs))


def _records(genome: Genome, backbone: Backbone, num_outputs: int) -> Iterator[LayerRecord]:
    thawed = set(backbone.thawed(str(genome.genes["frozen_until"])))
    yield LayerRecord("inputs", "input", backbone.input_shape, 0)
    for block in backbone.blocks:
        yield _block_record(block, thawed=block in thawed)
    pooling, shape = str(genome.genes["pooling"]), backbone.blocks[-1].shape
    features = num_features(shape, pooling)
    if len(shape) > 1:
        kind = "flatten" if pooling == "flatten" else "pooling"
        yield LayerRecord("pooling", kind, (features,), 0, "" if kind == "flatten" else pooling)
    yield from mlp_layer_table(head_of(genome), features, num_logits(genome, num_outputs))[1:]


def _block_record(block: Block, *, thawed: bool) -> LayerRecord:
    return LayerRecord(block.name, "backbone", block.shape, block.parameters, "thawed" if thawed else "frozen")


def _pooling_flops(shape: Shape, pooling: str) -> int:
    return 0 if pooling == "flatten" or len(shape) == 1 else prod(shape)
