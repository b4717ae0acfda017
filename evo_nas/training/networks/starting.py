"""The state in which the training of a network begins."""

from __future__ import annotations

import keras
import numpy as np

from evo_nas.training.networks.layers import class_name
from evo_nas.training.streams import TrainingStreams
from genomes.mlp_genes import INITIALIZERS

_INITIALIZER_NAMES = {class_name(name): name for name in INITIALIZERS}
"""Keras's class -> the gene's value."""


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


def _start_normalization(layer: keras.layers.BatchNormalization) -> None:
    for variable, value in ((layer.gamma, 1), (layer.beta, 0), (layer.moving_mean, 0), (layer.moving_variance, 1)):
        variable.assign(np.full(variable.shape, value))
