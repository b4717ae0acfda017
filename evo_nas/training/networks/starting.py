"""The state in which the training of a network begins."""

from __future__ import annotations

import keras
import numpy as np

from evo_nas.training.networks.kernels import kernels_of
from evo_nas.training.networks.transfer import restart
from evo_nas.training.streams import TrainingStreams


def start_network(model: keras.Model, streams: TrainingStreams) -> None:
    """Give a network the state in which its training begins: initial weights, and dropout at the first draw."""
    for position, kernel in enumerate(kernels_of(model)):
        weights = streams.initial_weights(kernel.initializer, kernel.variable.shape, kernel.fans, position)
        kernel.variable.assign(weights)
    for layer in model.layers:
        if getattr(layer, "use_bias", False):
            layer.bias.assign(np.zeros(layer.bias.shape))
        if isinstance(layer, keras.Model):
            restart(layer)  # of a pretrained network
        elif isinstance(layer, keras.layers.BatchNormalization):
            _start_normalization(layer)
        elif isinstance(layer, keras.layers.Dropout):
            # Keras's seed is a pair of which the second counts the draws; the layer's own is its position.
            layer.seed_generator.state.assign(np.array([streams.dropout_seed(layer.seed), 0], dtype=np.uint32))


def _start_normalization(layer: keras.layers.BatchNormalization) -> None:
    for variable, value in ((layer.gamma, 1), (layer.beta, 0), (layer.moving_mean, 0), (layer.moving_variance, 1)):
        variable.assign(np.full(variable.shape, value))
