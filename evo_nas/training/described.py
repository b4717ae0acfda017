"""What a gene may be, read from the plain data in which `Encoding.describe` has it: fixed, listed, or a range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def values_of(described: Any) -> list[Any]:
    """All values of a gene; of a range its two ends."""
    if isinstance(described, Mapping):
        return list(described["values"]) if "values" in described else [described["low"], described["high"]]
    return list(described) if isinstance(described, list | tuple) else [described]


def reaches(described: Any, low: float, high: float) -> bool:
    """Whether a gene of whole numbers may have a value from low to high, both included."""
    if isinstance(described, Mapping) and "low" in described:
        return bool(described["low"] <= high and described["high"] >= low)
    return any(low <= value <= high for value in values_of(described))


def text_of(described: Any) -> str:
    """For a person: "9", "9 to 12" or "9, 12"."""
    is_range = isinstance(described, Mapping) and "low" in described
    return (" to " if is_range else ", ").join(map(str, values_of(described)))
