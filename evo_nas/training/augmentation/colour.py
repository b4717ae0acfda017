"""What the pixels say: brightness, contrast, saturation, and a square of nothing."""

from __future__ import annotations

import tensorflow as tf

from evo_nas.training.augmentation.draws import Draws, around

LUMINANCE = (0.299, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601, as Pillow and TensorFlow turn colour into grey)."""
WHITE = 255.0


def recoloured(images: tf.Tensor, draws: Draws, strength: float) -> tf.Tensor:
    """Images float32 [b, height, width, 1 or 3] in 0..255: brighter or darker, with more or less contrast and, where
    they have colours, more or less of them; what would be darker than black or lighter than white is cut off.

    Brightness is a factor, contrast stretches away from the image's mean grey, saturation away from each pixel's own.
    """
    images = images * _factor(draws.brightness, strength)
    mean = tf.reduce_mean(_grey(images), axis=(1, 2, 3), keepdims=True)
    images = mean + (images - mean) * _factor(draws.contrast, strength)
    if images.shape[3] == len(LUMINANCE):
        grey = _grey(images)
        images = grey + (images - grey) * _factor(draws.saturation, strength)
    return tf.clip_by_value(images, 0.0, WHITE)


def cut_out(images: tf.Tensor, draws: Draws, side: float) -> tf.Tensor:
    """Images float32 [b, height, width, channels], a square of each covered with the image's mean colour.

    side: of the square, as a share of the shorter side; one pixel at least. Its middle is any pixel, so that some of it
    may lie outside (DeVries and Taylor 2017, who cover with the mean of all images: what a network takes for nothing).
    """
    height, width = images.shape[1:3]
    pixels = max(1, round(side * min(height, width)))
    down = _covered(draws.cutout_y, height, pixels)[:, :, None, None]
    across = _covered(draws.cutout_x, width, pixels)[:, None, :, None]
    return tf.where(down & across, tf.reduce_mean(images, axis=(1, 2), keepdims=True), images)


def _covered(draw: tf.Tensor, length: int, pixels: int) -> tf.Tensor:
    """Which places along a side of the image the square covers, bool [b, length]."""
    first = tf.floor(draw * length) - pixels // 2
    places = tf.range(length, dtype=tf.float32)[None, :]
    return (places >= first[:, None]) & (places < first[:, None] + pixels)


def _grey(images: tf.Tensor) -> tf.Tensor:
    """[b, height, width, 1]."""
    if images.shape[3] == 1:
        return images
    return tf.reduce_sum(images * tf.constant(LUMINANCE), axis=3, keepdims=True)


def _factor(draw: tf.Tensor, strength: float) -> tf.Tensor:
    """From 1 - strength to 1 + strength, [b, 1, 1, 1]."""
    return 1.0 + around(draw, strength)[:, None, None, None]
