"""A child begins with what its parent has learnt.

`units.py` says which unit stands for which, `activations.py` where a layer can be put in unnoticed, `normalization.py`
what batch normalisation makes of it; `dense.py` and `convolutional.py` put them together, one for each encoding.
Nothing heavy is imported here. `ancestors.py` finds the parent's weights, or trains them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evo_nas.training.inheritance.convolutional import convolutional_weights
from evo_nas.training.inheritance.dense import dense_weights
from evo_nas.training.inheritance.normalization import Parts
from evo_nas.training.inheritance.units import Array
from genomes import Genome

Inherit = Callable[[Genome, Parts, Genome, Parts, np.random.Generator], dict[str, Array]]

INHERITING: Mapping[str, Inherit] = {"mlp": dense_weights, "cnn": convolutional_weights}
"""Name of an encoding -> (parent, its trained weights, child, its fresh weights, a stream) -> the child's weights."""


def inherited_weights(
    parent: Genome, weights: Parts, child: Genome, drawn: Parts, generator: np.random.Generator
) -> dict[str, Array]:
    """The weights that a child begins with: the parent's wherever they fit, and what was drawn everywhere else.

    parent, child: canonical genomes of one encoding among `INHERITING`. weights, drawn: by path, as `read_weights`
    has them; equal names and shapes as drawn come back. Raises KeyError or ValueError where the weights are not those
    of the parent.
    """
    made = INHERITING[child.encoding](parent, weights, child, drawn, generator)
    for path, values in made.items():
        if values.shape != drawn[path].shape:
            raise ValueError(f"{path}: expected weights of the shape {drawn[path].shape}, got {values.shape}")
    return made
