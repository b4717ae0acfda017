"""The network of a dense genome."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from evo_nas.config import Task
from evo_nas.training.networks.layers import LOGITS, Arithmetic, activation, dense, dropout, outer_type, outputs_of
from genomes import Genome, Shape, Value


def build_dense(genome: Genome, input_shape: Shape, num_outputs: int, task: Task, precision: Arithmetic) -> keras.Model:
    """float32 [rows, inputs] -> float32 [rows, num_outputs].

    Input dropout, then for each layer Dense, BatchNormalization, activation, Dropout, each where the genome has it,
    then Dense and the task's activation: probabilities, or a regression's standardised target. Batch normalisation
    comes before the activation and takes the place of the bias, as in Ioffe and Szegedy (2015). L1, L2 and the limit on
    the norm of each unit's incoming weights hold for all kernels, the last one included, and for no bias.

    precision: Keras's policy of each layer up to the last dense one, which computes in 32 bits where that is a mixed
    one: weights are 32 bits wide, and only the arithmetic between them is 16 (Micikevicius et al. 2018).
    """
    outer = outer_type(precision)
    inputs = keras.Input(input_shape, name="inputs", dtype=outer)
    outputs = headed(inputs, genome, num_outputs, task, precision)
    return keras.Model(inputs, outputs, name="network")


def headed(
    values: keras.KerasTensor, genome: Genome, num_outputs: int, task: Task, precision: Arithmetic
) -> keras.KerasTensor:
    """What the dense network of a genome makes of values [rows, inputs]: see `build_dense`."""
    values = dropout(values, genome.genes["input_dropout"], 0, precision)
    for number, layer in enumerate(genome.layers, start=1):
        values = _hidden_layer(values, genome.genes, layer, number, precision)
    outer = outer_type(precision)
    logits = dense(genome.genes, num_outputs, LOGITS, outer, use_bias=True)(values)
    return outputs_of(logits, task, outer)


def _hidden_layer(
    values: keras.KerasTensor, genes: Mapping[str, Value], layer: Mapping[str, Value], number: int, dtype: str
) -> keras.KerasTensor:
    normalized = bool(genes.get("batch_normalization", False))
    values = dense(genes, int(layer["width"]), f"hidden_{number}", dtype, use_bias=not normalized)(values)
    if normalized:
        values = keras.layers.BatchNormalization(name=f"normalization_{number}", dtype=dtype)(values)
    values = activation(values, str(layer["activation"]), number, dtype)
    return dropout(values, layer["dropout"], number, dtype)
