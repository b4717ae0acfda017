"""A parent with weights as after some training, and what it and its child say of random inputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from evo_nas.training.encodings import build_network
from evo_nas.training.inheritance import inherited_weights
from evo_nas.training.networks.starting import start_network
from evo_nas.training.streams import TrainingStreams
from evo_nas.training.weights import Weights, assign_weights, read_weights
from genomes import Genome, Shape

NUM_OUTPUTS = 3
NUM_ROWS = 7


def network_of(genome: Genome, shape: Shape) -> keras.Model:
    return build_network(genome, shape, NUM_OUTPUTS, "multiclass")


def as_after_training(model: keras.Model, seed: int) -> Weights:
    """Weights of every sign, statistics that are no longer those of the start."""
    generator = np.random.default_rng(seed)
    weights = {}
    for path, value in read_weights(model).items():
        spread = 0.3 + 1.0 / np.sqrt(max(1, int(np.prod(value.shape[:-1]))))
        values = generator.normal(0.0, spread, value.shape)
        weights[path] = (np.abs(values) + 0.3 if "variance" in path or "gamma" in path else values).astype(np.float32)
    return weights


def drawn_weights(model: keras.Model) -> Weights:
    start_network(model, TrainingStreams(0, 0, 0, "child"))
    return read_weights(model)


def child_weights(
    parent: Genome, weights: Weights, child: Genome, shape: Shape, *, seed: int = 1
) -> dict[str, np.ndarray[Any, Any]]:
    drawn = drawn_weights(network_of(child, shape))
    return inherited_weights(parent, weights, child, drawn, np.random.default_rng(seed))


def largest_difference(parent: Genome, child: Genome, shape: Shape, *, seed: int = 0) -> float:
    """Between what both networks say before the child is trained, in inference."""
    keras.utils.clear_session()
    model, heir = network_of(parent, shape), network_of(child, shape)
    weights = as_after_training(model, seed)
    assign_weights(model, weights)
    assign_weights(heir, inherited_weights(parent, weights, child, drawn_weights(heir), np.random.default_rng(seed)))
    inputs = np.random.default_rng(seed + 1).normal(size=(NUM_ROWS, *shape)).astype(np.float32)
    said, says = (np.asarray(each(inputs, training=False)) for each in (model, heir))
    return float(np.abs(said - says).max())
