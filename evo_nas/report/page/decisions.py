"""How the winner decides: which classes it takes for which, or how far off it is, and images with where it looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.insight import ClassScores, WinnerInsight, class_scores, most_confused
from evo_nas.report.page.seen_images import SeenImages, seen_images
from evo_nas.report.page.words import cut, shown
from evo_nas.report.winner_pictures.image_grids import attention_title
from evo_nas.report.winner_pictures.shades import darkness, shown_classes, source_words
from genomes.showing import visible

MOST_CLASSES = 40
"""In the matrix; of more those that are mistaken most."""
MOST_NUMBERED = 12
"""With more classes the matrix is a drawing without numbers."""
MOST_SCORED = 100
NUM_SHADES = 6
MOST_DOTS = 600
LONGEST_NAME = 24
_BOX = 1_000


@dataclass(frozen=True, slots=True)
class Cell:
    """kind: "right" or "wrong" with a number for its shade, empty for no rows."""

    count: str
    kind: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """names: of the classes that are shown, of `num_classes`. rows: of cells, empty where it is a drawing: then `paths`
    has a kind and an outline each, in units of a cell. recalls: of each row.
    """

    names: tuple[str, ...]
    num_classes: int
    rows: tuple[tuple[Cell, ...], ...]
    paths: tuple[tuple[str, str], ...]
    recalls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """dots: an SVG's path in a square of 1,000 units, up is more. low, high: of both axes. error: half are below."""

    dots: str
    low: str
    high: str
    error: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """title: a sentence. pairs: (truth, taken for, count, of so many). scores: (class, precision, recall, rows)."""

    title: str
    matrix: Matrix | None
    pairs: tuple[tuple[str, str, str, str], ...]
    scores: tuple[tuple[str, str, str, str], ...]
    fit: Fit | None
    images: SeenImages | None
    attention: str
    troubles: tuple[str, ...]


def decisions(insight: WinnerInsight | None) -> Decisions | None:
    """For the template; None where nothing was kept of the winner, or it may not be seen yet."""
    if insight is None:
        return None
    counted = insight.confusion.size > 0
    return Decisions(
        title=_title(insight),
        matrix=_matrix(insight) if counted else None,
        pairs=_pairs(insight) if counted else (),
        scores=_scores(insight) if counted else (),
        fit=_fit(insight) if len(insight.fit) else None,
        images=seen_images(insight),
        attention=attention_title(insight) if insight.method else "",
        troubles=tuple(cut(f"{text[:1].upper()}{text[1:]}.") for text in insight.troubles),
    )


def _title(insight: WinnerInsight) -> str:
    if not insight.source:
        return ""
    if not insight.confusion.size:
        return f"On {source_words(insight)}."
    right = 100 * (1 - insight.num_mistakes / max(insight.num_rows, 1))
    return f"{right:.1f} % of {source_words(insight)} right, {insight.num_mistakes:,} wrong."


def _pairs(insight: WinnerInsight) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (_name(each.truth), _name(each.predicted), f"{each.count:,}", f"{each.support:,}")
        for each in most_confused(insight.confusion, insight.classes, 8)
    )


def _scores(insight: WinnerInsight) -> tuple[tuple[str, str, str, str], ...]:
    """The worst first where there are too many."""
    scores = class_scores(insight.confusion, insight.classes)
    if len(scores) > MOST_SCORED:
        scores = tuple(sorted(scores, key=_recall_or_none)[:MOST_SCORED])
    return tuple(
        (_name(each.name), _share(each.precision), _share(each.recall), f"{each.support:,}") for each in scores
    )


def _recall_or_none(scores: ClassScores) -> float:
    return 2.0 if scores.recall is None else scores.recall


def _matrix(insight: WinnerInsight) -> Matrix:
    chosen = shown_classes(insight.confusion, MOST_CLASSES)
    part = np.ix_(chosen, chosen)
    counts, kinds = insight.confusion[part], _kinds(darkness(insight.confusion)[part])
    scores = class_scores(insight.confusion, insight.classes)
    numbered = len(chosen) <= MOST_NUMBERED
    return Matrix(
        names=tuple(_name(insight.classes[i]) for i in chosen),
        num_classes=len(insight.classes),
        rows=_cells(counts, kinds) if numbered else (),
        paths=() if numbered else _paths(kinds),
        recalls=tuple(_share(scores[i].recall) for i in chosen),
    )


def _kinds(dark: NDArray[np.float64]) -> list[list[str]]:
    shades = np.minimum(np.ceil(dark * NUM_SHADES).astype(int), NUM_SHADES)
    return [
        [f"{'right' if i == j else 'wrong'}{shade}" if shade else "" for j, shade in enumerate(row)]
        for i, row in enumerate(shades)
    ]


def _cells(counts: NDArray[np.int64], kinds: list[list[str]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        tuple(Cell(f"{count:,}" if count else "", kind) for count, kind in zip(row, of_row, strict=True))
        for row, of_row in zip(counts, kinds, strict=True)
    )


def _paths(kinds: list[list[str]]) -> tuple[tuple[str, str], ...]:
    outlines: dict[str, str] = {}
    for y, row in enumerate(kinds):
        for x, kind in enumerate(row):
            if kind:
                outlines[kind] = outlines.get(kind, "") + f"M{x} {y}h1v1h-1z"
    return tuple(sorted(outlines.items()))


def _fit(insight: WinnerInsight) -> Fit:
    points = insight.fit[:: max(1, -(-len(insight.fit) // MOST_DOTS))]
    low, high = float(insight.fit.min()), float(insight.fit.max())
    places = np.round((points - low) / ((high - low) or 1.0) * _BOX).astype(int)
    errors: Any = np.abs(insight.fit[:, 1] - insight.fit[:, 0])
    dots = "".join(f"M{truth} {_BOX - predicted}h0" for truth, predicted in places)
    return Fit(dots, shown(low), shown(high), shown(float(np.median(errors))))


def _name(text: str) -> str:
    return visible(text, LONGEST_NAME)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
