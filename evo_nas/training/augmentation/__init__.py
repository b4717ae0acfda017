"""Augmentation: the images of a training batch, changed at random inside the graph that trains on them.

`changing.augmented` puts the kinds of change in a row; each has a file. All random numbers come from one keyed draw
(`draws.py`), so a training stays a pure function of its key. Nothing here is ever applied when a network is scored.
"""

from __future__ import annotations

from evo_nas.training.augmentation.changing import augmented
from evo_nas.training.augmentation.draws import batch_seed
from evo_nas.training.augmentation.strengths import strengths_of

__all__ = ["augmented", "batch_seed", "strengths_of"]
