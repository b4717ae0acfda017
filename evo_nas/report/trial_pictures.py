"""Every network that was tried, in two pictures: all scores from the best to the worst, and how some of them learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path
from typing import Any

from evo_nas.curves import Curve
from evo_nas.individual import Evaluated
from evo_nas.report.style import ACCENT, BLUE, FAINT, HAIRLINE, INK, new_figure, plain_axes, save
from evo_nas.report.training_curves import VALIDATION

LOSS = "loss"
MOST_PANELS = 24
COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """A network of a ranking. rank: from 1. title: what it is, in a few words. curves: one mapping a fold."""

    rank: int
    evaluated: Evaluated
    title: str = ""
    curves: tuple[Curve, ...] = ()


def spread_out(ranking: Sequence[Evaluated], most: int = MOST_PANELS) -> list[int]:
    """Places in a ranking at equal distances, the first and the last success among them; all where there are few."""
    count = sum(each.outcome.ok for each in ranking)
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def draw_scores(paths: Sequence[Path], ranking: Sequence[Evaluated], metric: str) -> None:
    """Draw a metric and the loss of each network that succeeded, by its rank: one dot an experiment in each panel.

    paths: the same picture in each format (.png, .svg).
    """
    figure = new_figure(9.0, 5.4)
    told = [(rank, each) for rank, each in enumerate(ranking, start=1) if each.outcome.ok]
    for axes, name in zip(figure.subplots(2, 1, sharex=True), (metric, LOSS), strict=True):
        points = [(rank, each.outcome.metrics[name]) for rank, each in told if name in each.outcome.metrics]
        if points:
            axes.scatter(*zip(*points, strict=True), s=9, color=BLUE, linewidths=0)
            axes.scatter(*points[0], s=26, color=ACCENT, zorder=3)
        title = f"{len(told):,} networks by rank" if name == metric else ""
        plain_axes(axes, title=title, x="rank" if name == LOSS else "", y=f"validation {name.replace('_', ' ')}")
        _logarithmic_where_wide(axes, [value for _, value in points])
    _save_all(figure, paths)


def draw_learning(paths: Sequence[Path], trials: Sequence[Trial], metric: str) -> None:
    """Draw small multiples, a panel a network: a metric and the loss on validation rows, epoch by epoch.

    The metric has one scale in all panels, on the left; the loss each its own from 0 to its highest, on no axis: what
    it tells is its shape. trials: at least one, with curves.
    """
    rows = ceil(len(trials) / COLUMNS)
    figure = new_figure(1.9 * COLUMNS, 1.75 * rows + 0.4)
    panels = list(figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).flat)
    for axes, trial in zip(panels, trials, strict=False):
        _draw_trial(axes, trial, metric)
    for axes in panels[len(trials) :]:
        axes.set_visible(False)
    figure.suptitle(
        f"validation {metric.replace('_', ' ')} (blue) and the course of the loss (grey), epoch by epoch",
        fontsize=10, color=INK, x=0.01, ha="left",
    )  # fmt: skip
    _save_all(figure, paths)


def _draw_trial(axes: Any, trial: Trial, metric: str) -> None:
    values, losses = _mean_curve(trial.curves, metric), _mean_curve(trial.curves, LOSS)
    beside = axes.twinx()
    beside.plot(range(1, len(losses) + 1), losses, color=FAINT, linewidth=0.9)
    beside.set_ylim(bottom=0.0)
    beside.set_axis_off()
    axes.plot(range(1, len(values) + 1), values, color=BLUE, linewidth=1.4)
    axes.set_zorder(beside.get_zorder() + 1)
    axes.patch.set_visible(False)
    plain_axes(axes, title="", x="", y="")
    axes.set_title(f"{trial.rank}:  {trial.title}", loc="left", fontsize=6, color=INK, pad=3)
    axes.tick_params(labelsize=6)


def _mean_curve(curves: Sequence[Curve], name: str) -> list[float]:
    """Over the folds, up to the first epoch at which one had ended or was not finite."""
    lines: list[Sequence[float]] = [curve[VALIDATION + name] for curve in curves if VALIDATION + name in curve]
    means = [sum(column) / len(column) for column in zip(*lines, strict=False)]
    return means[: next((epoch for epoch, mean in enumerate(means) if not isfinite(mean)), len(means))]


def _logarithmic_where_wide(axes: Any, values: Sequence[float]) -> None:
    if values and min(values) > 0 and max(values) > 100 * min(values):
        axes.set_yscale("log")
        axes.grid(axis="y", color=HAIRLINE, linewidth=0.6)


def _save_all(figure: Any, paths: Sequence[Path]) -> None:
    save(figure, *paths)


def titled(row: Mapping[str, object], genes: Sequence[str]) -> str:
    """The values of genes that have an effect, such as "2 64 relu sgd 3.16"."""
    shown = [f"{row[gene]:.3g}" if isinstance(row[gene], float) else str(row[gene]) for gene in genes]
    return " ".join(text for text in shown if text != "None")
