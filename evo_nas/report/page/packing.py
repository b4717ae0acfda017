"""Columns of ten thousand values as short JSON; `source/model.js` unpacks them."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from typing import Any

from genomes import Value

DIGITS = 5
_LARGEST_EXACT = 2**53

Packed = dict[str, Any]


def pack(values: Sequence[Value | None]) -> Packed:
    """One of {"same": value, "length": n}, {"first": n, "length": n} for consecutive numbers, {"numbers": [...]} and
    {"levels": [...], "of": [index or -1]}.

    None, and numbers that JSON does not know, are null or -1. Numbers keep `DIGITS` significant digits.
    """
    plain = [_plain(value) for value in values]
    levels = dict.fromkeys(_key(value) for value in plain if value is not None)
    if len(levels) == 1 and None not in plain:
        return {"same": plain[0], "length": len(plain)}
    if _consecutive(plain):
        return {"first": plain[0], "length": len(plain)}
    if len(levels) > len(plain) // 4 and all(kind == "number" for kind, _ in levels):
        return {"numbers": plain}
    places = {key: place for place, key in enumerate(levels)}
    return {
        "levels": [value for _, value in levels],
        "of": [-1 if value is None else places[_key(value)] for value in plain],
    }


def shortened(value: float | None, digits: int = DIGITS) -> float | int | None:
    """A number with fewer digits; None for one that JSON does not know."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    if not math.isfinite(short):
        return value
    return int(short) if short.is_integer() and abs(short) < _LARGEST_EXACT else short


def deflated(payload: Any) -> str:
    """JSON, deflated (zlib's frame), in base64. Raises ValueError for what is not plain data."""
    text = json.dumps(payload, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return base64.b64encode(zlib.compress(text.encode("ascii"), 7)).decode("ascii")


def _plain(value: Value | None) -> Value | None:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and abs(value) < _LARGEST_EXACT:
        return value
    try:
        return shortened(float(value))
    except OverflowError:
        return None


def _consecutive(plain: Sequence[Value | None]) -> bool:
    first = plain[0] if plain else None
    return type(first) is int and all(value == number for number, value in enumerate(plain, start=first))


def _key(value: Value) -> tuple[str, Value]:
    """True and 1 are two values."""
    return type(value).__name__ if isinstance(value, bool | str) else "number", value
