"""What a layer is, in a word and in a colour, wherever networks are drawn."""

from __future__ import annotations

from evo_nas.report.network_rows import BACKBONE, Row
from evo_nas.report.style import ACCENT, BLUE

COLOURS = {
    "input": "#7a7f87",
    "dense": BLUE,
    "conv": "#2a9d8f",
    "depthwise": "#6cbfb4",
    "backbone thawed": "#c77d3a",
    "backbone": "#5f7c8a",
    "batch normalization": "#e0a458",
    "activation": "#a9c7dc",
    "pooling": "#b5a6d6",
    "add": ACCENT,
    "flatten": "#c9cdd2",
    "crop": "#c9cdd2",
    "dropout": "#ffffff",
}
"""Kind of a layer and its detail, or how they begin -> colour; told apart without colour too, by words and heights."""
OTHER_COLOUR = "#8d86c9"


def words_of(row: Row) -> str:
    """What is written beside a row, in few words."""
    if not row.kind:
        return f"⋮   {row.times:,} more layers"
    if row.kind == "activation" and row.detail:
        return row.detail
    if row.kind == BACKBONE:
        state, _, name = row.detail.partition(" ")
        return f"{name}, {state}"
    kind = "depthwise" if row.kind == "depthwise convolution" else row.kind
    return f"{kind} {row.detail}".strip()


def kind_of(row: Row) -> str:
    """The key of `COLOURS` that a row belongs to, or "other"."""
    words = f"{row.kind} {row.detail}"
    return next((name for name in COLOURS if words.startswith(name)), "other")


def colour_of(row: Row) -> str:
    """Of its bar."""
    return COLOURS.get(kind_of(row), OTHER_COLOUR)
