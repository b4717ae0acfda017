"""A genome becomes a `keras.Model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import keras
import numpy as np

from evo_nas.config import Precision, Task
from evo_nas.training.streams import TrainingStreams
from genomes import Genome, Value
from genomes.mlp_genes import INITIALIZERS

LOGITS = "logits"
"""Name of the last dense layer. What comes before its activation is what the loss is computed from."""

Arithmetic = Precision | Literal["float64"]
"""What a network computes in; the last is for checks of its gradients."""

OUTPUT_ACTIVATIONS: Mapping[Task, str] = {"binary": "sigmoid", "multiclass": "softmax"}


def _class_name(initializer: str) -> str:
    return "".join(word.capitalize() for word in initializer.split("_"))


_INITIALIZER_NAMES = {_class_name(name): name for name in INITIALIZERS}
"""Keras's class -> the gene's value."""


def build_network(
    genome: Genome, num_inputs: int, num_outputs: int, task: Task, *, precision: Arithmetic = "float32"
) -> keras.Model:
    """The network of a dense genome; float32 [rows, num_inputs] -> float32 [rows, num_outputs].

    Input dropout, then for each layer Dense, BatchNormalization, activation, Dropout, each where the genome has it,
    then Dense and the task's activation: probabilities, or a regression's standardised target. Batch normalisation
    comes before the activation and takes the place of the bias, as in Ioffe and Szegedy (2015). L1, L2 and the limit on
    the norm of each unit's incoming weights hold for all kernels, the last one included, and for no bias.

    precision: Keras's policy of each layer up to the last dense one, which computes in 32 bits where that is a mixed
    one: weights are 32 bits wide, and only the arithmetic between them is 16 (Micikevicius et al. 2018).

    The weights mean nothing before `start_network`. Raises ValueError for an encoding that is not dense.
    """
    if genome.encoding != "mlp":
        raise ValueError(f"expected a genome of the encoding 'mlp', got one of {genome.encoding!r}")
    outer = "float64" if precision == "float64" else "float32"
    inputs = keras.Input((num_inputs,), name="inputs", dtype=outer)
    values = _dropout(inputs, genome.genes["input_dropout"], 0, precision)
    for number, layer in enumerate(genome.layers, start=1):
        values = _hidden_layer(values, genome.genes, layer, number, precision)
    outputs = _dense(genome.genes, num_outputs, LOGITS, outer, use_bias=True)(values)
    if task in OUTPUT_ACTIVATIONS:
        outputs = keras.layers.Activation(OUTPUT_ACTIVATIONS[task], name="probabilities", dtype=outer)(outputs)
    return keras.Model(inputs, outputs, name="network")


def start_network(model: keras.Model, streams: TrainingStreams) -> None:
    """Give a network the state in which its training begins: initial weights, and dropout at the first draw."""
    dense_layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for position, layer in enumerate(dense_layers):
        initializer = _INITIALIZER_NAMES[type(layer.kernel_initializer).__name__]
        fan_in, fan_out = layer.kernel.shape
        layer.kernel.assign(streams.initial_kernel(initializer, fan_in, fan_out, position))
        if layer.use_bias:
            layer.bias.assign(np.zeros(layer.bias.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            _start_normalization(layer)
        elif isinstance(layer, keras.layers.Dropout):
            # Keras's seed is a pair of which the second counts the draws; the layer's own is its position.
            layer.seed_generator.state.assign(np.array([streams.dropout_seed(layer.seed), 0], dtype=np.uint32))


def _hidden_layer(
    values: keras.KerasTensor, genes: Mapping[str, Value], layer: Mapping[str, Value], number: int, dtype: str
) -> keras.KerasTensor:
    normalized = bool(genes.get("batch_normalization", False))
    values = _dense(genes, int(layer["width"]), f"hidden_{number}", dtype, use_bias=not normalized)(values)
    if normalized:
        values = keras.layers.BatchNormalization(name=f"normalization_{number}", dtype=dtype)(values)
    values = _activation(values, str(layer["activation"]), number, dtype)
    return _dropout(values, layer["dropout"], number, dtype)


def _activation(values: keras.KerasTensor, activation: str, number: int, dtype: str) -> keras.KerasTensor:
    if activation != "silu":
        return keras.layers.Activation(activation, name=f"activation_{number}", dtype=dtype)(values)
    # Keras's silu enters every graph it is part of into a global table, for ever: 7 MB a training.
    gate = keras.layers.Activation("sigmoid", name=f"gate_{number}", dtype=dtype)(values)
    return keras.layers.Multiply(name=f"activation_{number}", dtype=dtype)([values, gate])


def _dense(genes: Mapping[str, Value], width: int, name: str, dtype: str, *, use_bias: bool) -> keras.layers.Dense:
    l1, l2, max_norm = (float(genes[gene]) for gene in ("l1", "l2", "max_norm"))
    return keras.layers.Dense(
        width,
        use_bias=use_bias,
        kernel_initializer=_initializer(str(genes["kernel_initializer"])),
        kernel_regularizer=keras.regularizers.L1L2(l1, l2) if l1 or l2 else None,
        kernel_constraint=keras.constraints.MaxNorm(max_norm) if max_norm else None,
        name=name,
        dtype=dtype,
    )


def _initializer(name: str) -> keras.initializers.Initializer:
    """Keras's, which says in a saved network how it began; `start_network` draws the numbers."""
    return getattr(keras.initializers, _class_name(name))(seed=0)  # without a seed Keras draws a global one


def _dropout(values: keras.KerasTensor, rate: Value, position: int, dtype: str) -> keras.KerasTensor:
    if not rate:
        return values
    return keras.layers.Dropout(float(rate), seed=position, name=f"dropout_{position}", dtype=dtype)(values)


def _start_normalization(layer: keras.layers.BatchNormalization) -> None:
    for variable, value in ((layer.gamma, 1), (layer.beta, 0), (layer.moving_mean, 0), (layer.moving_variance, 1)):
        variable.assign(np.full(variable.shape, value))
