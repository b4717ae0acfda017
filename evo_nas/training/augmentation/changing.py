"""All kinds of change, one after the other."""

from __future__ import annotations

import tensorflow as tf

from evo_nas.config import Augmentation
from evo_nas.training.augmentation.colour import cut_out, recoloured
from evo_nas.training.augmentation.draws import Draws
from evo_nas.training.augmentation.geometry import flipped, moved
from evo_nas.training.augmentation.mixing import mixed


def augmented(
    images: tf.Tensor, targets: tf.Tensor, strengths: Augmentation, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """A batch for one training step: images [b, height, width, 1 or 3] and targets float32 [b, outputs], changed.

    images: pixels in 0..255, uint8 or float32, before any preprocessing: so a draw means the same under each of them,
    and white stays the whitest there is. They come back as float32 in 0..255. targets: only mixup changes them, and
    every column alike, so that the rows' weights may be one of them. seed: int64 [2], see `draws.batch_seed`; the
    result is a function of it and of the batch, the same bits on every worker, and only mixup looks from one image at
    another. A change that is off is no part of the graph: without any, everything comes back as it is.
    """
    if not strengths.on:
        return images, targets
    images, draws = tf.cast(images, tf.float32), Draws.of(seed, tf.shape(images)[0])
    if strengths.flip:
        images = flipped(images, draws, strengths.flip)
    if strengths.shift or strengths.rotation or strengths.zoom:
        images = moved(images, draws, strengths)
    if strengths.colour:
        images = recoloured(images, draws, strengths.colour)
    if strengths.cutout:
        images = cut_out(images, draws, strengths.cutout)
    if strengths.mixup:
        images, targets = mixed(images, targets, draws, strengths.mixup, seed)
    return images, targets
