"""What two genes do together, as heat maps whose cells are hatched where nothing was trained."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.report.importance.effects_picture import set_ticks
from evo_nas.report.importance.records import Axis, ObjectiveImportance, Surface, plain_name
from evo_nas.report.style import FAINT, INK, PALETTE, new_figure, plain_axes, save


def draw_pairs(paths: Sequence[Path], objective: ObjectiveImportance) -> None:
    """Draw a map for each of the strongest pairs, all on one scale, with how many networks lie in each cell."""
    shown = objective.surfaces
    columns = min(2, max(len(shown), 1))
    rows = -(-len(shown) // columns) or 1
    figure = new_figure(4.2 * columns + 0.8, 3.3 * rows + 0.6)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    drawn = [_draw(panel, surface, objective) for panel, surface in zip(panels, shown, strict=False)]
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    if drawn:
        bar = figure.colorbar(drawn[0], ax=panels[: len(shown)].tolist(), fraction=0.04)
        bar.set_label(objective.name, fontsize=9, color=INK)
        bar.ax.tick_params(labelsize=8)
        bar.outline.set_visible(False)
    figure.suptitle(_title(objective), fontsize=11, color=INK, x=0.01, ha="left")
    save(figure, *paths)


def _draw(panel: Any, surface: Surface, objective: ObjectiveImportance) -> Any:
    means = [value for each in objective.surfaces for row in each.mean for value in row]
    across, up = _edges(surface.first), _edges(surface.second)
    colours = PALETTE if objective.maximize else f"{PALETTE}_r"
    cells = np.array(surface.mean).T
    mesh = panel.pcolormesh(across, up, cells, cmap=colours, vmin=min(means), vmax=max(means))
    _hatch(panel, surface, across, up)
    plain_axes(
        panel, title=_strength(surface, objective), x=plain_name(surface.first.gene), y=plain_name(surface.second.gene)
    )
    panel.set_title(_strength(surface, objective), loc="left", fontsize=8.5, color=INK)
    panel.grid(visible=False)
    set_ticks(panel.xaxis, surface.first)
    set_ticks(panel.yaxis, surface.second)
    if surface.first.kind == "category" and len(surface.first.places) > 3:
        panel.tick_params(axis="x", rotation=30)
    return mesh


def _hatch(panel: Any, surface: Surface, across: Sequence[float], up: Sequence[float]) -> None:
    """Pale and hatched where no network was trained."""
    from matplotlib.patches import Rectangle

    for column, row in product(range(len(across) - 1), range(len(up) - 1)):
        if not surface.counts[column][row]:
            size = across[column + 1] - across[column], up[row + 1] - up[row]
            corner = across[column], up[row]
            pale = Rectangle(corner, *size, facecolor=(1.0, 1.0, 1.0, 0.45), edgecolor=FAINT, hatch="////", linewidth=0)
            panel.add_patch(pale)


def _strength(surface: Surface, objective: ObjectiveImportance) -> str:
    genes = surface.first.gene, surface.second.gene
    share = next(pair.share for pair in objective.interactions if (pair.first, pair.second) == genes)
    return f"only together {share.value:.1%} of the variance [{share.low:.1%}, {share.high:.1%}]"


def _edges(axis: Axis) -> list[float]:
    """The borders of the cells around the places of a gene."""
    places = axis.places
    if len(places) == 1:
        return [places[0] - 0.5, places[0] + 0.5]
    inner = [(one + other) / 2.0 for one, other in pairwise(places)]
    return [2.0 * places[0] - inner[0], *inner, 2.0 * places[-1] - inner[-1]]


def _title(objective: ObjectiveImportance) -> str:
    if not objective.surfaces:
        return f"{objective.num_networks} networks cannot tell which genes matter together for {objective.name}"
    better = "larger" if objective.maximize else "smaller"
    return f"{objective.name} by two genes at once ({better} is better); hatched where nothing was trained"
