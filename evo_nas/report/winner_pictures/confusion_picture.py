"""Which classes the winner takes for which: the confusion matrix, a row a true class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.insight import WinnerInsight, class_scores, most_confused
from evo_nas.report.style import ACCENT, BLUE, FAINT, HAIRLINE, INK, new_figure, save
from evo_nas.report.winner_pictures.shades import darkness, shown_classes, source_words
from genomes.showing import visible

MOST_CLASSES = 100
"""Drawn; of more those that are mistaken most."""
MOST_NUMBERED = 20
"""With more classes than these the numbers would not fit into their cells."""
LONGEST_NAME = 18


@dataclass(frozen=True, slots=True)
class _Size:
    """cell: inches of a row. letters: points of a class's name."""

    cell: float
    letters: float


def draw_confusion(paths: Sequence[Path], insight: WinnerInsight) -> None:
    """Draw what was right in blue and mistakes in red, darker for a larger share of the class's rows, with the share
    that was right beside each row.

    paths: the same picture in each format (.png, .svg). At most `MOST_CLASSES` are shown.
    """
    chosen = shown_classes(insight.confusion, MOST_CLASSES)
    size = _size(len(chosen))
    side = size.cell * len(chosen)
    figure = new_figure(max(side + 2.6, 5.6), max(side + 1.9, 3.2))
    axes = figure.add_subplot()
    axes.imshow(_colours(darkness(insight.confusion), chosen), aspect="equal", interpolation="nearest")
    _name(axes, [insight.classes[i] for i in chosen], size)
    if len(chosen) <= MOST_NUMBERED:
        _number(axes, insight.confusion[np.ix_(chosen, chosen)], size)
    _write_recalls(axes, insight, chosen, size)
    title = "\n".join(fill(line, 30 + int(9 * max(side, 2.6))) for line in _title(insight, len(chosen)))
    axes.set_title(title, loc="left", fontsize=10, color=INK, pad=12, parse_math=False, x=-0.02)
    save(figure, *paths)


_SIZES = ((12, _Size(0.48, 8.5)), (MOST_NUMBERED, _Size(0.34, 7.5)), (50, _Size(0.16, 7.0)))
"""Up to so many classes, this size."""


def _size(num_classes: int) -> _Size:
    return next((size for most, size in _SIZES if num_classes <= most), _Size(0.12, 5.5))


def _title(insight: WinnerInsight, num_shown: int) -> list[str]:
    right = 1.0 - insight.num_mistakes / max(insight.num_rows, 1)
    lines = [f"{100 * right:.1f} % of {source_words(insight)} right"]
    pairs = most_confused(insight.confusion, insight.classes, 1)
    if pairs:
        lines.append(f"most often: {visible(pairs[0], 120)}")
    if num_shown < len(insight.classes):
        lines.append(f"the {num_shown} of {len(insight.classes):,} classes that are mistaken most")
    return lines


def _colours(dark: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    cells = dark[np.ix_(chosen, chosen)][:, :, None]
    full = np.where(np.eye(len(chosen), dtype=bool)[:, :, None], to_rgb(BLUE), to_rgb(ACCENT))
    return np.asarray(1.0 - cells * (1.0 - full))


def _name(axes: Any, names: Sequence[str], size: _Size) -> None:
    texts = [visible(name, LONGEST_NAME) for name in names]
    ticks = range(len(names))
    style = {"fontsize": size.letters, "color": INK, "parse_math": False}
    axes.set_xticks(ticks, texts, rotation=90 if sum(map(len, texts)) > 24 else 0, **style)
    axes.set_yticks(ticks, texts, **style)
    axes.set_xlabel("taken for", fontsize=9, color=FAINT)
    axes.set_ylabel("is", fontsize=9, color=FAINT)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_color(HAIRLINE)


def _number(axes: Any, counts: NDArray[np.int64], size: _Size) -> None:
    dark = darkness(counts)
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if dark[row, column] > 0.6 else INK
        text = f"{counts[row, column]:,}"
        letters = size.letters if len(text) < 5 else 0.75 * size.letters
        axes.text(column, row, text, ha="center", va="center_baseline", fontsize=letters, color=colour)


def _write_recalls(axes: Any, insight: WinnerInsight, chosen: NDArray[np.int64], size: _Size) -> None:
    scores = class_scores(insight.confusion, insight.classes)
    for row, index in enumerate(chosen):
        recall = scores[index].recall
        text = "no rows" if recall is None else f"{100 * recall:.0f} %"
        axes.text(len(chosen) - 0.3, row, text, va="center_baseline", fontsize=size.letters, color=FAINT)
