"""The layers that networks of every encoding are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import keras

from evo_nas.config import Precision, Task
from genomes import Value

LOGITS = "logits"
"""Name of the last dense layer. What comes before its activation is what the loss is computed from."""

Arithmetic = Precision | Literal["float64"]
"""What a network computes in; the last is for checks of its gradients."""

OUTPUT_ACTIVATIONS: Mapping[Task, str] = {"binary": "sigmoid", "multiclass": "softmax"}


def class_name(initializer: str) -> str:
    """Keras's class of a gene's value."""
    return "".join(word.capitalize() for word in initializer.split("_"))


def initializer_of(name: str) -> keras.initializers.Initializer:
    """Keras's, which says in a saved network how it began; `start_network` draws the numbers."""
    return getattr(keras.initializers, class_name(name))(seed=0)  # without a seed Keras draws a global one


def outer_type(precision: Arithmetic) -> str:
    """Of inputs, logits and outputs: 32 bits, unless gradients are checked."""
    return "float64" if precision == "float64" else "float32"


def dense(genes: Mapping[str, Value], width: int, name: str, dtype: str, *, use_bias: bool) -> keras.layers.Dense:
    """A dense layer without its activation; L1, L2 and the limit on the norm hold for its kernel."""
    l1, l2, max_norm = (float(genes[gene]) for gene in ("l1", "l2", "max_norm"))
    return keras.layers.Dense(
        width,
        use_bias=use_bias,
        kernel_initializer=initializer_of(str(genes["kernel_initializer"])),
        kernel_regularizer=keras.regularizers.L1L2(l1, l2) if l1 or l2 else None,
        kernel_constraint=keras.constraints.MaxNorm(max_norm) if max_norm else None,
        name=name,
        dtype=dtype,
    )


def activation(values: keras.KerasTensor, kind: str, place: str | int, dtype: str) -> keras.KerasTensor:
    """An activation named after its place in the network."""
    if kind != "silu":
        return keras.layers.Activation(kind, name=f"activation_{place}", dtype=dtype)(values)
    # Keras's silu enters every graph it is part of into a global table, for ever: 7 MB a training.
    gate = keras.layers.Activation("sigmoid", name=f"gate_{place}", dtype=dtype)(values)
    return keras.layers.Multiply(name=f"activation_{place}", dtype=dtype)([values, gate])


def dropout(values: keras.KerasTensor, rate: Value, position: int, dtype: str) -> keras.KerasTensor:
    """Dropout, where the rate is not 0. position: in the network, which keys its noise and names it."""
    if not rate:
        return values
    return keras.layers.Dropout(float(rate), seed=position, name=f"dropout_{position}", dtype=dtype)(values)


def outputs_of(logits: keras.KerasTensor, task: Task, dtype: str) -> keras.KerasTensor:
    """Probabilities, or a regression's standardised target, from logits."""
    if task not in OUTPUT_ACTIVATIONS:
        return logits
    return keras.layers.Activation(OUTPUT_ACTIVATIONS[task], name="probabilities", dtype=dtype)(logits)
