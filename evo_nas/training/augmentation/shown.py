"""Augmented images for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from evo_nas.config import Augmentation
from evo_nas.training.augmentation.changing import augmented
from evo_nas.training.augmentation.draws import batch_seed


def shown(images: NDArray[np.uint8], strengths: Sequence[Mapping[str, float]], *, key: int) -> NDArray[np.uint8]:
    """Images uint8 [n, height, width, channels] as one batch under each of some strengths, changed as in a training.

    Returns uint8 [strengths, n, height, width, channels], rounded. key: of the draws, 0 or more.
    """
    seed, nothing = batch_seed(tf.constant(key, tf.int64), tf.constant(0)), tf.zeros((len(images), 1))
    batches = [
        augmented(tf.constant(images), nothing, Augmentation.model_validate(dict(one)), seed)[0] for one in strengths
    ]
    return np.stack([np.clip(np.rint(np.asarray(batch)), 0, 255).astype(np.uint8) for batch in batches])
