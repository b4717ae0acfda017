"""The handlers of `watched_tasks.py` over programs that pad everything to multiples of 4, as law 4 does not allow.

For one purpose: to know what is left of the price of padding, rows and small cohorts' widths to 16.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evo_nas.training import places
from experiments.watched_tasks import HANDLERS, watch

NARROW_TILE = 4


def prepare(device: Mapping[str, Any]) -> None:
    """As there, with narrow padding; before anything has read the width of a tile."""
    places.TILE = NARROW_TILE
    watch(device)


__all__ = ["HANDLERS", "prepare"]
