"""Which classes are taken for which: the confusion matrix, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassScores:
    """precision: the share of rows taken for this class that are of it; None where no row was. recall: the share of its
    rows that were taken for it; None where it has none. support: its rows.
    """

    name: str
    precision: float | None
    recall: float | None
    support: int


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """So many of the `support` rows of the class `truth` were taken for `predicted`."""

    truth: str
    predicted: str
    count: int
    support: int

    def __str__(self) -> str:
        return f"{self.truth} taken for {self.predicted} ({self.count:,} of {self.support:,})"


def confusion_of(truth: NDArray[Any], decided: NDArray[Any], num_classes: int) -> Counts:
    """How often each class was taken for each, int64 [classes, classes]: a row is the truth, a column the decision.

    truth, decided: class indices [rows] in [0, num_classes).
    """
    places = truth.astype(np.int64) * num_classes + decided.astype(np.int64)
    return np.bincount(places, minlength=num_classes**2).reshape(num_classes, num_classes)


def class_scores(confusion: Counts, classes: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision and recall of each class, in the order of the classes."""
    hits, support, taken = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassScores(name, _share(hits[i], taken[i]), _share(hits[i], support[i]), int(support[i]))
        for i, name in enumerate(classes)
    )


def most_confused(confusion: Counts, classes: Sequence[str], most: int) -> tuple[ConfusedPair, ...]:
    """The pairs of truth and decision with the most mistakes, at most so many; of equals the first of the matrix."""
    mistakes, support = confusion.copy(), confusion.sum(axis=1)
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
    pairs = [(int(place) // len(classes), int(place) % len(classes)) for place in order]
    return tuple(
        ConfusedPair(classes[i], classes[j], int(mistakes[i, j]), int(support[i])) for i, j in pairs if mistakes[i, j]
    )


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None
