"""Pictures of how a winner decides: which there are, and that what they say is right and fits."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from evo_nas.insight import MISTAKES, WinnerInsight
from evo_nas.report.winner_pictures import draw_winner
from evo_nas.report.winner_pictures.image_grids import caption, sureness
from evo_nas.report.winner_pictures.shades import GLOW, overlaid, shown_classes, spread_over
from tests.report.insights import images, of_classes, of_images, of_regression

HOSTILE = "<script>alert(1)</script> $\\frac{$ \n\u202e " + "x" * 500


def test_there_is_a_picture_of_all_that_was_kept(tmp_path: Path) -> None:
    written = draw_winner(tmp_path, of_images())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    assert {path.name for path in written} == {
        "confusion.png", "confusion.svg", "predictions.png", "mistakes.png", "attention.png",
    }  # fmt: skip
    for path in written:
        assert imread(path).std() > 0.01 if path.suffix == ".png" else ElementTree.parse(path)


def test_pictures_of_an_earlier_winner_are_deleted(tmp_path: Path) -> None:
    for name in ("confusion.svg", "attention.png"):
        (tmp_path / name).write_text("of an earlier winner")
    (tmp_path / "model.keras").write_text("not a picture")
    draw_winner(tmp_path, of_regression())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit.png", "fit.svg", "model.keras"]


@pytest.mark.parametrize("num_classes", [2, 150])
def test_names_of_classes_do_not_overlap(num_classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from evo_nas.report.winner_pictures import confusion_picture

    figures = []
    monkeypatch.setattr(confusion_picture, "save", lambda figure, path: figures.append(figure))
    names = tuple(f"{HOSTILE} {number}" if number % 7 == 0 else f"class {number}" for number in range(num_classes))
    confusion_picture.draw_confusion([tmp_path / "confusion.png"], of_classes(names, 20_000))
    (figure,) = figures
    figure.draw_without_rendering()
    (axes,) = figure.axes
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert len(labels) == min(num_classes, 100)
        boxes = [label.get_window_extent() for label in labels]
        assert not any(one.overlaps(other) for one, other in pairwise(boxes))
        assert all(figure.bbox.x0 <= box.x0 and box.y1 <= figure.bbox.y1 for box in boxes)
        assert min(min(box.height, box.width) for box in boxes) >= 8  # dots, of 150 an inch
    title = axes.get_title(loc="left")
    assert title.splitlines()[0].endswith(" % of 20,000 test rows right")
    assert ("the 100 of 150 classes that are mistaken most" in title) == (num_classes == 150)


def test_of_many_classes_the_mistaken_ones_are_shown() -> None:
    confusion = np.diag(np.arange(1, 7))
    confusion[1, 4] = 3
    confusion[2, 1] = 1
    assert list(shown_classes(confusion, 3)) == [1, 2, 4]
    assert list(shown_classes(confusion, 6)) == list(range(6))


def test_captions_say_what_it_says_how_surely_and_what_it_is() -> None:
    insight = of_images()
    group = replace(insight.shown[MISTAKES], truth=np.ones(16, int), predicted=np.r_[1, np.zeros(15, int)])
    assert caption(insight, group, 0) == (f"dog {sureness(group.probability[0])}", "")
    assert caption(insight, group, 1) == (f"cat {sureness(group.probability[1])}", "is dog")
    assert [sureness(value) for value in (0.5, 0.994, 0.9951, 1.0)] == ["50 %", "99 %", ">99 %", ">99 %"]
    numbers = replace(group, truth=np.full(16, 3.25), predicted=np.full(16, 1e6))
    assert caption(WinnerInsight("", "regression", ()), numbers, 0) == ("says 1e+06", "is 3.25")


def test_what_was_looked_at_glows_and_nothing_else() -> None:
    image = np.full((8, 8, 3), 100, dtype=np.uint8)
    attention = np.zeros((2, 2), dtype=np.float16)
    attention[0, 1] = 1.0
    glowing = overlaid(image, attention)
    assert list(glowing[7, 0]) == [100, 100, 100]
    assert np.abs(glowing[0, 7].astype(int) - GLOW).max() < np.abs(image[0, 7].astype(int) - GLOW).max()
    assert glowing[0, 7, 0] > glowing[0, 4, 0] > glowing[0, 0, 0] == 100


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (28, 28), (5, 1)])
def test_a_map_is_spread_over_its_image(shape: tuple[int, int]) -> None:
    attention = images(0, (4, 4, 1), shape).attention[0]
    whole = spread_over(attention, 28, 28)
    assert whole.shape == (28, 28)
    assert whole.min() >= attention.min() - 1e-9
    assert whole.max() <= attention.max() + 1e-9
    if shape == (28, 28):
        assert whole == pytest.approx(attention.astype(float))
