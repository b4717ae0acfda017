"""Activation and dropout of a layer, against automatic differentiation of the plain formula."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from evo_nas.training.fusing import MOST_BRANCHES
from evo_nas.training.population.activations import ACTIVATIONS as ACTIVATION_OF
from evo_nas.training.population.activations import FROM_NOTHING, ZERO_AT_ZERO
from evo_nas.training.population.layers import Layer, activate
from genomes.mlp_genes import ACTIVATIONS

KERAS = {name: tf.keras.activations.get(name) for name in ACTIVATIONS}
MEMBERS, UNITS, ROWS = 8, 16, 48
REAL = 11


def layer_of(kinds: list[int]) -> Layer:
    """All members have the layer, and 11 of 16 units."""
    return Layer(
        count=tf.constant(MEMBERS),
        table=tf.constant([(MEMBERS, -1, -1)] * 5),
        kinds=tf.constant(kinds),
        kind=tf.constant(kinds[0]),
        mask=tf.constant(real_units()),
    )


def real_units() -> np.ndarray:
    mask = np.zeros((MEMBERS, UNITS, 1), np.float32)
    mask[:, :REAL] = 1.0
    return mask


def drawn(*shape: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32))


def plain(name: str, values: tf.Tensor) -> tf.Tensor:
    """Units last, as Keras has them: a softmax is over the units."""
    return tf.transpose(KERAS[name](tf.transpose(values, (0, 2, 1))), (0, 2, 1))


@pytest.mark.equivalence
@pytest.mark.parametrize(
    ("alike", "mixed"), [(True, False), (True, True), (False, True)], ids=["alike", "alike by chance", "mixed"]
)
@pytest.mark.parametrize("dropout", [True, False], ids=["dropout", "none"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_and_its_way_back_are_those_of_keras(name: str, dropout: bool, alike: bool, mixed: bool) -> None:
    others = [other for other in ("tanh", "relu", "sigmoid") if other != name][: MOST_BRANCHES - 1]
    names = (name, *others)
    kinds = [0 if alike else number % len(names) for number in range(MEMBERS)]
    values = tf.constant(real_units()) * drawn(MEMBERS, UNITS, ROWS)
    kept = np.float32(np.random.default_rng(5).random((MEMBERS, UNITS, ROWS)) < 0.7)
    gradient = tf.constant(real_units()) * drawn(MEMBERS, UNITS, ROWS)
    left, way_back = activate(
        names,
        values,
        layer_of(kinds),
        tf.constant(kept - 0.5) if dropout else None,
        mixed=mixed,
    )
    returned = way_back(gradient)
    for member, kind in enumerate(kinds):
        own = values[member : member + 1, :REAL]
        with tf.GradientTape() as tape:
            tape.watch(own)
            given = plain(names[kind], own) * (kept[member : member + 1, :REAL] if dropout else 1.0)
        slope = tape.gradient(given, own, gradient[member : member + 1, :REAL])
        np.testing.assert_allclose(left[member, :REAL], given[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(returned[member, :REAL], slope[0], rtol=1e-5, atol=1e-6)
    if "sigmoid" not in names:
        assert not np.any(left[:, REAL:])
    assert not np.any(returned[:, REAL:])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_padding_gives_something_only_where_the_gradient_after_it_is_masked(name: str) -> None:
    given = plain(name, tf.zeros((1, 4, 4)))
    assert bool(np.any(given)) == (name in FROM_NOTHING)


@pytest.mark.parametrize("name", sorted(ZERO_AT_ZERO))
def test_no_gradient_passes_where_dropout_left_nothing(name: str) -> None:
    left = tf.zeros((2, 4, 4))
    assert not np.any(ACTIVATION_OF[name].backward(drawn(2, 4, 4), drawn(2, 4, 4), left))
