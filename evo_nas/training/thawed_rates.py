"""A smaller learning rate for the thawed part of a pretrained network, in the same optimizer.

Gradients that are made smaller would not do: Adam and its kin divide by the size of the gradients, so that a factor
cancels. What is scaled here is the rate that the update of each variable is given, so a step is the same, to the
rounding of one product, as that of two optimizers with a rate each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import keras

from evo_nas.training.networks.layers import LOGITS

OF_THE_HEAD = re.compile(rf"(hidden_\d+|normalization_\d+|{LOGITS})/")
"""How the paths of the head's weights begin; no layer of a backbone may be named so (`backbones/blocks.py`)."""


def slow_thawed_part(optimizer: keras.optimizers.Optimizer, share: float) -> None:
    """Let every variable outside the head be updated, and decayed, at a share of the optimizer's learning rate.

    To be called before the optimizer is built; then its variables say where they are. share: above 0, at most 1.
    """
    build, update, decay = optimizer.build, optimizer.update_step, optimizer._apply_weight_decay
    slow: set[Any] = set()

    def is_slow(variable: Any) -> bool:
        return optimizer._var_key(variable) in slow

    def built(variables: Sequence[keras.Variable]) -> None:
        slow.update(optimizer._var_key(each) for each in variables if not OF_THE_HEAD.match(each.path))
        build(variables)

    def updated(gradient: Any, variable: Any, learning_rate: Any) -> None:
        update(gradient, variable, learning_rate * share if is_slow(variable) else learning_rate)

    def decayed(variables: Sequence[Any]) -> None:
        decay([each for each in variables if not is_slow(each)])
        weight_decay = optimizer.weight_decay
        if weight_decay is not None:  # what is taken off is the product of both
            optimizer.weight_decay = weight_decay * share
            decay([each for each in variables if is_slow(each)])
            optimizer.weight_decay = weight_decay

    optimizer.build, optimizer.update_step, optimizer._apply_weight_decay = built, updated, decayed
