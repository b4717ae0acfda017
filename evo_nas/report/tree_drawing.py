"""Ink for a family tree whose nodes have their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.individual import Evaluated, Objective
from evo_nas.report.layout import Edge, Place
from evo_nas.report.style import ACCENT, FAINT, INK, PALETTE, axes_within, name_size, new_figure, write_title

_MOST_NODES_WITH_IDS = 100
_LINK = "#9aa5ad"

Points = NDArray[np.float64]

_WIDTH = 11.0
_SCALE, _TALLEST_SCALE = 1.2, 5.0
"""Inches: of the picture, and of the scale of colours at its right with all that is written there."""
_ABOVE, _BELOW, _RIGHT = 0.45, 0.1, 0.15
_NAME, _LETTER = 0.3, 0.085
"""Beside the rows: the name of what they are, and each letter of their own names at the most."""


@dataclass(frozen=True, slots=True)
class TreeDrawing:
    """What a picture says beside its nodes and edges.

    rows: the name of each row, top first, with its ids. best_id: ringed and labelled. lit: edges (child, parent)
    drawn strongly. marked: ids whose edges among each other and to the best are drawn darker.
    """

    title: str
    rows: Mapping[str, Sequence[int]]
    best_id: int | None
    lit: frozenset[Edge] = frozenset()
    marked: frozenset[int] = frozenset()
    row_name: str = ""


def draw_tree(
    drawing: TreeDrawing,
    place: Mapping[int, Place],
    links: Sequence[Edge],
    members: Mapping[int, Evaluated],
    objective: Objective,
) -> Any:
    """A figure with the nodes at their places (x in [0, 1], y the row from the top) and curved edges between them."""
    num_rows = len(drawing.rows)
    figure = new_figure(_WIDTH, min(24.0, max(4.0, 1.1 + 0.85 * num_rows)), constrained=False)
    right = _SCALE if any(each.outcome.ok for each in members.values()) else _RIGHT
    axes = axes_within(figure, left=_left_of(drawing), right=right, above=_ABOVE, below=_BELOW)
    _draw_links(axes, drawing, place, links)
    _draw_failures(axes, place, members)
    _draw_successes(figure, axes, place, members, objective)
    _label(axes, drawing, place)
    write_title(axes, drawing.title, most_letters=110)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(num_rows - 0.4, -0.5)
    axes.set_yticks(range(num_rows), list(drawing.rows))
    axes.set_xticks([])
    axes.set_ylabel(drawing.row_name, fontsize=9, color=INK)
    axes.tick_params(labelsize=9, colors=INK, length=0)
    axes.spines[:].set_visible(False)
    return figure


def _left_of(drawing: TreeDrawing) -> float:
    """Inches that the names of the rows take."""
    return 0.15 + _LETTER * max(map(len, drawing.rows), default=0) + (_NAME if drawing.row_name else 0.0)


def _draw_links(axes: Any, drawing: TreeDrawing, place: Mapping[int, Place], links: Sequence[Edge]) -> None:
    family = {*drawing.marked, drawing.best_id}
    lit = [link for link in links if link in drawing.lit]
    dark = [link for link in links if link not in drawing.lit and family.issuperset(link)]
    faint = [link for link in links if link not in drawing.lit and not family.issuperset(link)]
    crowd = min(1.0, 120 / max(1, len(faint)))
    _draw_curves(axes, faint, place, colour=_LINK, width=0.7, alpha=0.25 + 0.35 * crowd)
    _draw_curves(axes, dark, place, colour=INK, width=1.0, alpha=0.75)
    _draw_curves(axes, lit, place, colour=ACCENT, width=2.4, alpha=1.0)


def _draw_curves(
    axes: Any, links: Sequence[Edge], place: Mapping[int, Place], *, colour: str, width: float, alpha: float
) -> None:
    from matplotlib.collections import LineCollection

    ends = np.array([(place[parent], place[child]) for child, parent in links]).reshape(-1, 2, 2)
    curves = list(_curves(ends[:, 0], ends[:, 1]))
    axes.add_collection(LineCollection(curves, colors=colour, linewidths=width, alpha=alpha, zorder=1))


def _curves(starts: Points, ends: Points) -> Points:
    """Cubic Bezier curves from and to points [curves, 2], each as 24 points: [curves, 24, 2]. They leave downwards;
    within a row they hang below it.
    """
    drop = ends[:, 1] - starts[:, 1]
    apart = np.abs(drop) > 0.6
    reach = np.where(apart, 0.5 * drop, 0.3)
    leave = np.stack([starts[:, 0], starts[:, 1] + reach], axis=1)
    arrive = np.stack([ends[:, 0], ends[:, 1] + np.where(apart, -reach, reach)], axis=1)
    t = np.linspace(0.0, 1.0, 24)[:, None]
    first, last = (1 - t) ** 3 * starts[:, None], t**3 * ends[:, None]
    return first + 3 * t * (1 - t) ** 2 * leave[:, None] + 3 * t**2 * (1 - t) * arrive[:, None] + last


def _draw_failures(axes: Any, place: Mapping[int, Place], members: Mapping[int, Evaluated]) -> None:
    failed = [place[number] for number, each in members.items() if not each.outcome.ok]
    if failed:
        style = {"facecolors": "white", "edgecolors": FAINT, "linewidths": 1.0, "zorder": 2}
        axes.scatter(*np.array(failed).T, s=_node_size(len(members)) * 0.7, **style)
        axes.plot([], [], "o", markerfacecolor="white", markeredgecolor=FAINT, label="failed", markersize=5)
        axes.legend(
            frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), labelcolor=INK, borderpad=0
        )


def _draw_successes(
    figure: Any, axes: Any, place: Mapping[int, Place], members: Mapping[int, Evaluated], objective: Objective
) -> None:
    from matplotlib.colors import Normalize

    values = {number: objective.value(each.outcome) for number, each in members.items() if each.outcome.ok}
    if not values:
        return
    # Brighter is better. One network in twenty may be so bad that it would take the colours of all others.
    numbers = sorted(values.values(), reverse=not objective.maximize)
    worst, best = numbers[len(numbers) // 20], numbers[-1]
    dots = axes.scatter(
        *np.array([place[number] for number in values]).T,
        c=np.array(list(values.values())),
        s=_node_size(len(members)),
        cmap=PALETTE if objective.maximize else f"{PALETTE}_r",
        norm=Normalize(min(worst, best), max(worst, best)),
        edgecolors="white",
        linewidths=0.6,
        zorder=3,
    )
    bar = figure.colorbar(dots, cax=_beside(figure))
    bar.outline.set_visible(False)
    bar.set_label(objective.name, fontsize=name_size(objective.name), color=INK)
    bar.ax.tick_params(labelsize=8, colors=FAINT, length=0)
    bar.ax.yaxis.get_offset_text().set(horizontalalignment="left", x=0.0, fontsize=7)  # to the left is a legend


def _beside(figure: Any) -> Any:
    """Axes for the scale of colours."""
    below = max(_BELOW, figure.get_figheight() - _ABOVE - _TALLEST_SCALE)
    return axes_within(figure, left=_WIDTH - _SCALE + 0.1, right=_SCALE - 0.22, above=_ABOVE, below=below)


def _label(axes: Any, drawing: TreeDrawing, place: Mapping[int, Place]) -> None:
    best = drawing.best_id
    if len(place) <= _MOST_NODES_WITH_IDS:
        for number, at in place.items():
            if number != best:
                _write(axes, f"{number}", at, (0, -12), colour=FAINT, size=7)
    if best is not None and best in place:
        size = _node_size(len(place))
        axes.scatter(*place[best], s=2.6 * size, facecolors="none", edgecolors=ACCENT, linewidths=2.0, zorder=5)
        _write(axes, f"#{best}", place[best], (0, -9 - size**0.5), colour=ACCENT, size=9)


def _write(axes: Any, text: str, at: Place, offset: tuple[float, float], *, colour: str, size: float) -> None:
    from matplotlib.patheffects import withStroke

    # The white outline keeps a number legible where an edge runs through it.
    halo = [withStroke(linewidth=2.5, foreground="white")]
    style = {"color": colour, "fontsize": size, "ha": "center", "va": "center", "zorder": 6, "path_effects": halo}
    axes.annotate(text, at, xytext=offset, textcoords="offset points", **style)


def _node_size(num_nodes: int) -> float:
    """Points squared: large while there is room, never too small to see."""
    return max(14.0, min(90.0, 6000.0 / max(1, num_nodes)))
