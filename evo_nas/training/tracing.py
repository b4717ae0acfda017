"""The graphs of a program: a piece of an epoch, with all its batches, and the evaluation of a piece.

What is fed to them are places in the inputs, not the rows themselves, so that one array serves all folds. Images come
as bytes and become numbers batch by batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras
import tensorflow as tf

from evo_nas.config import Augmentation
from evo_nas.training.augmentation import augmented, batch_seed
from evo_nas.training.networks.layers import LOGITS

Step = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
InputType = Literal["float32", "uint8"]

_ROWS = tf.TensorSpec((None,), tf.int32)


@dataclass(frozen=True, slots=True)
class InputForm:
    """What a network is fed. dtype: uint8 are images, taken to numbers by the affine map that comes with them.
    augmentation: how the images of a training batch are changed before that.
    """

    dtype: InputType
    augmentation: Augmentation

    def prepared(self, inputs: tf.Tensor, affine: tf.Tensor) -> tf.Tensor:
        """Inputs of a batch as the network takes them: as `Examples.prepared`, on the device."""
        return tf.cast(inputs, tf.float32) * affine[0] + affine[1] if self.dtype == "uint8" else inputs


TABLE_ROWS = InputForm("float32", Augmentation())


def training_step(model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: keras.losses.Loss) -> Step:
    """One step on a batch; returns the sum of the weighted losses of its rows."""
    logits_model = keras.Model(model.input, model.get_layer(LOGITS).output)

    def step(inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            losses = loss(targets, logits_model(inputs, training=True)) * weights
            objective = optimizer.scale_loss(tf.add_n([tf.reduce_mean(losses), *model.losses]))
        optimizer.apply(tape.gradient(objective, model.trainable_variables), model.trainable_variables)
        return tf.reduce_sum(losses)

    return step


def epoch_function(step: Step, model: keras.Model, batch_size: int, form: InputForm) -> Any:
    """(inputs, affine, targets, weights, places, order, key, first, total) -> total: train on a piece of an epoch.

    The batches are consecutive rows of the piece: its inputs at `places`, its targets and weights at `order`. key: of
    the epoch's augmentation; first: how many rows the epoch had before. total: float32, the sum of the losses so far.
    """

    def train(
        inputs: tf.Tensor,
        affine: tf.Tensor,
        targets: tf.Tensor,
        weights: tf.Tensor,
        places: tf.Tensor,
        order: tf.Tensor,
        key: tf.Tensor,
        first: tf.Tensor,
        total: tf.Tensor,
    ) -> tf.Tensor:
        num_rows = tf.size(order)

        def train_batch(start: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = order[start : start + batch_size]
            batch = tf.gather(inputs, places[start : start + batch_size])
            outcomes = tf.gather(targets, rows), tf.gather(weights, rows)
            if form.augmentation.on:
                batch, outcomes = _changed(batch, *outcomes, form.augmentation, batch_seed(key, first + start))
            return start + batch_size, total + step(form.prepared(batch, affine), *outcomes)

        return tf.while_loop(lambda start, _: start < num_rows, train_batch, (0, total), parallel_iterations=1)[1]

    of_batches = (_ROWS, _ROWS, *(tf.TensorSpec((), kind) for kind in (tf.int64, tf.int32, tf.float32)))
    of_rows = tf.TensorSpec((None,), tf.float32)
    return _traced(train, (*_fed(model, form), of_rows, *of_batches))


def evaluation_function(model: keras.Model, loss: keras.losses.Loss, form: InputForm) -> Any:
    """(inputs, affine, targets, places, order) -> what the network says of these rows, and the loss of each."""
    both = keras.Model(model.input, [model.get_layer(LOGITS).output, model.output])

    def evaluate(
        inputs: tf.Tensor, affine: tf.Tensor, targets: tf.Tensor, places: tf.Tensor, order: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        logits, outputs = both(form.prepared(tf.gather(inputs, places), affine), training=False)
        return outputs, loss(tf.gather(targets, order), logits)

    return _traced(evaluate, (*_fed(model, form), _ROWS, _ROWS))


def _changed(
    images: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, strengths: Augmentation, seed: tf.Tensor
) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.Tensor]]:
    """Images in other places and colours; mixed targets weigh what their parts weigh."""
    changed, mixed = augmented(images, tf.concat([targets, weights[:, None]], axis=1), strengths, seed)
    return tf.ensure_shape(changed, images.shape), (mixed[:, :-1], mixed[:, -1])


def _fed(model: keras.Model, form: InputForm) -> tuple[tf.TensorSpec, ...]:
    """Inputs, affine map and targets. Where the channels of images were not known, convolutions would take half as
    long again.
    """
    inputs = tf.TensorSpec((None, *model.input_shape[1:]), form.dtype)
    channels = model.input_shape[-1] if form.dtype == "uint8" else 0
    return inputs, tf.TensorSpec((2, channels), tf.float32), tf.TensorSpec((None, model.output_shape[1]), tf.float32)


def _traced(function: Callable[..., Any], signature: tuple[tf.TensorSpec, ...]) -> Any:
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()
