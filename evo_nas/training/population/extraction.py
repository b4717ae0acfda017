"""A member taken out: the weights of an ordinary `keras.Model`."""

from __future__ import annotations

import numpy as np

from evo_nas.training.population.slabs import State
from evo_nas.training.weights import Weights

_BESIDE: dict[str, str] = {"scale": "gamma", "mean": "moving_mean", "variance": "moving_variance"}


def keras_weights(state: State, unit: np.float32, *, batch_normalization: bool) -> Weights:
    """Path of a weight in the network that `build_network` makes of the genome -> its value.

    unit: in which the state has its trained weights. A kernel is transposed, [inputs, outputs], as Keras has it.
    """
    weights = {}
    for name, values in state.items():
        layer, role = name.split("/")
        number = layer.removeprefix("hidden_")
        dense = "logits" if layer == "output" else layer
        if role == "kernel":
            weights[f"{dense}/kernel"] = values.T * unit
        elif role == "shift" and (layer == "output" or not batch_normalization):
            weights[f"{dense}/bias"] = values[:, 0] * unit
        else:
            factor = np.float32(1.0) if role in ("mean", "variance") else unit
            weights[f"normalization_{number}/{_BESIDE.get(role, 'beta')}"] = values[:, 0] * factor
    return weights
