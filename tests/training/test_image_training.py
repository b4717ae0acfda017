"""Networks are trained on bytes: with Keras's arithmetic, the same bits resident and streamed, and nothing copied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from evo_nas.training import program as program_module
from evo_nas.training.feeding import FedRows
from evo_nas.training.networks.starting import start_network
from evo_nas.training.tracing import InputForm
from evo_nas.training.weights import read_weights
from tests.training.image_cases import CHANGED, SHAPE, image_payload, open_image_training
from tests.training.test_training_bits import bits
from tests.training.training_cases import ignore_news, trained

NUMBERS_OF_20_IMAGES = 6 * 6 * 4 * 20
"""As many as the widest layer has of them."""

STEPPED = {"epochs": 1, "class_weights": {"row": 3.0}}


@pytest.mark.parametrize(
    "kind", ["standard", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("unit", "symmetric"))]
)
def test_an_epoch_is_that_of_keras(images: Path, kind: str) -> None:
    genes = {"optimizer": "sgd", "preprocessing": kind, "l2": 1e-3, "dropout": 0.2}
    training = open_image_training(images, STEPPED, **genes)
    fold, streams = training.folds[0], training.request.streams(0)
    dataset = training.data.dataset
    pixels = dataset.pixels[fold.train].astype(np.float64)
    inputs = {
        "unit": pixels / 255,
        "symmetric": pixels / 127.5 - 1,
        "standard": (pixels - pixels.mean()) / pixels.std(),
    }[kind].astype(np.float32)
    reference = training.network()
    start_network(reference, streams)
    reference.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy", run_eagerly=True)
    truth = dataset.target[fold.train]
    weights = np.where(truth == dataset.classes.index("row"), 3.0, 1.0).astype(np.float32)
    order = streams.batch_order(1, len(truth))
    for start in range(0, len(order), 16):
        batch = order[start : start + 16]
        reference.train_on_batch(inputs[batch], np.eye(3, dtype=np.float32)[truth[batch]], weights[batch])
    fit = training.fit(training.build(), fold, 0, ignore_news)
    for name, value in read_weights(reference).items():
        assert fit.weights[name] == pytest.approx(value, abs=2e-6), name


@pytest.mark.parametrize("precision", ["float32", pytest.param("mixed_bfloat16", marks=pytest.mark.slow)])
def test_resident_or_streamed_it_is_the_same_to_the_bit(
    images: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    """In several pieces an epoch, with everything on that draws random numbers by the place in an epoch."""
    recipe = {"epochs": 2, "augmentation": CHANGED, "precision": precision, "class_weights": "balanced"}
    payload = image_payload(images, recipe, dropout=0.3, head_dropout=0.3, batch_normalization=True)
    fed: list[Any] = []
    pieces = FedRows.pieces

    def watched(rows: FedRows, *arguments: Any) -> Any:
        fed.append(isinstance(rows.inputs, np.ndarray))
        return pieces(rows, *arguments)

    monkeypatch.setattr(FedRows, "pieces", watched)
    monkeypatch.setattr(program_module, "NUMBERS_AT_ONCE", NUMBERS_OF_20_IMAGES)
    streamed, resident = (bits(trained({**payload, "image_memory_mb": limit})) for limit in (0, 1))
    assert streamed == resident
    assert fed == [True] * (len(fed) // 2) + [False] * (len(fed) // 2)


@pytest.mark.slow
def test_however_an_epoch_is_cut_it_is_the_same_training(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights to the bit; only predictions may round otherwise in pieces of another size."""
    trained_weights = []
    for numbers in (2**24, NUMBERS_OF_20_IMAGES):
        monkeypatch.setattr(program_module, "NUMBERS_AT_ONCE", numbers)
        training = open_image_training(images, {"epochs": 2, "augmentation": {"flip": 0.5}}, dropout=0.3)
        fit = training.fit(training.build(), training.folds[0], 0, ignore_news)
        trained_weights.append({name: value.tobytes() for name, value in fit.weights.items()})
    assert trained_weights[0] == trained_weights[1]


def test_a_long_epoch_says_that_it_is_alive(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_module, "NUMBERS_AT_ONCE", 1)
    training = open_image_training(images, {"epochs": 2})
    news: list[int] = []
    training.fit(training.build(), training.folds[0], 0, lambda said: news.append(said["epoch"]))
    steps = -(-len(training.folds[0].train) // 16)
    assert news == [0] * (steps - 1) + [1] * steps + [2]


def test_a_long_evaluation_says_that_it_is_alive(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_module, "NUMBERS_AT_ONCE", 1)
    told = [0]

    def alive() -> None:
        told[0] += 1

    training = replace(open_image_training(images), alive=alive)
    program, rows = training.build(), training.examples(training.folds[0]).validation
    program.evaluate(program.rows(rows))
    assert told == [len(rows)]


def test_nothing_is_copied(images: Path) -> None:
    training = open_image_training(images, {"validation": {"folds": 3}})
    pixels = training.data.dataset.pixels
    parts = [part for fold in training.folds for part in (training.examples(fold).train,)]
    assert all(part.inputs is pixels for part in parts)
    on_device = {id(FedRows.of(part).inputs) for part in parts}
    assert len(on_device) == 1
    streamed = FedRows.of(parts[0], limit_bytes=pixels.nbytes - 1)
    assert streamed.inputs is pixels
    (piece,) = streamed.pieces(np.array([4, 2], dtype=np.int32), 8)
    assert piece.inputs.dtype == tf.uint8
    assert piece.inputs.numpy().tobytes() == pixels[training.folds[0].train[[4, 2]]].tobytes()


def test_augmentation_changes_training_and_never_scores(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no graph forgets the shape of an image: a convolution that does not know it takes half as long again."""
    shapes: list[tuple[int | None, ...]] = []
    prepared = InputForm.prepared

    def watched(form: InputForm, *given: Any) -> Any:
        inputs = prepared(form, *given)
        shapes.append(tuple(inputs.shape))
        return inputs

    monkeypatch.setattr(InputForm, "prepared", watched)
    plain, changed = (
        open_image_training(images, recipe) for recipe in (None, {"augmentation": {"flip": 0.5, "shift": 0.2}})
    )
    programs = [training.build() for training in (plain, changed)]
    outputs, weights = [], []
    for program in programs:
        program.start(plain.request.streams(0))
        rows = program.rows(plain.examples(plain.folds[0]).train)
        outputs.append(program.evaluate(rows)[0])
        program.train_epoch(rows, plain.request.streams(0).batch_order(1, len(rows)))
        weights.append(read_weights(program.model)["logits/kernel"])
    assert set(shapes) == {(None, *SHAPE)}
    assert outputs[0].tobytes() == outputs[1].tobytes()
    assert not np.array_equal(*weights)


def test_it_learns(images: Path) -> None:
    outcome = trained(image_payload(images, {"epochs": 30, "metrics": ["accuracy"]}))
    assert outcome.metrics["accuracy"] > 0.8


def test_too_much_memory_is_refused_before_anything_is_built(images: Path) -> None:
    outcome = trained(image_payload(images, {"memory_limit_mb": 1}, filters=512, batch_size=512))
    assert (outcome.status, outcome.epochs) == ("invalid", ())
    assert "over [recipe] memory_limit_mb = 1" in outcome.message
