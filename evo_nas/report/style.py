"""How our pictures look: plain axes, one accent, a palette for the colour-blind, and files that appear whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.atomic import write_atomically
from evo_nas.report.png import png_of

INK = "#222222"
FAINT = "#8a8a8a"
HAIRLINE = "#d9d9d9"
ACCENT = "#d1495b"
BLUE = "#2a6f97"
PALETTE = "viridis"
"""Perceptually uniform, and read alike by the colour-blind (Smith and van der Walt, 2015)."""

_DOTS_AN_INCH = 150


def new_figure(width: float, height: float, *, constrained: bool = True) -> Any:
    """An empty `matplotlib.figure.Figure` of that many inches, tied to no window and to no global state.

    constrained: whether room is looked for when it is drawn. Where `axes_within` says where everything is, there is no
    need to: it measures each text twice, a third of the time that drawing takes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=_DOTS_AN_INCH, facecolor="white")
    figure.set_layout_engine("constrained" if constrained else "none")
    FigureCanvasAgg(figure)
    return figure


def axes_within(figure: Any, *, left: float, right: float, above: float, below: float) -> Any:
    """Axes that leave so many inches free on each side."""
    width, height = figure.get_size_inches()
    size = 1.0 - (left + right) / width, 1.0 - (above + below) / height
    return figure.add_axes((left / width, below / height, *size))


def plain_axes(axes: Any, *, x: str, y: str, title: str = "") -> None:
    """One spine, faint horizontal lines, a title that is a sentence, and a name on each axis.

    title: none where whoever draws writes it elsewhere.
    """
    if title:
        write_title(axes, title)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=name_size(y), color=INK)
    axes.grid(axis="y", color=HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=FAINT, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(HAIRLINE)


def write_title(axes: Any, title: str, *, start: float = 0.0, most_letters: int = 1000) -> None:
    """A title from the left. start: where it begins, in widths of the axes. With more letters they are smaller."""
    size = 11.0 * min(1.0, most_letters / max(1, len(title)))
    axes.set_title(title, loc="left", x=start, fontsize=size, color=INK, pad=10)


def name_size(name: str) -> float:
    """Points in which the name of an axis is written: smaller where it would be longer than most axes are."""
    return 9.0 * min(1.0, 40.0 / max(1, len(name)))


def save(figure: Any, *paths: Path) -> None:
    """Write a picture in the format of each suffix (.png or .svg), atomically. Makes the folders."""
    for path in paths:
        content = _FORMATS[path.suffix](figure)
        figure.set_layout_engine("none")  # what has its place for one format has it for the next
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)


def _png(figure: Any) -> bytes:
    """All of it opaque, as the background is."""
    figure.canvas.draw()
    return png_of(np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[:, :, :3]), dots_an_inch=figure.dpi)


def _svg(figure: Any) -> bytes:
    """Equal pictures are equal bytes: without a date, and with names of parts that are not drawn by lot."""
    from matplotlib import rc_context

    content = io.BytesIO()
    with rc_context({"svg.hashsalt": "evo-nas"}):
        figure.savefig(content, format="svg", metadata={"Date": None})
    return content.getvalue()


_FORMATS: Mapping[str, Callable[[Any], bytes]] = {".png": _png, ".svg": _svg}
