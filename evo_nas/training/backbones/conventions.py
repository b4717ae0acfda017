"""What the networks of `keras.applications` expect of pixels, as a first layer, so that all of them take numbers from
-1 to 1 ("symmetric"): the preprocessing is then a gene like any other, and means the same for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

WHITE = 255.0
MEANS, DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, in parts of white."""
BLUE_GREEN_RED_MEANS = (103.939, 116.779, 123.68)

_RAW = ("EfficientNet", "MobileNetV3", "ConvNeXt")
_SYMMETRIC = ("MobileNet", "InceptionV3", "InceptionResNetV2", "Xception", "NASNet")
LAYER = "input_convention"


def convention_of(name: str) -> str:
    """ "raw" (0 to 255), "symmetric" (-1 to 1), "torch" (standardised) or "caffe" (blue first, means subtracted)."""
    if name.startswith(_RAW):
        return "raw"
    if name.startswith(_SYMMETRIC) or (name.startswith("ResNet") and name.endswith("V2")):
        return "symmetric"
    return "torch" if name.startswith("DenseNet") else "caffe"


def with_convention(model: keras.Model, name: str) -> keras.Model:
    """The network for numbers from -1 to 1; itself where it takes them already.

    Colours are mixed by a convolution of 1 x 1 pixels with fixed weights, which no training changes.
    """
    mix, shift = _AFFINE[convention_of(name)]
    if convention_of(name) == "symmetric":
        return model
    inputs = keras.Input(model.inputs[0].shape[1:], name="inputs")
    layer = keras.layers.Conv2D(3, 1, name=LAYER, trainable=False)
    # A call of the network would make it one layer, between whose own layers freezing could not end.
    outputs = model._run_through_graph(layer(inputs), operation_fn=lambda operation: operation)
    joined = keras.Model(inputs, outputs, name=name.lower())
    layer.set_weights([mix.astype(np.float32)[None, None], shift.astype(np.float32)])
    alone = keras.Model.from_config(joined.get_config())  # its layers are in no other network
    alone.set_weights(joined.get_weights())
    return alone


def _affine_maps() -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Convention -> matrix [from, to] and shift [to] for colours from -1 to 1."""
    unit, half = np.eye(3), WHITE / 2
    means, deviations = np.array(MEANS), np.array(DEVIATIONS)
    return {
        "symmetric": (unit, np.zeros(3)),
        "raw": (unit * half, np.full(3, half)),
        "torch": (np.diag(0.5 / deviations), (0.5 - means) / deviations),
        "caffe": (unit[::-1] * half, half - np.array(BLUE_GREEN_RED_MEANS)),
    }


_AFFINE = _affine_maps()
