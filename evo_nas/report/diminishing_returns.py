"""What more units bring: width against the scores on the rows learned from and on rows that were held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evo_nas.report.style import ACCENT, BLUE, HAIRLINE, INK, new_figure, plain_axes, save


@dataclass(frozen=True, slots=True)
class WidthScores:
    """Networks of one width, a value a seed, in the same order of seeds for every width. learned: the score on the rows
    learned from. held_out: on other rows.
    """

    width: int
    parameters: int
    learned: Sequence[float]
    held_out: Sequence[float]


def best_width(measured: Sequence[WidthScores], *, maximize: bool) -> WidthScores:
    """The width with the best mean on held-out rows; the smallest of several."""
    sign = 1.0 if maximize else -1.0
    return max(measured, key=lambda each: (sign * fmean(each.held_out), -each.width))


def enough(measured: Sequence[WidthScores], *, maximize: bool) -> WidthScores:
    """The smallest width that the best one does not beat on every seed: what lies between them is noise.

    A seed's rows and order are those of every width, so widths are compared seed by seed.
    """
    best = best_width(measured, maximize=maximize)
    return min((each for each in measured if not _beats(best, each, maximize)), key=lambda each: each.width)


def _beats(one: WidthScores, other: WidthScores, maximize: bool) -> bool:
    pairs = zip(one.held_out, other.held_out, strict=True)
    return all(mine > theirs if maximize else mine < theirs for mine, theirs in pairs)


def draw_returns(
    paths: Sequence[Path], panels: Mapping[str, Sequence[WidthScores]], *, maximize: Mapping[str, bool]
) -> None:
    """Draw each score over the width: means over seeds as lines, each seed as a dot, and a mark where the gain ends.

    panels: name of the score -> widths, ascending. paths: the same picture in each format (.png, .svg).
    """
    figure = new_figure(4.6 * len(panels), 3.8)
    for axes, (name, measured) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        _draw_panel(axes, name, measured, maximize=maximize[name])
    save(figure, *paths)


def _draw_panel(axes: Any, name: str, measured: Sequence[WidthScores], *, maximize: bool) -> None:
    widths = [each.width for each in measured]
    for label, colour, values in (
        ("rows learned from", BLUE, [each.learned for each in measured]),
        ("rows held out", ACCENT, [each.held_out for each in measured]),
    ):
        if not all(values):
            continue
        axes.plot(widths, [fmean(seeds) for seeds in values], color=colour, linewidth=1.6, label=label)
        dots = [(width, value) for width, seeds in zip(widths, values, strict=True) for value in seeds]
        axes.scatter(*zip(*dots, strict=True), color=colour, s=10, alpha=0.5, linewidths=0)
    least = enough(measured, maximize=maximize)
    axes.axvline(least.width, color=HAIRLINE, linewidth=4, zorder=0)
    better = "larger" if maximize else "smaller"
    plain_axes(axes, title=f"{least.width} units are enough", x="units of the layer", y=f"{name} ({better} is better)")
    axes.set_xscale("log", base=2)
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8, loc="best", labelcolor=INK)
