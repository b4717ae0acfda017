"""What a dense network costs, known before anything is built. Whole numbers in Python ints, so no width overflows."""

from __future__ import annotations

from collections.abc import Mapping

from genomes.genome import Genome, Size, Value

ACTIVATION_FLOPS: Mapping[str, int] = {"linear": 0, "relu": 1, "leaky_relu": 2, "softmax": 3}
"""Operations a unit; an exponential or a division counts as one. The others, made of several, count as 4."""
FLOAT_BYTES = 4
ACTIVATION_COPIES = 3
"""Forward value, its gradient and one intermediate (a dropout mask or a pre-activation) are alive at the peak."""
OPTIMIZER_SLOTS: Mapping[str, int] = {
    "adam": 2,
    "adamw": 2,
    "nadam": 2,
    "sgd": 0,
    "rmsprop": 1,
    "adadelta": 2,
    "adagrad": 1,
}
"""Numbers that Keras's optimizers keep for each weight; sgd and rmsprop keep one more where momentum is not 0."""


def mlp_size(genome: Genome, num_inputs: int, num_outputs: int) -> Size:
    """The size of: [input dropout], then for each layer Dense, [BatchNormalization], activation, [Dropout], then Dense.

    parameters: as Keras's `count_params`: weights and biases, or four numbers a unit for batch normalisation, which
        shifts and so takes the place of the bias.
    flops: inference of one row: two a weight, one a bias, two a unit for batch normalisation (a scale and a shift),
        and `ACTIVATION_FLOPS`. The output's own activation is left out: it belongs to the task.
    training_bytes: float32 weights, gradients, optimizer slots and best copy, and three copies of one batch's values.
    """
    unit_parameters, unit_flops = (4, 2) if genome.genes.get("batch_normalization", False) else (1, 1)
    parameters, flops, units, fan_in = 0, 0, num_inputs, num_inputs
    for layer in genome.layers:
        width = int(layer["width"])
        parameters += (fan_in + unit_parameters) * width
        flops += (2 * fan_in + unit_flops + ACTIVATION_FLOPS.get(str(layer["activation"]), 4)) * width
        units += width
        fan_in = width
    parameters += (fan_in + 1) * num_outputs
    flops += (2 * fan_in + 1) * num_outputs
    units += num_outputs
    numbers = parameters * weight_copies(genome.genes) + int(genome.genes["batch_size"]) * units * ACTIVATION_COPIES
    return Size(parameters, flops, FLOAT_BYTES * numbers)


def weight_copies(genes: Mapping[str, Value]) -> int:
    """How often each weight is there in training: itself, its gradient, the best one so far, the optimizer's slots."""
    return 3 + _slots(genes)


def _slots(genes: Mapping[str, Value]) -> int:
    optimizer = str(genes["optimizer"])
    with_momentum = optimizer in ("sgd", "rmsprop") and genes["momentum"] != 0.0
    return OPTIMIZER_SLOTS[optimizer] + int(with_momentum)
