"""Where the pixels go: mirrored, moved, turned, made larger or smaller."""

from __future__ import annotations

from math import pi

import tensorflow as tf

from evo_nas.config import Augmentation
from evo_nas.training.augmentation.draws import Draws, around


def flipped(images: tf.Tensor, draws: Draws, share: float) -> tf.Tensor:
    """Images [b, height, width, channels], a share of them mirrored left to right."""
    return tf.where(_by_image(draws.flip < share), tf.reverse(images, axis=[2]), images)


def moved(images: tf.Tensor, draws: Draws, strengths: Augmentation) -> tf.Tensor:
    """Images float32 [b, height, width, channels], shifted, turned and zoomed by one resampling each.

    Bilinear between pixels; beyond the edge the image goes on as in a mirror. Shifts are of whole pixels: by
    themselves they cut and pad, as the random crops of He et al. (2016), and blur nothing.
    """
    height, width = images.shape[1:3]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=_transforms(draws, strengths, height, width),
        output_shape=(height, width),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )


def _transforms(draws: Draws, strengths: Augmentation, height: int, width: int) -> tf.Tensor:
    """From places in the new image to places in the old one, float32 [b, 8]: turned and zoomed about the middle."""
    angle = around(draws.rotation, strengths.rotation * pi / 180.0)
    larger = around(draws.zoom, strengths.zoom)
    # No exponential and no division: TensorFlow rounds them differently at different places of a batch.
    scale = 1.0 - larger * tf.where(larger < 0.0, 1.0, 1.0 / (1.0 + strengths.zoom))
    along, across = tf.cos(angle) * scale, tf.sin(angle) * scale
    y, x = (height - 1) / 2.0, (width - 1) / 2.0
    down = tf.round(around(draws.shift_y, strengths.shift * height))
    right = tf.round(around(draws.shift_x, strengths.shift * width))
    nothing = tf.zeros_like(along)
    rows = (along, -across, x - along * x + across * y - right, across, along, y - across * x - along * y - down)
    return tf.stack([*rows, nothing, nothing], axis=1)


def _by_image(values: tf.Tensor) -> tf.Tensor:
    """[b] as [b, 1, 1, 1]."""
    return values[:, None, None, None]
