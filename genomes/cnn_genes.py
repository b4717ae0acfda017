"""The catalogue of the convolutional network's genes: what each is, what it may be, and its value where a space is
silent.

A genome's layers are its convolution blocks, its genes those of the head and of the training.
"""

from __future__ import annotations

from collections.abc import Mapping

from genomes.catalogue import Catalogue, Entry
from genomes.genes import Int
from genomes.genome import Genome, Value
from genomes.image_genes import KNOWN_TRAINING_GENES
from genomes.learning_rates import NORMALIZED_RATES
from genomes.mlp_genes import ACTIVATIONS, BLOCKS, CONDITIONS
from genomes.space import Condition

CONVOLUTIONS = ("one", "two", "separable")
PADDINGS = ("same", "valid")
REDUCTIONS = ("none", "max", "average", "stride")
HEADS = ("flatten", "average", "max")
MOST_HEAD_LAYERS = 4
LARGEST_KERNEL = 7

BLOCK_GENES: Mapping[str, Entry] = {
    "filters": Entry("int", 32, 1, 1_000_000),
    "kernel": Entry("int", 3, 1, LARGEST_KERNEL),
    "convolutions": Entry("text", "one", options=CONVOLUTIONS),  # separable: depthwise, then 1 x 1
    "padding": Entry("text", "same", options=PADDINGS),
    "batch_normalization": Entry("bool", False),
    "activation": Entry("text", "relu", options=ACTIVATIONS),
    "reduction": Entry("text", "max", options=REDUCTIONS),  # by 2: pooling, or the first convolution's stride
    "dropout": Entry("float", 0.0, 0.0, 0.999),  # of whole channels
    "skip": Entry("bool", False),  # the block's input is added to what its convolutions give
}
HEAD_GENES: Mapping[str, Entry] = {
    "head": Entry("text", "flatten", options=HEADS),  # average, max: over all pixels of a channel
    "head_layers": Entry("int", 1, 0, MOST_HEAD_LAYERS),
    "head_width": Entry("int", 128, 1, 1_000_000),
    "head_activation": Entry("text", "relu", options=ACTIVATIONS),
    "head_dropout": Entry("float", 0.0, 0.0, 0.999),
}
"""The dense layers after the blocks are all equal."""

DEFAULT_BLOCKS = Int(2, 2)
INPUT_SHAPE, NUM_OUTPUTS = "input_shape", "num_outputs"
LIMITS = ("max_parameters", "max_flops")
FACTS = (INPUT_SHAPE, NUM_OUTPUTS, *LIMITS)
"""What a space may say of its data, and of how large its networks may be."""
KEYS = (*FACTS, NORMALIZED_RATES)
"""What a space may say beside its genes."""

CATALOGUE = Catalogue(
    {"layers": Entry("int", DEFAULT_BLOCKS.low, 1, 100), **BLOCK_GENES, **HEAD_GENES, **KNOWN_TRAINING_GENES}, KEYS
)

BLOCK_CONDITIONS = (Condition("padding", "kernel", (1,), unless=True),)
GENE_CONDITIONS = (
    *(Condition(name, "head_layers", (0,), unless=True) for name in ("head_width", "head_activation", "head_dropout")),
    *CONDITIONS,
)
TOGETHER = (tuple(HEAD_GENES), *BLOCKS)
"""Genes that mean something only together; crossover hands them on together."""

_LENET_BLOCK: Mapping[str, Value] = {
    "filters": 20,
    "kernel": 5,
    "convolutions": "one",
    "padding": "valid",
    "batch_normalization": False,
    "activation": "relu",
    "reduction": "max",
    "dropout": 0.0,
    "skip": False,
}
_LENET_HEAD: Mapping[str, Value] = {
    "head": "flatten",
    "head_layers": 1,
    "head_width": 500,
    "head_activation": "relu",
    "head_dropout": 0.0,
}


def lenet_5() -> Genome:
    """LeNet-5 after LeCun et al. (1998), in the form in which tutorials build it: 20 and 50 filters of 5 x 5 without
    padding, each halved by max pooling, then 500 units. Relu everywhere; training genes are left to the space that
    repairs it.
    """
    return Genome("cnn", _LENET_HEAD, (_LENET_BLOCK, {**_LENET_BLOCK, "filters": 50}))
