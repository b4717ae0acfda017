"""A share of the learning rate for the thawed part: the steps of two optimizers of Keras with a rate each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest

from evo_nas.training.optimizers import build_optimizer
from genomes import encoding_from

SHARE, RATE, STEPS = 0.1, 0.05, 4
GENES: dict[str, dict[str, Any]] = {
    "adam": {},
    "adamw": {"weight_decay": 0.3},
    "nadam": {},
    "sgd": {"momentum": 0.9, "nesterov": True},
    "rmsprop": {"momentum": 0.5},
    "adadelta": {},
    "adagrad": {},
}


def variables() -> list[keras.Variable]:
    """One of a backbone, with a name that is nearly one of the head's, and two of the head."""
    made = []
    for layer, name in (("hidden_conv", "kernel"), ("hidden_1", "kernel"), ("logits", "bias")):
        with keras.name_scope(layer):
            made.append(keras.Variable(np.linspace(-1, 1, 6, dtype=np.float32), name=name))
    return made


def gradients(step: int) -> list[Any]:
    generator = np.random.default_rng(step)
    return [keras.ops.convert_to_tensor(generator.normal(size=6).astype(np.float32)) for _ in range(3)]


def stepped(optimizers: Sequence[keras.optimizers.Optimizer], parts: Sequence[slice]) -> list[Any]:
    """The variables after some steps, each part of them by an optimizer of its own."""
    made = variables()
    for optimizer, part in zip(optimizers, parts, strict=True):
        optimizer.build(made[part])
    for step in range(STEPS):
        for optimizer, part in zip(optimizers, parts, strict=True):
            optimizer.apply(gradients(step)[part], made[part])
    return [variable.numpy() for variable in made]


@pytest.mark.parametrize("optimizer", GENES)
@pytest.mark.parametrize("decay", [1.0, 0.5])
def test_the_steps_are_those_of_two_optimizers(optimizer: str, decay: float) -> None:
    space = {"encoding": "mlp", "layers": 0, "optimizer": optimizer, "decay": decay, "decay_steps": 2}
    encoding = encoding_from({**space, "learning_rate": RATE, **GENES[optimizer]})
    genes = encoding.canonical(encoding.default()).genes
    together = build_optimizer({**genes, "thawed_learning_rate": SHARE})
    slow, fast = build_optimizer({**genes, "learning_rate": RATE * SHARE}), build_optimizer(genes)
    found = stepped([together], [slice(0, 3)])
    expected = stepped([slow, fast], [slice(0, 1), slice(1, 3)])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=1e-7)
    assert not np.allclose(found[0], stepped([build_optimizer(genes)], [slice(0, 3)])[0], rtol=1e-5)


def test_with_a_scaled_loss_too() -> None:
    encoding = encoding_from({"encoding": "mlp", "layers": 0, "learning_rate": RATE})
    genes = {**encoding.canonical(encoding.default()).genes, "thawed_learning_rate": SHARE}
    plain, scaled = build_optimizer(genes), build_optimizer(genes, "mixed_float16")
    scale = float(scaled.scale_loss(np.float32(1.0)))
    made = variables()
    scaled.build(made)
    scaled.apply([gradient * scale for gradient in gradients(0)], made)
    expected = variables()
    plain.build(expected)
    plain.apply(gradients(0), expected)
    for one, other in zip(made, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5)
