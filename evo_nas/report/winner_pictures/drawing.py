"""All pictures that there are of a winner, as files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from evo_nas.insight import MISTAKES, SAMPLE, WinnerInsight
from evo_nas.report.winner_pictures.confusion_picture import draw_confusion
from evo_nas.report.winner_pictures.fit_picture import draw_fit
from evo_nas.report.winner_pictures.image_grids import draw_attention, draw_group

PICTURES = {
    "confusion": ("png", "svg"),
    "fit": ("png", "svg"),
    "predictions": ("png",),
    "mistakes": ("png",),
    "attention": ("png",),
}
"""Name -> formats. Images are dots already, so they have no lines to keep."""

Draw = Callable[[list[Path], WinnerInsight], None]


def draw_winner(folder: Path, insight: WinnerInsight) -> list[Path]:
    """Draw into a folder what can be drawn, delete what is there of an earlier winner, and return what was written."""
    due = _due(insight)
    written = []
    for name, suffixes in PICTURES.items():
        paths = [folder / f"{name}.{suffix}" for suffix in suffixes]
        if name in due:
            due[name](paths, insight)
            written += paths
        else:
            _delete(paths)
    return written


def _due(insight: WinnerInsight) -> dict[str, Draw]:
    due: dict[str, Draw] = {}
    if insight.confusion.size:
        due["confusion"] = draw_confusion
    if len(insight.fit):
        due["fit"] = draw_fit
    if SAMPLE in insight.shown:
        due["predictions"] = lambda paths, insight: draw_group(paths, insight, SAMPLE)
    if MISTAKES in insight.shown:
        due["mistakes"] = lambda paths, insight: draw_group(paths, insight, MISTAKES)
    if any(group.has_attention for group in insight.shown.values()):
        due["attention"] = draw_attention
    return due


def _delete(paths: list[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError):
            path.unlink()
