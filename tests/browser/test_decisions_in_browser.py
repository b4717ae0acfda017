"""The panel on how the winner decides, and networks as the encoding tells them, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evo_nas.insight import WinnerInsight
from evo_nas.report.page import page
from evo_nas.reporting import read_run
from experiments.made_up_run import Size, make_run
from tests.browser.browsing import DESKTOP, PHONE, serious_violations, visit
from tests.report.insights import of_classes, of_images, of_regression

pytestmark = pytest.mark.browser

MANY = tuple(f"<b>class</b> number {number}" for number in range(30))
INSIGHTS = {"images": of_images(), "many": of_classes(MANY), "regression": of_regression()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("decided") / "run", Size(30, 10))


def written(run: Path, insight: WinnerInsight, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(page(replace(read_run(run), insight=insight)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "size", "scripts"),
    [("images", DESKTOP, True), ("images", PHONE, False), ("many", PHONE, True), ("regression", DESKTOP, True)],
)
def test_the_panel_is_there_with_and_without_a_script(
    browser: Any, run: Path, tmp_path: Path, name: str, size: tuple[int, int], scripts: bool
) -> None:
    with visit(browser, written(run, INSIGHTS[name], tmp_path), size=size, scripts=scripts) as found:
        panel = found.page.locator("#decisions")
        assert panel.is_visible()
        drawings = panel.locator("svg:not([aria-hidden])").all()
        assert all(drawing.bounding_box()["height"] > 20 for drawing in drawings)
        if name == "images":
            assert len(drawings) == 40
            assert panel.locator("table.confusion td.right6").count() >= 1
        wide = found.page.locator("body").bounding_box()["width"]
        assert wide <= size[0]
        if scripts:
            assert found.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_images_of_the_strip_are_drawn(browser: Any, run: Path, tmp_path: Path) -> None:
    """A browser that refused the strip would show nothing, and complain to nobody."""
    with visit(browser, written(run, INSIGHTS["images"], tmp_path)) as found:
        pixels = found.page.locator(".seen svg").first.screenshot()
        shown = found.evaluate(
            """async (bytes) => {
              const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
              const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
              context.drawImage(image, 0, 0);
              return new Set(context.getImageData(0, 0, image.width, image.height).data).size;
            }""",
            list(pixels),
        )
        assert shown > 50


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_violation_in_the_panel(browser: Any, run: Path, tmp_path: Path, dark: bool) -> None:
    for insight in INSIGHTS.values():
        with visit(browser, written(run, insight, tmp_path), dark=dark) as found:
            assert serious_violations(found, "#decisions") == []


def test_a_network_is_drawn_as_its_encoding_builds_it(browser: Any, run: Path, tmp_path: Path) -> None:
    record = read_run(run)
    with visit(browser, written(run, INSIGHTS["many"], tmp_path)) as found:
        drawn = found.text("#winner-network")
        rows = found.evaluate("() => report.run.networkOf(report.run.bestPlace).length")
    assert record.encoding is not None
    best = record.genomes[max(record.evaluated, key=lambda each: each.outcome.metrics.get("roc_auc", 0)).individual.id]
    table = record.encoding.layer_table(best, (30,), 1)
    assert rows == len(table)
    assert f"{table[1].parameters:,}" in drawn
    assert "30" in drawn.split()
