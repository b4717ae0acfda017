"""What a training did epoch by epoch, and how that is written: as numbers, or packed for machines.

Seventeen digits a value are dear to write and to read: a third of a millisecond for a network of fifty epochs, on its
way from the process that trained it into the ledger and the store. Packed, a curve is the bytes of its values.
"""

from __future__ import annotations

import math
import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

Curve = Mapping[str, Sequence[float]]
"""Names such as "train_loss", "validation_roc_auc" -> one value an epoch; one that was not finite is NaN."""


def curves_to_json(curves: Sequence[Curve]) -> list[dict[str, list[float | None]]]:
    """Curves in numbers: null for a value that is not finite."""
    return [{name: [v if math.isfinite(v) else None for v in values] for name, values in c.items()} for c in curves]


def packed_curves(curves: Sequence[Curve]) -> list[dict[str, str]]:
    """Curves packed: each the base 64 of doubles, the lowest byte first; NaN for a value that is not finite."""
    return [{name: _packed(values) for name, values in curve.items()} for curve in curves]


def curves_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Curve, ...]:
    """The inverse of both, to the bit, but for infinities. Raises ValueError or TypeError for what are no curves."""
    if not all(isinstance(curve, Mapping) for curve in data):
        raise ValueError("expected a mapping of curves for each fold")
    return tuple({str(name): _values(written) for name, written in curve.items()} for curve in data)


def _packed(values: Sequence[float]) -> str:
    return b64encode(_little_endian(array("d", [v if math.isfinite(v) else math.nan for v in values]))).decode()


def _values(written: str | Sequence[float | None]) -> tuple[float, ...]:
    if isinstance(written, str):
        values = array("d")
        values.frombytes(b64decode(written, validate=True))
        return tuple([math.nan if value != value else value for value in _little_endian(values)])  # equal to itself
    return tuple(math.nan if value is None else float(value) for value in written)


def _little_endian(values: array[float]) -> array[float]:
    if sys.byteorder == "big":
        values.byteswap()
    return values
