"""What is kept comes back, of this network alone; whatever else lies there is one sentence."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from evo_nas.errors import UserError
from evo_nas.insight import ARRAYS_FILE, INSIGHT_FILE, ShownImages, WinnerInsight, read_insight, save_insight
from tests.report.insights import MODEL, of_classes, of_images, of_regression


def same(first: object, second: object) -> bool:
    if isinstance(first, np.ndarray):
        assert isinstance(second, np.ndarray)
        return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    if isinstance(first, WinnerInsight | ShownImages):
        return all(same(getattr(first, each.name), getattr(second, each.name)) for each in fields(first))
    if isinstance(first, dict):
        assert isinstance(second, dict)
        return first.keys() == second.keys() and all(same(first[name], second[name]) for name in first)
    return bool(first == second)


@pytest.mark.parametrize("insight", [of_classes(("no", "yes")), of_images(), of_regression()])
def test_what_was_kept_comes_back(insight: WinnerInsight, tmp_path: Path) -> None:
    save_insight(insight, tmp_path)
    before = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    found = read_insight(tmp_path, MODEL)
    assert found is not None
    save_insight(found, tmp_path)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == before
    assert same(found, insight)
    told = json.loads((tmp_path / INSIGHT_FILE).read_text())
    assert told["classes"] == list(insight.classes)
    assert len(told["per_class"]) == len(insight.classes)


def test_the_largest_that_is_kept_is_below_two_megabytes(tmp_path: Path) -> None:
    save_insight(of_images(shape=(96, 96, 3), attention=(96, 96)), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2_000_000


def test_of_another_network_there_is_nothing(tmp_path: Path) -> None:
    assert read_insight(tmp_path, MODEL) is None
    save_insight(of_images(), tmp_path)
    assert read_insight(tmp_path, "1" * 64) is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\x00\xff", b'{"format": 1}', b'{"format": "one"}', b'{"format": []}']
)
def test_a_foreign_file_is_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / INSIGHT_FILE).write_bytes(content)
    with pytest.raises(UserError, match=r"insight\.json: not what a winner's export keeps, or damaged"):
        read_insight(tmp_path, MODEL)


def test_a_newer_version_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / INSIGHT_FILE).write_text('{"format": 2}')
    with pytest.raises(UserError, match="written by a newer version of evo-nas"):
        read_insight(tmp_path, MODEL)


def test_arrays_of_another_winner_are_a_sentence(tmp_path: Path) -> None:
    save_insight(of_images(), tmp_path)
    (tmp_path / ARRAYS_FILE).write_bytes((tmp_path / ARRAYS_FILE).read_bytes()[:-1])
    with pytest.raises(UserError, match=r"insight\.npz is not the file that it names"):
        read_insight(tmp_path, MODEL)


@pytest.mark.parametrize(
    "insight",
    [
        WinnerInsight(MODEL, "binary", ("no",), "test", 4, np.ones((2, 2), dtype=np.int64)),
        WinnerInsight(MODEL, "regression", (), "test", 4, fit=np.zeros((4, 3))),
        WinnerInsight(MODEL, "binary", ("no",), "test", 4, shown=of_images().shown),
    ],
)
def test_arrays_that_do_not_fit_together_are_a_sentence(insight: WinnerInsight, tmp_path: Path) -> None:
    named = WinnerInsight(**{**{each.name: getattr(insight, each.name) for each in fields(insight)}, "classes": ()})
    save_insight(named if insight.confusion.size else insight, tmp_path)
    with pytest.raises(UserError, match="damaged"):
        read_insight(tmp_path, MODEL)
