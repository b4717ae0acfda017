"""Where a network looks, against what can be computed by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from evo_nas.insight import GRAD_CAM, OCCLUSION
from evo_nas.training.attention import attention, last_maps
from evo_nas.training.networks.layers import LOGITS

SHAPE = (12, 8, 3)
IMAGES = np.random.default_rng(1).normal(size=(5, *SHAPE)).astype(np.float32)
CLASSES = np.array([0, 1, 2, 1, 0])


def relative(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    positive = np.maximum(maps, 0.0)
    return positive / positive.max(axis=(1, 2), keepdims=True)


def convolved(inputs: keras.KerasTensor, seed: int, name: str) -> keras.KerasTensor:
    start = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Conv2D(4, 3, padding="same", kernel_initializer=start, name=name)(inputs)


def pooled(maps: keras.KerasTensor, outputs: int) -> keras.KerasTensor:
    start = keras.initializers.GlorotUniform(seed=9)
    return keras.layers.Dense(outputs, kernel_initializer=start, name=LOGITS)(
        keras.layers.GlobalAveragePooling2D()(maps)
    )


def with_block() -> keras.Model:
    """Two convolutions and a skip: what follows the last convolution in its shape is normalised and added."""
    inputs = keras.Input(SHAPE)
    first = keras.layers.MaxPooling2D()(keras.layers.Activation("relu")(convolved(inputs, 1, "a")))
    second = keras.layers.BatchNormalization()(convolved(first, 2, "b"))
    outputs = pooled(keras.layers.Activation("relu")(keras.layers.Add()([first, second])), 3)
    return keras.Model(inputs, keras.layers.Activation("softmax")(outputs))


def on_backbone() -> keras.Model:
    """A network inside a network, frozen, as transfer learning has it."""
    inner = keras.Input(SHAPE)
    backbone = keras.Model(inner, keras.layers.Activation("relu")(convolved(inner, 3, "c")), name="backbone")
    backbone.trainable = False
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, pooled(backbone(inputs), 3))


@pytest.mark.parametrize("model", [with_block, on_backbone])
def test_before_average_pooling_it_is_the_class_activation_map(model: object) -> None:
    """Zhou et al. 2016: with average pooling and one dense layer the maps are weighed by that layer's own weights."""
    network = model()  # type: ignore[operator]
    maps = last_maps(network)
    assert maps is not None
    seen = keras.Model(network.input, maps)(IMAGES, training=False).numpy()
    kernel = network.get_layer(LOGITS).kernel.numpy()
    method, found = attention(network, IMAGES, CLASSES)
    assert (method, found.dtype, found.shape) == (GRAD_CAM, np.float16, seen.shape[:3])
    expected = np.einsum("nijk,kn->nij", seen, kernel[:, CLASSES])
    shown = expected.max(axis=(1, 2)) > 0
    assert shown.any()
    assert found[shown] == pytest.approx(relative(expected[shown]), abs=2e-3)
    assert not found[~shown].any()


def test_of_one_output_the_other_class_is_its_opposite() -> None:
    inputs = keras.Input(SHAPE)
    network = keras.Model(inputs, pooled(keras.layers.Activation("relu")(convolved(inputs, 1, "a")), 1))
    (_, one), (_, other) = (attention(network, IMAGES, np.full(5, label)) for label in (1, 0))
    assert not (one * other).any()
    assert one.any()
    assert other.any()


def test_without_maps_patches_are_covered() -> None:
    """Of a network without hidden layers the score falls by what the patch weighs more than its cover."""
    inputs = keras.Input(SHAPE)
    network = keras.Model(inputs, keras.layers.Dense(3, name=LOGITS)(keras.layers.Flatten()(inputs)))
    assert last_maps(network) is None
    weights = network.get_layer(LOGITS).kernel.numpy().reshape(*SHAPE, 3)
    each = (IMAGES - IMAGES.mean(axis=(0, 1, 2))) * np.moveaxis(weights[..., CLASSES], -1, 0)
    expected = each.sum(axis=3).reshape(5, 6, 2, 4, 2).sum(axis=(2, 4))
    method, found = attention(network, IMAGES, CLASSES)
    assert method == OCCLUSION
    assert found == pytest.approx(relative(expected), abs=2e-3)


def test_maps_of_a_single_place_say_nothing() -> None:
    inputs = keras.Input((3, 3, 1))
    maps = keras.layers.Conv2D(2, 3)(inputs)
    network = keras.Model(inputs, keras.layers.Dense(2, name=LOGITS)(keras.layers.Flatten()(maps)))
    assert last_maps(network) is None
    method, found = attention(network, np.ones((1, 3, 3, 1), np.float32), np.array([1]))
    assert (method, found.shape, found.max()) == (OCCLUSION, (1, 3, 3), 0.0)  # its cover is the image itself
