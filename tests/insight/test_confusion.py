"""Which classes are taken for which, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from evo_nas.insight import class_scores, confusion_of, most_confused

CLASSES = ("cat", "dog", "bird", "newt")
TRUTH = np.array([0, 0, 0, 1, 1, 2])
DECIDED = np.array([0, 1, 1, 1, 0, 0])


def test_by_hand() -> None:
    confusion = confusion_of(TRUTH, DECIDED, 4)
    assert confusion.tolist() == [[1, 2, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    told = [(each.name, each.precision, each.recall, each.support) for each in class_scores(confusion, CLASSES)]
    assert told == [("cat", 1 / 3, 1 / 3, 3), ("dog", 1 / 3, 0.5, 2), ("bird", None, 0.0, 1), ("newt", None, None, 0)]
    pairs = most_confused(confusion, CLASSES, 10)
    assert [str(pair) for pair in pairs] == [
        "cat taken for dog (2 of 3)",
        "dog taken for cat (1 of 2)",
        "bird taken for cat (1 of 1)",
    ]
    assert most_confused(confusion, CLASSES, 1) == pairs[:1]
    assert most_confused(confusion_of(TRUTH, TRUTH, 4), CLASSES, 3) == ()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_as_scikit_learn_counts(pairs: list[tuple[int, int]]) -> None:
    truth, decided = (np.array(each) for each in zip(*pairs, strict=True))
    labels, names = range(5), tuple("abcde")
    confusion = confusion_of(truth, decided, 5)
    assert (confusion == confusion_matrix(truth, decided, labels=labels)).all()
    scores = class_scores(confusion, names)
    ways = {"labels": labels, "average": None, "zero_division": 0.0}
    assert [each.precision or 0.0 for each in scores] == pytest.approx(list(precision_score(truth, decided, **ways)))
    assert [each.recall or 0.0 for each in scores] == pytest.approx(list(recall_score(truth, decided, **ways)))
    mistakes = most_confused(confusion, names, 25)
    assert sum(each.count for each in mistakes) == (truth != decided).sum()
    assert [each.count for each in mistakes] == sorted((each.count for each in mistakes), reverse=True)
