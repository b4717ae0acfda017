"""Where a network looked in an image for the class that it predicts.

Grad-CAM (Selvaraju et al. 2017) at the maps of the last convolution; where there are none, or they have fewer than two
places each way, occlusion (Zeiler and Fergus 2014): how far the class's score falls when a patch is covered. We cover
with the mean of the shown images, score before the sigmoid or softmax, which saturate, and keep what speaks for the
class alone.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.insight import GRAD_CAM, OCCLUSION
from evo_nas.training.networks.layers import LOGITS

PATCHES = 8
"""Places each way that are covered, at most."""
ROWS_AT_ONCE = 32

Maps = NDArray[np.float16]
Inputs = NDArray[np.generic]
_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
_PASSED = (
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
)


def attention(model: keras.Model, inputs: Inputs, classes: NDArray[np.int64]) -> tuple[str, Maps]:
    """How it was measured, and float16 [images, rows, columns] in [0, 1], the strongest place of an image 1.

    model: with a layer named `LOGITS`. inputs: what it takes, [images, height, width, channels]. classes: of each image
    the class whose evidence is sought, int64 [images]; of one output, 1 is its sign and 0 the other.
    """
    maps = last_maps(model)
    if maps is not None:
        return GRAD_CAM, _relative(_grad_cam(model, maps, inputs, classes))
    return OCCLUSION, _relative(_occlusion(model, inputs, classes))


def last_maps(model: keras.Model) -> keras.KerasTensor | None:
    """The maps of the last convolution with what follows it, up to the last pooling: normalisation, activation, sum.

    None where no layer convolves, or the maps have fewer than two places each way.
    """
    if not any(_convolves(layer) for layer in model.layers):
        return None
    maps = next((layer.input for layer in model.layers if _leaves_images(layer)), None)
    makers = {id(layer.output): layer for layer in model.layers}
    while maps is not None and isinstance(makers.get(id(maps)), _PASSED):
        maps = makers[id(maps)].input
    return maps if maps is not None and min(maps.shape[1:3]) >= 2 else None


def _leaves_images(layer: keras.layers.Layer) -> bool:
    """Whether it takes maps and gives one row of numbers."""
    taken = layer.input
    return isinstance(taken, keras.KerasTensor) and len(taken.shape) == 4 and len(layer.output.shape) == 2


def _convolves(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.Model):
        return any(_convolves(inner) for inner in layer.layers)
    return isinstance(layer, _CONVOLUTIONS)


def _grad_cam(
    model: keras.Model, maps: keras.KerasTensor, inputs: Inputs, classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    to_maps, to_scores = keras.Model(model.input, maps), keras.Model(maps, model.get_layer(LOGITS).output)
    pieces = [_grad_cam_of(to_maps, to_scores, inputs[rows], classes[rows]) for rows in _pieces(len(inputs))]
    return np.concatenate(pieces)


def _grad_cam_of(
    to_maps: keras.Model, to_scores: keras.Model, inputs: Inputs, classes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Maps weighed by the mean of the score's gradient over their places, their sum where it is positive."""
    maps = to_maps(inputs, training=False)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(maps)
        scores = _scores(to_scores(maps, training=False), classes)
    gradient = tf.cast(tape.gradient(scores, maps), tf.float32)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    summed: NDArray[np.float32] = tf.reduce_sum(weights * tf.cast(maps, tf.float32), axis=3).numpy()
    return summed


def _occlusion(model: keras.Model, inputs: Inputs, classes: NDArray[np.int64]) -> NDArray[np.float32]:
    to_scores = keras.Model(model.input, model.get_layer(LOGITS).output)
    height, width = inputs.shape[1:3]
    size = max(1, -(-max(height, width) // PATCHES))
    cover = inputs.mean(axis=(0, 1, 2), dtype=np.float64).astype(inputs.dtype)
    whole = _all_scores(to_scores, inputs, classes)
    falls = np.empty((len(inputs), -(-height // size), -(-width // size)), dtype=np.float32)
    for row in range(falls.shape[1]):
        for column in range(falls.shape[2]):
            covered = inputs.copy()
            covered[:, row * size : (row + 1) * size, column * size : (column + 1) * size] = cover
            falls[:, row, column] = whole - _all_scores(to_scores, covered, classes)
    return falls


def _all_scores(to_scores: keras.Model, inputs: Inputs, classes: NDArray[np.int64]) -> NDArray[np.float32]:
    pieces = [_scores(to_scores(inputs[rows], training=False), classes[rows]).numpy() for rows in _pieces(len(inputs))]
    return np.concatenate(pieces)


def _scores(logits: tf.Tensor, classes: NDArray[np.int64]) -> tf.Tensor:
    """The score of each image's class, float32 [images]."""
    logits = tf.cast(logits, tf.float32)
    if logits.shape[1] == 1:
        return logits[:, 0] * tf.constant(np.where(classes == 1, 1.0, -1.0), tf.float32)
    return tf.gather(logits, tf.constant(classes), axis=1, batch_dims=1)


def _pieces(num_rows: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_ONCE) for start in range(0, num_rows, ROWS_AT_ONCE)]


def _relative(maps: NDArray[np.float32]) -> Maps:
    """What speaks for the class, for the most that does; 0 everywhere where nothing does."""
    positive = np.maximum(np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
    most = positive.max(axis=(1, 2), keepdims=True)
    relative = np.divide(positive, most, out=np.zeros_like(positive), where=most > 0)
    return np.asarray(relative, dtype=np.float16)
