"""How the winner decides, as the page tells it."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from evo_nas.insight import WinnerInsight
from evo_nas.report.page import page
from evo_nas.report.page.decisions import MOST_CLASSES, decisions
from evo_nas.report.page.png import png_address, png_bytes
from evo_nas.report.page.seen_images import LARGEST_STRIP, seen_images
from tests.report.insights import MODEL, of_classes, of_images, of_regression
from tests.report.page.records import SCORE, born, record_of, scored
from tests.report.page.test_report_file import Parsed

RECORD = record_of([scored(born(0, {"rate": 0.5, "kind": "a"}), 0.7)], [SCORE])
HOSTILE = ("<img src=x onerror=alert(1)>", "\"'&\u202e", "x" * 10_000)


def parsed(insight: WinnerInsight | None) -> tuple[Parsed, str]:
    text = page(replace(RECORD, insight=insight))
    return Parsed(text), text


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_small_images_are_what_a_reader_of_png_sees(channels: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    seen = np.round(255 * imread(io.BytesIO(png_bytes(image)), format="png")).astype(np.uint8)
    assert (seen.reshape(image.shape) == image).all()
    assert base64.b64decode(png_address(image).partition(",")[2]) == png_bytes(image)


def test_few_classes_are_a_table_with_numbers() -> None:
    insight = of_classes(("no", "yes"))
    shown = decisions(insight)
    assert shown is not None
    assert shown.matrix is not None
    assert [[cell.count for cell in row] for row in shown.matrix.rows] == [
        [f"{count:,}" for count in row] for row in insight.confusion.tolist()
    ]
    assert shown.matrix.rows[0][0].kind == "right6"
    assert shown.matrix.rows[0][1].kind.startswith("wrong")
    said, _ = parsed(insight)
    assert said.says("How the winner decides")
    assert said.says(f"of 2,000 test rows right, {insight.num_mistakes:,} wrong.")


@pytest.mark.parametrize("num_classes", [13, MOST_CLASSES + 60])
def test_many_classes_are_a_drawing_of_bounded_size(num_classes: int) -> None:
    insight = of_classes(tuple(f"class {number}" for number in range(num_classes)), 5_000)
    shown = decisions(insight)
    assert shown is not None
    assert shown.matrix is not None
    assert not shown.matrix.rows
    assert len(shown.matrix.names) == min(num_classes, MOST_CLASSES)
    cells = sum(outline.count("z") for _, outline in shown.matrix.paths)
    assert cells == np.count_nonzero(insight.confusion) if num_classes == 13 else cells > MOST_CLASSES
    said, text = parsed(insight)
    assert said.says(f"of {num_classes} classes that are mistaken most") == (num_classes > MOST_CLASSES)
    assert len(text) - len(parsed(None)[1]) < 60_000


@pytest.mark.parametrize("shape", [(28, 28, 1), (96, 96, 3), (96, 20, 3), (1, 1, 1)])
def test_images_are_few_and_small_enough(shape: tuple[int, int, int]) -> None:
    insight = of_images(shape=shape, attention=(28, 28))
    shown = seen_images(insight)
    assert shown is not None
    assert [len(group.images) for group in shown.groups] == [12, 8]
    assert len(shown.strip) <= LARGEST_STRIP
    strip = imread(io.BytesIO(base64.b64decode(shown.strip.partition(",")[2])), format="png")
    assert strip.shape[:2] == (shown.height, shown.length) == (shown.height, 20 * shown.width)
    lefts = [one.left for group in shown.groups for one in group.images]
    assert lefts == [number * shown.width for number in range(20)]
    assert len(parsed(insight)[1]) - len(parsed(None)[1]) < 150_000


def test_every_image_says_what_it_is_and_loads_nothing() -> None:
    said, text = parsed(of_images())
    drawings = [attributes for tag, attributes in said.tags if tag == "svg" and "aria-hidden" not in attributes]
    assert all(attributes.get("aria-label") for attributes in drawings)
    assert sum(tag == "use" for tag, _ in said.tags) == 40
    addresses = [value for _, attributes in said.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(value is not None and value.startswith(("#", "data:")) for value in addresses)
    assert not any("style" in attributes for _, attributes in said.tags)
    assert text.count("data:image/png") == 1 + 20  # the strip, and where it looked in each image


def test_a_regression_is_dots_over_the_truth() -> None:
    said, text = parsed(of_regression())
    assert said.says("Half of the errors are below 0.")
    assert text.count("h0M") >= 400


def test_without_anything_kept_there_is_no_panel() -> None:
    said, text = parsed(None)
    assert not said.says("How the winner decides")
    assert "#decisions" not in text


def test_troubles_are_told_and_names_are_escaped() -> None:
    troubled = replace(of_classes(HOSTILE), troubles=("where it looked could not be found: <b>",))
    said, text = parsed(troubled)
    assert said.says("Where it looked could not be found: <b>.")
    assert said.says(HOSTILE[0][:20])
    assert "<img" not in text
    assert "x" * 100 not in text
    nothing, _ = parsed(WinnerInsight(MODEL, "binary", ("no", "yes"), troubles=("no rows were kept back",)))
    assert nothing.says("No rows were kept back.")
