"""The shapes in which a member's bits do not depend on its cohort (law 4), for the program and who predicts its cost.

Nothing heavy is imported here. The constants are read when the functions are called: an experiment can set others.
"""

from __future__ import annotations

TILE = 16
"""What is computed at once is a multiple of it. The numbers of a member then fill whole vector registers wherever they
lie, and none is computed by the scalar code for left-overs, which rounds differently (law 4; measured on AVX-512)."""

LEAST_PLACES = 4
"""A product of fewer matrices takes another path through TensorFlow's kernels, with other bits (law 4). Numbers of
places are multiples of it."""

WIDTH_TILE = TILE // LEAST_PLACES
"""Of what is computed for all places at once, the smallest multiple of units that fills whole registers."""


def tiled(size: int) -> int:
    """The next multiple of `TILE`."""
    return -(-size // TILE) * TILE


def padded_width(width: int, *, alike: bool) -> int:
    """To how many units a cohort's layers are padded, of which the widest has `width`.

    alike: whether in each layer all members have the same activation. It is then applied to all places at once;
    otherwise to the members of each activation, and that may be a single one.
    """
    apart = WIDTH_TILE if alike else TILE
    return -(-width // apart) * apart


def places_for(count: int) -> int:
    """For how many places something is computed that so many members want."""
    return -(-count // LEAST_PLACES) * LEAST_PLACES
