"""Mixup: images and their targets on the way to those of another image of the batch (Zhang et al. 2018)."""

from __future__ import annotations

import tensorflow as tf

from evo_nas.training.augmentation.draws import Draws

_OTHER_DRAW = 2**62
"""What the gamma numbers' seed differs in from that of the other draws."""


def mixed(
    images: tf.Tensor, targets: tf.Tensor, draws: Draws, alpha: float, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Images float32 [b, height, width, channels] and targets float32 [b, outputs], mixed alike.

    Each image keeps a share of its own, drawn from Beta(alpha, alpha), and gets the rest from the one before it in the
    batch, the first from the last: batches are in random order. The paper draws one share for a whole batch.
    """
    share = _beta(draws, alpha, seed)
    pixels, values = share[:, None, None, None], share[:, None]
    return (
        pixels * images + (1.0 - pixels) * tf.roll(images, 1, axis=0),
        values * targets + (1.0 - values) * tf.roll(targets, 1, axis=0),
    )


def _beta(draws: Draws, alpha: float, seed: tf.Tensor) -> tf.Tensor:
    """Beta(alpha, alpha), float32 [b]: one gamma number as a share of two.

    In logarithms, and by gamma(alpha) = gamma(alpha + 1) * uniform^(1 / alpha), since the gamma numbers of a small
    alpha are too small for 32 bits, and 0 / 0 no share.
    """
    shape = (tf.shape(draws.mixup_one)[0], 2)
    gammas = tf.math.log(tf.random.stateless_gamma(shape, seed ^ _OTHER_DRAW, alpha=alpha + 1.0))
    uniforms = tf.math.log1p(-tf.stack([draws.mixup_one, draws.mixup_other], axis=1)) / alpha
    logs = gammas + uniforms
    return tf.sigmoid(logs[:, 0] - logs[:, 1])
