"""What each gene does to the objective, with the evidence: a band, fading where nothing was trained, and marks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from evo_nas.report.importance.records import Axis, Effect, ObjectiveImportance, plain_name
from evo_nas.report.style import ACCENT, BLUE, FAINT, INK, new_figure, plain_axes, save

MOST_EFFECTS = 12
PANELS_A_ROW = 4
LEAST_EVIDENCE = 3
"""Networks at a value or beside it, so that its effect is drawn in full."""
MOST_COUNTED = 8
"""A number with so few values is told how many networks have each, instead of marks."""
_NUM_TICKS = 5


def draw_effects(paths: Sequence[Path], objective: ObjectiveImportance) -> None:
    """Draw a panel a gene, most important first, all on one scale: the mean effect, the band of 95 % of the trees,
    and a mark for each network trained, or their number at each category."""
    shown = objective.effects[:MOST_EFFECTS]
    columns = min(PANELS_A_ROW, max(len(shown), 1))
    rows = -(-len(shown) // columns) or 1
    figure = new_figure(2.7 * columns + 0.6, 2.5 * rows + 0.6)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for panel, effect in zip(panels, shown, strict=False):
        plain_axes(panel, title=plain_name(effect.axis.gene), x="", y="")
        (_draw_categories if effect.axis.kind == "category" else _draw_numbers)(panel, effect)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    for panel in panels[::columns]:
        panel.set_ylabel(objective.name, fontsize=9, color=INK)
    figure.suptitle(_title(objective), fontsize=11, color=INK, x=0.01, ha="left")
    save(figure, *paths)


def supported(counts: Sequence[int]) -> list[bool]:
    """Whether enough networks lie at each place of a number or at its two neighbours."""
    padded = [0, *counts, 0]
    return [sum(padded[place : place + 3]) >= LEAST_EVIDENCE for place in range(len(counts))]


def set_ticks(axis: Any, of: Axis) -> None:
    """Name the places of a gene: all where they are few, else five of them. axis: of matplotlib."""
    few = of.kind == "category" or len(of.places) <= _NUM_TICKS
    last = len(of.places) - 1
    shown = range(last + 1) if few else [round(tick * last / (_NUM_TICKS - 1)) for tick in range(_NUM_TICKS)]
    axis.set_ticks([of.places[place] for place in shown], [of.labels[place] for place in shown])


def stretches(evidence: Sequence[bool]) -> list[tuple[int, int, bool]]:
    """(first place, last place, whether all of it has evidence) of each stretch, in order; they share their ends."""
    known = [one and other for one, other in pairwise(evidence)]
    borders = [0, *(place for place in range(1, len(known)) if known[place] != known[place - 1]), len(known)]
    return [(first, last, known[first]) for first, last in pairwise(borders) if first < last]


def _draw_numbers(panel: Any, effect: Effect) -> None:
    places = effect.axis.places
    few = len(places) <= MOST_COUNTED
    evidence = [count >= LEAST_EVIDENCE for count in effect.counts] if few else supported(effect.counts)
    for first, last, known in stretches(evidence):
        part = slice(first, last + 1)
        low, high = effect.low[part], effect.high[part]
        panel.fill_between(places[part], low, high, color=BLUE, alpha=0.22 if known else 0.07, linewidth=0)
        line = "-" if known else (0, (1, 2))
        panel.plot(places[part], effect.mean[part], color=ACCENT if known else FAINT, linewidth=1.6, linestyle=line)
    set_ticks(panel.xaxis, effect.axis)
    panel.tick_params(axis="x", labelsize=7)
    if few:
        counted = zip(effect.axis.labels, effect.counts, strict=True)
        panel.set_xticks(places, [f"{label}\n({count})" for label, count in counted], fontsize=7)
        return
    across = panel.get_xaxis_transform()
    panel.plot(effect.trained, [0.02] * len(effect.trained), "|", transform=across, color=INK, alpha=0.35, markersize=6)


def _draw_categories(panel: Any, effect: Effect) -> None:
    for place, mean, low, high, count in zip(
        effect.axis.places, effect.mean, effect.low, effect.high, effect.counts, strict=True
    ):
        known = count >= LEAST_EVIDENCE
        panel.plot([place, place], [low, high], color=BLUE, linewidth=5, alpha=0.3 if known else 0.1)
        face = ACCENT if known else "white"
        panel.plot(place, mean, "o", color=ACCENT if known else FAINT, markerfacecolor=face, markersize=5)
    set_ticks(panel.xaxis, effect.axis)
    counted = zip(effect.axis.labels, effect.counts, strict=True)
    crowded = len(effect.counts) > 3
    labels = [f"{label} ({count})" if crowded else f"{label}\n({count})" for label, count in counted]
    panel.set_xticklabels(labels, rotation=40 if crowded else 0, ha="right" if crowded else "center", fontsize=7)
    panel.set_xlim(-0.6, len(effect.counts) - 0.4)


def _title(objective: ObjectiveImportance) -> str:
    if not objective.effects:
        return f"{objective.num_networks} networks cannot tell what each gene does to {objective.name}"
    better = "larger" if objective.maximize else "smaller"
    left = len(objective.effects) - MOST_EFFECTS
    more = f"; {left} genes that matter less are left out" if left > 0 else ""
    return (
        f"What each gene does to {objective.name} ({better} is better); faded where hardly anything was trained{more}"
    )
