"""The catalogue of the dense network's genes: what each is, what it may be, and its value where a space is silent.

Defaults are Keras's own wherever Keras has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from genomes.catalogue import Catalogue, Entry
from genomes.genes import Int
from genomes.genome import Value
from genomes.learning_rates import NORMALIZED_RATES
from genomes.space import Condition

ACTIVATIONS = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softmax", "linear")
OPTIMIZERS = ("adam", "adamw", "nadam", "sgd", "rmsprop", "adadelta", "adagrad")
INITIALIZERS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal")
PREPROCESSING = ("none", "standard", "minmax", "robust", "quantile")
ALIASES: Mapping[Value, Value] = {"min-max": "minmax"}

LAYER_GENES: Mapping[str, Entry] = {
    "width": Entry("int", 32, 1, 1_000_000_000),
    "activation": Entry("text", "relu", options=ACTIVATIONS),
    "dropout": Entry("float", 0.0, 0.0, 0.999),
}
TRAINING_GENES: Mapping[str, Entry] = {
    "optimizer": Entry("text", "adam", options=OPTIMIZERS),
    "learning_rate": Entry("float", 1e-3, 1e-12, 1e12),
    "decay": Entry("float", 1.0, 1e-6, 1.0),  # rate * decay^(step / decay_steps); 1 is none
    "decay_steps": Entry("int", 1000, 1, 1_000_000_000),
    "momentum": Entry("float", 0.0, 0.0, 0.9999),
    "nesterov": Entry("bool", False),
    "rho": Entry("float", 0.9, 0.0, 0.9999),
    "beta_1": Entry("float", 0.9, 0.0, 0.9999),
    "beta_2": Entry("float", 0.999, 0.0, 0.999999),
    "epsilon": Entry("float", 1e-7, 1e-12, 1.0),
    "weight_decay": Entry("float", 0.004, 0.0, 1.0),
    "batch_size": Entry("int", 32, 1, 10_000_000),
    "l1": Entry("float", 0.0, 0.0, 1e6),
    "l2": Entry("float", 0.0, 0.0, 1e6),
    "max_norm": Entry("float", 0.0, 0.0, 1e6),  # 0 is none
    "input_dropout": Entry("float", 0.0, 0.0, 0.999),
    "batch_normalization": Entry("bool", False),
    "kernel_initializer": Entry("text", "glorot_uniform", options=INITIALIZERS),
    "preprocessing": Entry("text", "standard", options=PREPROCESSING),
}
DEFAULT_LAYERS = Int(2, 2)
EQUAL_LAYERS = "equal_layers"
"""A key of the space that is no gene: are all layers of a genome equal? Default false."""
FLAGS = (EQUAL_LAYERS, NORMALIZED_RATES)
"""The keys of a space that are true or false."""
CATALOGUE = Catalogue(
    {"layers": Entry("int", DEFAULT_LAYERS.low, 0, 100), **LAYER_GENES, **TRAINING_GENES}, FLAGS, ALIASES
)

CONDITIONS = (
    Condition("decay_steps", "decay", (1.0,), unless=True),
    Condition("momentum", "optimizer", ("sgd", "rmsprop")),
    Condition("nesterov", "optimizer", ("sgd",)),
    Condition("nesterov", "momentum", (0.0,), unless=True),
    Condition("rho", "optimizer", ("rmsprop", "adadelta")),
    Condition("beta_1", "optimizer", ("adam", "adamw", "nadam")),
    Condition("beta_2", "optimizer", ("adam", "adamw", "nadam")),
    Condition("epsilon", "optimizer", ("sgd",), unless=True),
    Condition("weight_decay", "optimizer", ("adamw",)),
)
BLOCKS = (
    ("optimizer", "learning_rate", "momentum", "nesterov", "rho", "beta_1", "beta_2", "epsilon", "weight_decay"),
    ("decay", "decay_steps"),
)
"""Genes that mean something only together; crossover hands them on together."""


def training_genes(*, normalized_rates: bool) -> Mapping[str, Entry]:
    """The training genes of a space; with normalised rates the default one is the optimizer's own."""
    if not normalized_rates:
        return TRAINING_GENES
    rate = replace(TRAINING_GENES["learning_rate"], default=1.0)
    return {**TRAINING_GENES, "learning_rate": rate, NORMALIZED_RATES: Entry("bool", True)}
