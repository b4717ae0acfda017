"""A regression's predictions beside the truth, and how far off they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evo_nas.insight import WinnerInsight
from evo_nas.report.style import ACCENT, BLUE, FAINT, INK, new_figure, plain_axes, save
from evo_nas.report.winner_pictures.shades import source_words


def draw_fit(paths: Sequence[Path], insight: WinnerInsight) -> None:
    """Draw predictions over the truth with the line of those that are right, and a histogram of the residuals.

    paths: the same picture in each format (.png, .svg).
    """
    truth, predicted = insight.fit.T
    residuals = predicted - truth
    figure = new_figure(9.0, 4.2)
    left, right = figure.subplots(1, 2)
    ends = [float(np.min(insight.fit)), float(np.max(insight.fit))]
    left.plot(ends, ends, color=ACCENT, linewidth=1.2)
    left.scatter(truth, predicted, s=7, color=BLUE, alpha=0.5, linewidths=0)
    right.hist(residuals, bins=40, color=BLUE, alpha=0.85)
    right.axvline(0.0, color=ACCENT, linewidth=1.2)
    shown = "" if len(truth) == insight.num_rows else f", {len(truth):,} of them drawn"
    plain_axes(left, title=f"{source_words(insight)}{shown}", x="truth", y="prediction")
    plain_axes(
        right,
        title=f"Half of the errors are below {np.median(np.abs(residuals)):.4g}",
        x="prediction less truth",
        y="rows",
    )
    left.text(ends[1], ends[1], "right", fontsize=8, color=FAINT, ha="right", va="bottom")
    left.title.set_color(INK)
    save(figure, *paths)
