"""A small data set of images, and requests to train convolutional networks on it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.config import Augmentation
from evo_nas.data import Dataset, dataset_from_images
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.request import TrainingRequest
from genomes import encoding_from
from tests.training.training_cases import payload_of

NUM_IMAGES = 90
SHAPE = (6, 6, 1)
SMALL = {"encoding": "cnn", "layers": 1, "filters": 4, "kernel": 3, "head_width": 8, "batch_size": 16}
CHANGED = Augmentation(flip=0.5, shift=0.2, mixup=0.3).model_dump()


@lru_cache
def striped_images() -> Dataset:
    """90 grey images of 6 x 6, of noise with a bright row, a bright column or neither."""
    generator = np.random.default_rng(3)
    pixels = generator.integers(0, 120, (NUM_IMAGES, *SHAPE)).astype(np.uint8)
    labels = np.arange(NUM_IMAGES) % 3
    for image, label, place in zip(pixels, labels, generator.integers(0, 6, NUM_IMAGES), strict=True):
        if label:
            (image if label == 1 else image.swapaxes(0, 1))[place] += 130
    return dataset_from_images(pixels, np.array(["neither", "row", "column"])[labels], name="striped")


def image_payload(data: Path, recipe: Mapping[str, Any] | None = None, **genes: Any) -> dict[str, Any]:
    """What a child is asked: to train a small convolutional network."""
    space = {**SMALL, "learning_rate": 0.01, **genes, "input_shape": list(SHAPE), "num_outputs": 3}
    encoding = encoding_from(space)
    genome = encoding.canonical(encoding.default())
    asked = payload_of(data, "multiclass", recipe)
    return {**asked, "genome": genome.to_json(), "space": space, "fingerprint": encoding.fingerprint(genome)}


def open_image_training(data: Path, recipe: Mapping[str, Any] | None = None, **genes: Any) -> OpenTraining:
    """The training that `image_payload` asks for."""
    return OpenTraining.of(TrainingRequest.from_payload(image_payload(data, recipe, **genes)))
