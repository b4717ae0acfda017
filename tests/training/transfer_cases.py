"""A small backbone, images for it, and requests to train networks on it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np

from evo_nas.data import Dataset, dataset_from_images
from evo_nas.training.backbones.store import look_at
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.request import TrainingRequest
from genomes import encoding_from
from tests.training.training_cases import payload_of

SHAPE = (8, 8, 3)
NUM_IMAGES = 60
GENES = {"layers": 1, "width": 8, "learning_rate": 0.01, "batch_size": 16, "frozen_until": "block_1_add"}


def tiny_backbone() -> keras.Model:
    """Three blocks, two of them with a skip, with dropout and with normalisation by numbers that mean something."""
    inputs = values = keras.Input(SHAPE)
    for number in range(3):
        before = values
        values = keras.layers.Conv2D(4, 3, padding="same", use_bias=not number, name=f"block_{number}_conv")(values)
        values = keras.layers.BatchNormalization(name=f"block_{number}_bn")(values)
        values = keras.layers.Activation("relu", name=f"block_{number}_relu")(values)
        values = keras.layers.Dropout(0.5, name=f"block_{number}_drop")(values)
        if number:
            values = keras.layers.Add(name=f"block_{number}_add")([before, values])
    model = keras.Model(inputs, values, name="tiny")
    generator = np.random.default_rng(0)
    model.set_weights(
        [generator.uniform(0.1, 0.9, weight.shape) - 0.2 * (weight.ndim > 1) for weight in model.get_weights()]
    )
    return model


@lru_cache
def coloured_images() -> Dataset:
    """60 images of 8 x 8, of noise that is reddish, greenish or bluish."""
    generator = np.random.default_rng(4)
    pixels = generator.integers(0, 130, (NUM_IMAGES, *SHAPE)).astype(np.uint8)
    labels = np.arange(NUM_IMAGES) % 3
    pixels[np.arange(NUM_IMAGES), :, :, labels] += 60
    return dataset_from_images(pixels, np.array(["red", "green", "blue"])[labels], name="coloured")


def transfer_space(backbone: Path, **genes: Any) -> dict[str, Any]:
    """A complete space of one network on a saved backbone."""
    space = {"encoding": "transfer", "backbone": str(backbone), **GENES, **genes}
    return {**space, **look_at(space, SHAPE)}


def transfer_payload(
    data: Path, space: Mapping[str, Any], recipe: Mapping[str, Any] | None = None, **genes: Any
) -> dict[str, Any]:
    """What a child is asked: to train the default network of a space."""
    encoding = encoding_from({**space, **genes})
    genome = encoding.canonical(encoding.default())
    asked = payload_of(data, "multiclass", recipe)
    return {
        **asked,
        "genome": genome.to_json(),
        "space": encoding.describe(),
        "fingerprint": encoding.fingerprint(genome),
    }


def open_transfer_training(
    data: Path, space: Mapping[str, Any], recipe: Mapping[str, Any] | None = None, **genes: Any
) -> OpenTraining:
    """The training that `transfer_payload` asks for."""
    return OpenTraining.of(TrainingRequest.from_payload(transfer_payload(data, space, recipe, **genes)))
