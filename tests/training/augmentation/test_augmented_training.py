"""Trainings on augmented images: what they are trained on, and who says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from evo_nas.config import Augmentation
from evo_nas.training.augmentation import augmented, batch_seed
from evo_nas.training.networks.starting import start_network
from evo_nas.training.weights import read_weights
from tests.training.image_cases import image_payload, open_image_training
from tests.training.training_cases import ignore_news, trained

STRONG = {"flip": 0.5, "shift": 0.25, "rotation": 20.0, "mixup": 0.4, "cutout": 0.3}


def test_an_epoch_is_that_of_keras_on_augmented_batches(images: Path) -> None:
    """Each batch with the seed of its epoch and place, its rows' weights mixed like its targets."""
    training = open_image_training(
        images, {"epochs": 1, "augmentation": STRONG, "class_weights": {"row": 3.0}}, optimizer="sgd"
    )
    fold, streams, dataset = training.folds[0], training.request.streams(0), training.data.dataset
    reference = training.network()
    start_network(reference, streams)
    reference.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy", run_eagerly=True)
    truth = np.eye(3, dtype=np.float32)[dataset.target[fold.train]]
    truth = np.hstack([truth, np.where(truth[:, [dataset.classes.index("row")]], np.float32(3), np.float32(1))])
    order, key = streams.batch_order(1, len(truth)), tf.constant(streams.augmentation_key(1), tf.int64)
    for start in range(0, len(order), 16):
        batch = order[start : start + 16]
        given = tf.constant(dataset.pixels[fold.train[batch]]), tf.constant(truth[batch])
        inputs, mixed = augmented(*given, Augmentation(**STRONG), batch_seed(key, tf.constant(start)))
        reference.train_on_batch(inputs / 255.0, mixed[:, :3], mixed[:, 3])
    fit = training.fit(training.build(), fold, 0, ignore_news)
    for name, value in read_weights(reference).items():
        assert fit.weights[name] == pytest.approx(value, abs=2e-6), name


@pytest.mark.slow
def test_gene_and_setting_are_the_same_training_and_what_is_off_is_none(images: Path) -> None:
    genes = {f"augment_{kind}": strength for kind, strength in STRONG.items()}
    by_setting, by_gene = curves(images, {"augmentation": STRONG}), curves(images, **genes)
    assert by_setting == by_gene
    plain, off = curves(images), curves(images, augment_flip=0.0, augment_mixup=0.0)
    assert plain == off
    assert plain != by_gene


def curves(images: Path, recipe: dict[str, Any] | None = None, **genes: float) -> Any:
    """With initial weights that do not depend on the genes."""
    return trained({**image_payload(images, recipe, **genes), "fingerprint": "the same"}).curves
