"""The shapes in which a member's bits do not depend on its cohort (law 4), for the program and who predicts its cost.

Nothing heavy is imported here. `TILE` is read when the functions are called: an experiment can set another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Whole = int | Array

TILE = 16
"""What is computed at once is a multiple of it. The numbers of a member then fill whole vector registers wherever they
lie, and none is computed by the scalar code for left-overs, which rounds differently (law 4; measured on AVX-512)."""

LEAST_PLACES = 4
"""A product of fewer matrices takes another path through TensorFlow's kernels, with other bits (law 4). Numbers of
places are multiples of it."""

WIDTH_TILE = TILE // LEAST_PLACES
"""Of what is computed for all places at once, the smallest multiple of units that fills whole registers."""

PLACES_APART = 8
FEW_PLACES = 32
"""Up to so many members, numbers of places are multiples of `PLACES_APART`, but for the smallest, and widths of `TILE`.
For each new shape of a product oneDNN keeps a third of a megabyte, up to a thousand shapes, and small cohorts are many;
larger ones repay it."""


def tiled(size: int) -> int:
    """The next multiple of `TILE`."""
    return -(-size // TILE) * TILE


def biased_columns(num_inputs: int) -> int:
    """How many columns data have that begin with one of ones: padded to whole registers where a quarter more will do.

    The gradient of the first kernel has as many, and is computed an eighth faster without left-overs.
    """
    columns = num_inputs + 1
    padded = tiled(columns)
    return padded if 4 * padded <= 5 * columns else columns


def padded_width(width: Whole, *, num_members: Whole, alike: bool | Array) -> Array:
    """To how many units a cohort's layers are padded, of which the widest has `width`. Of numbers, or of arrays.

    alike: whether all layers of all members have the same activation. It is then applied to all places at once;
    otherwise to the members of each activation, and that may be a single one.
    """
    apart = np.where(np.asarray(alike) & (np.asarray(num_members) > FEW_PLACES), WIDTH_TILE, TILE)
    return -(-np.asarray(width) // apart) * apart


def places_for(count: Whole, *, num_members: Whole) -> Array:
    """For how many places a layer is computed that so many of a cohort's members have. Of numbers, or of arrays."""
    wanted = np.asarray(count)
    apart = np.where((wanted > LEAST_PLACES) & (np.asarray(num_members) <= FEW_PLACES), PLACES_APART, LEAST_PLACES)
    return -(-wanted // apart) * apart
