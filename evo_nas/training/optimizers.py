"""Keras's optimizers with a genome's numbers, and its losses on what comes before the last activation."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from evo_nas.config import Precision
from evo_nas.training.thawed_rates import slow_thawed_part
from genomes import Value
from genomes.learning_rates import learning_rate_of

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "Adam": ("beta_1", "beta_2", "epsilon"),
    "AdamW": ("beta_1", "beta_2", "epsilon", "weight_decay"),
    "Nadam": ("beta_1", "beta_2", "epsilon"),
    "SGD": ("momentum", "nesterov"),
    "RMSprop": ("rho", "momentum", "epsilon"),
    "Adadelta": ("rho", "epsilon"),
    "Adagrad": ("epsilon",),
}
"""Keras's class -> the genes that are arguments of it, by the same names."""

_CLASSES = {name.lower(): name for name in ARGUMENTS}

_LOSSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}


def build_optimizer(genes: Mapping[str, Value], precision: Precision = "float32") -> keras.optimizers.Optimizer:
    """The optimizer of a canonical genome, its learning rate falling by `decay`^(step / `decay_steps`) where it does.

    AdamW decays biases and the scales of batch normalisation like any other weight, as Keras does. Where gradients go
    through 16 bits with 5 for the exponent, the loss is scaled up so that small ones do not vanish, and a step whose
    gradients overflow is left out (Micikevicius et al. 2018).
    """
    name = _CLASSES[str(genes["optimizer"])]
    numbers = {argument: genes[argument] for argument in ARGUMENTS[name] if argument in genes}
    optimizer: keras.optimizers.Optimizer = getattr(keras.optimizers, name)(
        learning_rate=_learning_rate(genes), **numbers
    )
    # Keras sums over replicas, of which there is one here, and each sum enters a gradient function into a global table
    # of TensorFlow: with it stays the graph of the whole network, for ever, 7 MB a training.
    optimizer._all_reduce_sum_gradients = lambda gradients_and_weights: gradients_and_weights
    if "thawed_learning_rate" in genes:
        slow_thawed_part(optimizer, float(genes["thawed_learning_rate"]))
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == "mixed_float16" else optimizer


def build_loss(name: str, dtype: str = "float32") -> keras.losses.Loss:
    """The loss of each row: (targets, logits), both [rows, outputs] -> [rows], computed in a type.

    Crossentropies are computed from logits, where no probability has been rounded to 0 or 1.
    """
    arguments = {"from_logits": True} if name.endswith("crossentropy") else {}
    return _LOSSES[name](reduction=None, dtype=dtype, **arguments)


def _learning_rate(genes: Mapping[str, Value]) -> float | keras.optimizers.schedules.LearningRateSchedule:
    rate, decay = learning_rate_of(genes), float(genes["decay"])
    if decay == 1.0:
        return rate
    return keras.optimizers.schedules.ExponentialDecay(rate, int(genes["decay_steps"]), decay)
