"""Numbers and texts for a person, of bounded length."""

from __future__ import annotations

from typing import Any

LONGEST_TEXT = 2_000
"""Characters of a text that are kept; a hostile one would fill the page."""


def cut(text: str) -> str:
    """A text of bounded length, without halves of characters."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole if len(whole) <= LONGEST_TEXT else f"{whole[:LONGEST_TEXT]}… ({len(whole):,} characters)"


def shown(value: Any) -> str:
    """A value for a person: four significant digits, thousands apart, texts as they are."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**15 else "more than 10^15"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1000 <= abs(value) < 10**15 else f"{value:.4g}"
    return cut(str(value))


def duration(seconds: float | None) -> str:
    """Such as "48 s", "12 min" or "3.4 h"."""
    if seconds is None:
        return "–"
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
