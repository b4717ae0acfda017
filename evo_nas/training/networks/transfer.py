"""The network of a genome on a pretrained backbone: the part of it that is trained, and the whole of it.

What is trained begins where freezing ends: the thawed blocks, one layer of the network named `THAWED`, then pooling,
then the head, a dense network. What is saved goes from pixels to probabilities.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import keras
import numpy as np
from numpy.typing import NDArray

from evo_nas.config import Task
from evo_nas.training.backbones.store import OpenBackbone, open_backbone
from evo_nas.training.networks.dense import headed
from evo_nas.training.networks.layers import Arithmetic, outer_type
from genomes import Genome, Shape
from genomes.backbone import END
from genomes.transfer_size import head_of, num_logits

FROZEN, THAWED = "frozen", "thawed"
POOLING = "pooling"
NOISE = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
)
"""Layers that do something in training only; in a thawed part they would be noise that no gene asks for."""

_pretrained: WeakKeyDictionary[keras.Model, list[NDArray[np.float32]]] = WeakKeyDictionary()
"""A part of a backbone -> the weights that its training begins with."""


def build_transfer(
    genome: Genome, input_shape: Shape, num_outputs: int, task: Task, precision: Arithmetic
) -> keras.Model:
    """The trained part: float32 features of the frozen part [rows, ...] -> float32 [rows, outputs].

    Features are pooled already where the whole backbone is frozen. Batch normalisation of the backbone stays in
    inference mode, with its scale and shift as they are (`trainable = False`, which is how Keras says that): its
    statistics are those of millions of images, and a batch of a small set would only spoil them. Raises UserError where
    the backbone is not to be found.
    """
    backbone = open_backbone(str(genome.genes["backbone_digest"]))
    outer = outer_type(precision)
    cut = backbone.cut(str(genome.genes["frozen_until"]))
    if genome.genes["frozen_until"] == END:
        shape = pooled(cut, genome).shape[1:]
        inputs = keras.Input(shape, name="inputs", dtype=outer)
        return keras.Model(inputs, _headed(inputs, genome, num_outputs, task, precision), name="network")
    inputs = keras.Input(cut.shape[1:], name="inputs", dtype=outer)
    values = pooled(_thawed_part(backbone, cut, precision)(inputs), genome)
    return keras.Model(inputs, _headed(values, genome, num_outputs, task, precision), name="network")


def build_from_pixels(
    genome: Genome, input_shape: Shape, num_outputs: int, task: Task, precision: Arithmetic
) -> keras.Model:
    """As `build_transfer`, but from images on: for those that change from epoch to epoch, whose features cannot be
    kept. The frozen part computes in every step; what is trained is the same.
    """
    backbone = open_backbone(str(genome.genes["backbone_digest"]))
    cut = backbone.cut(str(genome.genes["frozen_until"]))
    inputs = keras.Input(input_shape, name="inputs", dtype=outer_type(precision))
    values = _part(keras.Model(backbone.model.inputs[0], cut, name=FROZEN), precision, trainable=False)(inputs)
    if genome.genes["frozen_until"] != END:
        values = _thawed_part(backbone, cut, precision)(values)
    outputs = _headed(pooled(values, genome), genome, num_outputs, task, precision)
    return keras.Model(inputs, outputs, name="network")


def _thawed_part(backbone: OpenBackbone, cut: keras.KerasTensor, precision: Arithmetic) -> keras.Model:
    return _part(keras.Model(cut, backbone.model.outputs[0], name=THAWED), precision, trainable=True)


def _part(template: keras.Model, precision: Arithmetic, *, trainable: bool) -> keras.Model:
    """Some blocks of a backbone as layers of their own, with the pretrained weights."""

    def cloned(layer: keras.layers.Layer) -> keras.layers.Layer:
        if isinstance(layer, NOISE):
            return keras.layers.Activation("linear", name=layer.name)
        copy = layer.__class__.from_config({**layer.get_config(), "dtype": precision})
        copy.trainable = trainable and not isinstance(layer, keras.layers.BatchNormalization)
        return copy

    part = keras.models.clone_model(template, clone_function=cloned)
    _pretrained[part] = template.get_weights()
    restart(part)
    return part


def restart(part: keras.Model) -> None:
    """Give a part of a backbone the weights that its training begins with."""
    part.set_weights(_pretrained[part])


def pooled(values: keras.KerasTensor, genome: Genome) -> keras.KerasTensor:
    """Features of each row as one list of numbers."""
    if len(values.shape) == 2:
        return values
    pooling = {
        "average": keras.layers.GlobalAveragePooling2D,
        "max": keras.layers.GlobalMaxPooling2D,
        "flatten": keras.layers.Flatten,
    }[str(genome.genes["pooling"])]
    return pooling(name=POOLING)(values)


def _headed(
    values: keras.KerasTensor, genome: Genome, num_outputs: int, task: Task, precision: Arithmetic
) -> keras.KerasTensor:
    return headed(values, head_of(genome), num_logits(genome, num_outputs), task, precision)


def whole_network(trained: keras.Model, genome: Genome, num_outputs: int, task: Task) -> keras.Model:
    """The network from images, preprocessed, to outputs, with the weights of its trained part.

    Of its layers those of the backbone bear their own names, and none is trainable that was frozen.
    """
    backbone = open_backbone(str(genome.genes["backbone_digest"]))
    body = keras.models.clone_model(backbone.model)
    body.set_weights(backbone.model.get_weights())
    values = pooled(body.outputs[0], genome)
    network = keras.Model(body.inputs[0], _headed(values, genome, num_outputs, task, "float32"), name="network")
    weights = {weight.path: weight for weight in network.weights}
    for weight in trained.weights:
        weights[weight.path].assign(weight.numpy())
    _freeze(network, {weight.path for weight in trained.trainable_weights})
    return network


def _freeze(network: keras.Model, trained: set[str]) -> None:
    for layer in network.layers:
        layer.trainable = any(weight.path in trained for weight in layer.weights)
