"""All genes and three measures, each a dot with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evo_nas.report.importance.records import Estimate, GeneImportance, ObjectiveImportance
from evo_nas.report.style import ACCENT, BLUE, FAINT, HAIRLINE, INK, new_figure, plain_axes, save

MOST_GENES = 24
_PANELS = (
    ("permutation", "Shuffled: how much worse", "fall of the explained variance"),
    ("share", "Alone: functional ANOVA", "share of the variance"),
    ("correlation", "Correlation of ranks", "rho of a number; ◇ epsilon² of a category"),
)


def draw_genes(paths: Sequence[Path], objective: ObjectiveImportance) -> None:
    """Draw the whole genes, most important on top: permutation importance, functional ANOVA, correlation. What an
    interval of 95 % tells from 0 is in the accent colour."""
    genes = objective.whole_genes[:MOST_GENES][::-1]
    figure = new_figure(9.0, 1.5 + 0.27 * max(len(genes), 3))
    panels = figure.subplots(1, len(_PANELS), sharey=True)
    for panel, (measure, title, x) in zip(panels, _PANELS, strict=True):
        _draw_panel(panel, genes, measure)
        plain_axes(panel, title=title, x=x, y="")
        panel.grid(axis="x", color=HAIRLINE, linewidth=0.6)
    panels[0].set_yticks(range(len(genes)), [row.name for row in genes], color=INK)
    figure.suptitle(_title(objective), fontsize=11, color=INK, x=0.01, ha="left")
    save(figure, *paths)


def _draw_panel(panel: Any, genes: Sequence[GeneImportance], measure: str) -> None:
    panel.axvline(0.0, color=FAINT, linewidth=0.8)
    for height, row in enumerate(genes):
        estimate: Estimate | None = getattr(row, measure)
        if estimate is None:
            panel.annotate(
                "-", (0.0, height), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8, color=FAINT
            )
            continue
        colour = BLUE if estimate.covers_zero else ACCENT
        marker = "D" if measure == "correlation" and row.kind == "category" else "o"
        face = "white" if marker == "D" else colour
        panel.plot([estimate.low, estimate.high], [height, height], color=colour, linewidth=1.4, alpha=0.55)
        panel.plot(estimate.value, height, marker, color=colour, markerfacecolor=face, markersize=4.5)
    panel.set_ylim(-0.6, max(len(genes), 1) - 0.4)


def _title(objective: ObjectiveImportance) -> str:
    if objective.explained is None:
        return f"{objective.num_networks} networks cannot tell which genes mattered for {objective.name}"
    explained = f"{max(objective.explained, 0.0):.0%} of the variance explained"
    counted = f"{objective.num_networks} networks, {explained}"
    return f"Which genes mattered for {objective.name}: {counted} (red: beyond chance)"
