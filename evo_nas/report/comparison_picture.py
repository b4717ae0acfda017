"""How the strategies of a comparison found their answers: best so far against trainings and against seconds."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from evo_nas.report.comparison import Against, ComparedRun, Comparison, places, score_at
from evo_nas.report.style import INK, new_figure, plain_axes, save

COLOURS = ("#d1495b", "#2a6f97", "#e0a100", "#3a7d44", "#7b5ea7", "#00a6a6", "#8a8a8a", "#a45c40", "#222222", "#c77dff")
"""The first strategy has the accent. Line styles change with every round through them."""
STYLES = ("-", "--", ":")


class Curve(NamedTuple):
    """place, mean over seeds, and one standard error of it (0 for a single seed)."""

    places: list[float]
    means: list[float]
    errors: list[float]


def draw_comparison(paths: Sequence[Path], comparison: Comparison) -> None:
    """Draw the answer's score (`Step.score`) against distinct trainings, and beside it against the clock.

    paths: the same picture in each format (.png, .svg). Lines are means over seeds, bands one standard error of them.
    What a seed does to all strategies alike (`Comparison.seed_effects`) is taken out before, since it is the same in
    all lines and would hide what differs.
    """
    figure = new_figure(10.5, 4.2)
    left, right = figure.subplots(1, 2, sharey=True)
    num_seeds = max((len(comparison.of(strategy)) for strategy in comparison.strategies), default=0)
    better = "larger" if comparison.objective.maximize else "smaller"
    title = f"{comparison.objective.name} of the answer so far, mean of {num_seeds} seed{'s' * (num_seeds != 1)}"
    _draw(left, comparison, "trainings")
    _draw(right, comparison, "seconds")
    plain_axes(left, title=title, x="distinct trainings", y=f"on validation rows ({better} is better)")
    plain_axes(right, title="the same, against the clock", x="seconds", y="")
    _fit(left, comparison)
    if left.get_legend_handles_labels()[0]:
        left.legend(frameon=False, fontsize=8, loc="best", labelcolor=INK)
    save(figure, *paths)


def mean_curve(comparison: Comparison, strategy: str, against: Against) -> Curve:
    """The mean over seeds wherever every run of the strategy has an answer."""
    runs, effects = comparison.of(strategy), comparison.seed_effects()
    curve = Curve([], [], [])
    for place in places(runs, against):
        scores = [_score(run, against, place, effects.get(run.seed, 0.0)) for run in runs]
        known = [score for score in scores if score is not None]
        if len(known) == len(runs):
            curve.places.append(place)
            curve.means.append(fmean(known))
            curve.errors.append(stdev(known) / sqrt(len(known)) if len(known) > 1 else 0.0)
    return curve


def _score(run: ComparedRun, against: Against, place: float, effect: float) -> float | None:
    score = score_at(run.steps, against, place)
    return None if score is None else score - effect


def _draw(axes: Any, comparison: Comparison, against: Against) -> None:
    for number, strategy in enumerate(comparison.strategies):
        curve = mean_curve(comparison, strategy, against)
        if not curve.places:
            continue
        colour, style = COLOURS[number % len(COLOURS)], STYLES[number // len(COLOURS) % len(STYLES)]
        low = [mean - error for mean, error in zip(curve.means, curve.errors, strict=True)]
        high = [mean + error for mean, error in zip(curve.means, curve.errors, strict=True)]
        above = len(comparison.strategies) - number
        axes.fill_between(curve.places, low, high, step="post", color=colour, alpha=0.10, linewidth=0)
        axes.step(
            *curve[:2], where="post", color=colour, linestyle=style, linewidth=1.6, label=strategy, zorder=2 + above
        )


def _fit(axes: Any, comparison: Comparison) -> None:
    """The first answers are far from the last ones: the picture begins where a quarter of the work is done."""
    curves = [mean_curve(comparison, strategy, "trainings") for strategy in comparison.strategies]
    late = [curve.means[max(0, len(curve.means) // 8) :] for curve in curves if curve.means]
    shown = [mean for means in late for mean in means]
    if shown and max(shown) > min(shown):
        margin = 0.12 * (max(shown) - min(shown))
        axes.set_ylim(min(shown) - margin, max(shown) + margin)
