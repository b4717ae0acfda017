"""Images with what the winner says of them: some at random, its surest mistakes, and where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.insight import GRAD_CAM, MISTAKES, SAMPLE, ShownImages, WinnerInsight
from evo_nas.report.style import ACCENT, FAINT, INK, new_figure, save
from evo_nas.report.winner_pictures.shades import overlaid, source_words, three_channels
from genomes.showing import visible

ABREAST = 8
LONGEST_NAME = 16
_SIDE, _GAP = 1.2, 0.1
_STEP = _SIDE + _GAP
_WORDS, _HEAD = 0.42, 0.45

Picture = NDArray[np.uint8]
Cell = tuple[Picture, tuple[str, str]]
"""An image [height, width, 3], and the two lines below it."""


def draw_group(paths: Sequence[Path], insight: WinnerInsight, name: str) -> None:
    """Draw `SAMPLE` or `MISTAKES`: what each image was taken for, how surely, and what it is where that differs.

    paths: the same picture in each format.
    """
    group = insight.shown[name]
    cells = [(three_channels(group.images[at]), caption(insight, group, at)) for at in range(len(group))]
    _draw(paths, cells, group_title(insight, name, len(group)))


def draw_attention(paths: Sequence[Path], insight: WinnerInsight) -> None:
    """Draw each shown image, grey, with a glow where the network looked for what it predicts; mistakes last."""
    groups = [insight.shown[name] for name in (SAMPLE, MISTAKES) if name in insight.shown]
    cells = [
        (overlaid(three_channels(group.images[at]), group.attention[at]), caption(insight, group, at))
        for group in groups
        for at in range(len(group))
    ]
    _draw(paths, cells, attention_title(insight))


def group_title(insight: WinnerInsight, name: str, count: int) -> str:
    """A sentence above so many images of a group."""
    if name == SAMPLE:
        return f"{count} of {source_words(insight)} at random"
    if insight.task == "regression":
        return f"The {count} of {source_words(insight)} that it is furthest off for"
    wrong = f" of {insight.num_mistakes:,}" if insight.confusion.size else ""
    return f"Its {count} surest mistakes{wrong}, of {source_words(insight)}"


def attention_title(insight: WinnerInsight) -> str:
    how = "Grad-CAM" if insight.method == GRAD_CAM else "a covered patch lowers its score"
    return f"Where it looks for what it says ({how})"


def caption(insight: WinnerInsight, group: ShownImages, number: int) -> tuple[str, str]:
    """What it says, and what it is where that differs."""
    said = visible(insight.label(group.predicted[number]), LONGEST_NAME)
    truth = visible(insight.label(group.truth[number]), LONGEST_NAME)
    if insight.task == "regression":
        return f"says {said}", f"is {truth}"
    wrong = group.predicted[number] != group.truth[number]
    return f"{said} {sureness(float(group.probability[number]))}", f"is {truth}" if wrong else ""


def sureness(probability: float) -> str:
    """Such as "98 %"; never 100 % of what is not certain."""
    return f"{100 * probability:.0f} %" if probability < 0.995 else ">99 %"


def _draw(paths: Sequence[Path], cells: Sequence[Cell], title: str) -> None:
    """One pair of axes in inches for all images: a pair for each would take ten times as long."""
    columns = min(max(len(cells), 4), ABREAST)
    width, height = columns * _STEP + _GAP, -(-len(cells) // ABREAST) * (_SIDE + _WORDS) + _HEAD
    figure = new_figure(width, height)
    figure.set_layout_engine(None)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    _write(axes, _GAP, 0.22, title, size=11, colour=INK)
    for number, (image, words) in enumerate(cells):
        row, column = divmod(number, columns)
        _draw_cell(axes, image, words, (_GAP + column * _STEP, _HEAD + row * (_SIDE + _WORDS)))
    axes.set(xlim=(0.0, width), ylim=(height, 0.0), aspect="auto")
    save(figure, *paths)


def _draw_cell(axes: Any, image: Picture, words: tuple[str, str], corner: tuple[float, float]) -> None:
    """corner: where it begins, in inches from the left and from above."""
    left, top = corner
    tall, wide = (_SIDE * size / max(image.shape[:2]) for size in image.shape[:2])
    axes.imshow(image, extent=(left, left + wide, top + tall, top), interpolation="nearest")
    said, truth = words
    _write(axes, left, top + _SIDE + 0.11, said, size=7.5, colour=ACCENT if truth else INK)
    _write(axes, left, top + _SIDE + 0.25, truth, size=7.5, colour=FAINT)


def _write(axes: Any, x: float, y: float, text: str, *, size: float, colour: str) -> None:
    axes.text(x, y, text, fontsize=size, color=colour, va="center_baseline", parse_math=False)
